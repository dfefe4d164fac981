"""Before a launch one sees what it will do to lists that are there; then exactly that happens."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from runs.launch import launch
from runs.models import Delivery
from tests.runs import brand
from tests.runs.world import World, destination

HTMX = {"HX-Request": "true"}


@pytest.fixture
def world(transactional_db, attentive, warehouse):
    warehouse(brand.tables())
    return World(destination(attentive.url, attentive.token), clock=timezone.now())


@pytest.fixture
def campaign(world):
    return brand.campaign(world.destination)


def shown(client, campaign):
    """What the page says: for each list its name and who is kept, added and removed."""
    page = client.get(reverse("runs:moves", args=[campaign.pk]), headers=HTMX).text
    rows = re.findall(r"<tr>(<th scope=\"row\".*?)</tr>", page, re.DOTALL)
    cells = [
        [re.sub(r"<[^>]+>", " ", cell).strip() for cell in re.split("</t[hd]>", row)]
        for row in rows
    ]
    return page, {name.split("  ")[0]: tuple(map(int, rest[:3])) for name, *rest in cells}


def test_nothing_is_compared_before_there_is_a_list(viewer_client, campaign):
    assert shown(viewer_client, campaign)[1] == {}


def test_a_run_does_to_its_lists_what_was_shown_before(marketer_client, world, campaign, warehouse):
    world.settle(launch(campaign, tools=world.tools))
    changed = brand.tables(130)
    changed["customer_360"][6]["tier"] = "Silver"
    changed["merged_customers"] = changed["merged_customers"][:100] + [
        row | {"phone": None} if n < 5 else row
        for n, row in enumerate(changed["merged_customers"][100:])
    ]
    warehouse(changed)
    _, before = shown(marketer_client, campaign)
    assert any(added for _, added, _ in before.values())
    assert any(removed for _, _, removed in before.values())
    run = world.finish(launch(campaign, tools=world.tools))
    after = {
        each.segment_name: (each.kept, each.added, each.removed)
        for each in Delivery.objects.filter(run=run)
    }
    assert before == after


def test_a_list_that_no_group_fills_any_more_and_a_new_name_are_told(
    marketer_client, world, campaign
):
    world.settle(launch(campaign, tools=world.tools))
    campaign.sub_audiences.get(name="Gold").delete()
    remaining = campaign.sub_audiences.get().groups.get()
    remaining.name = "Everyone text"
    remaining.save()
    page, lists = shown(marketer_client, campaign)
    assert "Renamed, was" in page
    assert "no group fills it any more" in page
    assert list(lists.values()) != [(0, 0, 0)]


def test_many_removals_are_announced(marketer_client, world, campaign, warehouse):
    warehouse(brand.tables(400))
    world.settle(launch(campaign, tools=world.tools))
    warehouse(brand.tables(40))
    page, _ = shown(marketer_client, campaign)
    assert "Muster asks before it does" in page


def test_another_campaigns_lists_are_not_shown(marketer_client, world, campaign):
    world.settle(launch(campaign, tools=world.tools))
    other = brand.campaign(world.destination, "Winter tea")
    assert shown(marketer_client, other)[1] == {}
