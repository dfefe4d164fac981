"""Why somebody got it or not: from the frozen audience of a run."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from runs.launch import launch
from runs.models import Run
from tests.runs import brand
from tests.runs.world import World, destination, phone

HTMX = {"HX-Request": "true"}


@pytest.fixture
def run(transactional_db, attentive, warehouse):
    warehouse(brand.tables(40))
    world = World(destination(attentive.url, attentive.token), clock=timezone.now())
    return world.finish(launch(brand.campaign(world.destination), tools=world.tools))


def asked(client, run: Run, who: str, status: int = 200, **more: str) -> str:
    url = reverse("runs:why", args=[run.pk])
    answer = client.post(url, {"who": who, **more}, headers=HTMX)
    assert answer.status_code == status
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_every_way_through_a_run_is_told(viewer_client, run, attentive, warehouse):
    held = set()
    on_lists = set().union(*(attentive.members(each) for each in attentive.segments()))
    for n in [*range(5, 30), *range(32, 40)]:
        told = asked(viewer_client, run, f"c{n:03}")
        if phone(n) in on_lists:
            assert "is on a list of this run" in told, n
            assert "Outcome On the list at Attentive" in told
            assert phone(n) not in told  # masked
        else:
            assert "got nothing by this run" in told, n
        held |= {n} if "Held out: nothing is sent" in told else set()
    one, other = (asked(viewer_client, run, who) for who in ("c030", "c031"))
    assert "Another customer with the same phone gets it" in one + other
    assert held
    assert all(n % 3 == 0 and phone(n) not in on_lists for n in held)
    assert "c002 is left out by Staff." in asked(viewer_client, run, "c002")
    assert "No phone on file" in asked(viewer_client, run, "c008@home.example")
    assert "The phone is not valid" in asked(viewer_client, run, "c019")
    assert "Sub-audience Remaining audience members Group Everyone else" in asked(
        viewer_client, run, "c007"
    )
    several = asked(viewer_client, run, phone(31))
    assert "2 customers have this email or phone" in several
    assert "Nobody with that id" in asked(viewer_client, run, "who@example.com")
    assert "Type a customer id" in asked(viewer_client, run, " ", status=422)
    warehouse({"customer_360": [{"customer_id": "new", "tier": "Gold"}]})  # another day's data
    assert "c007 is on a list" in asked(viewer_client, run, "c007")
    assert "in none of the included segments" in asked(viewer_client, run, "new")


def test_a_run_that_is_not_built_says_so_and_its_page_leads_there_once_it_is(viewer_client, run):
    page = reverse("runs:detail", args=[run.pk])
    assert reverse("runs:why", args=[run.pk]) in viewer_client.get(page).text
    Run.objects.update(members="", snapshot="")
    assert reverse("runs:why", args=[run.pk]) not in viewer_client.get(page).text
    assert "no audience yet" in asked(viewer_client, run, "c007")
