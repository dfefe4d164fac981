"""Names and values that try to be something else are shown as what was typed, on every page."""

from __future__ import annotations

import csv
import io
import logging
from html.parser import HTMLParser

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from campaigns.models import AttributeMapping, Campaign, SubAudience, TreatmentGroup
from destinations.models import DefaultAttributes
from runs.launch import launch
from runs.models import Panel, Panelist
from segments.lists import store
from segments.models import Segment
from tests.runs.brand import tables
from tests.runs.world import World, destination

HTMX = {"HX-Request": "true"}
EVIL = "</script><script>alert(1)</script>'\"{{77*911}}{%now 'Y'%}&lt;<img src=x onerror=alert(2)>"
NAMES = {
    "markup": EVIL[:95],
    "quotes": '"\' onmouseover="alert(3)" x=\'`\\',
    "json": '"}],"x":["${alert(4)}',
    "right to left": "\u202e\u05d0\u05d1\u05d2 \u200f\U0001f600\U0001f468\u200d\U0001f469",
    "formula": '=HYPERLINK("http://elsewhere.example")',
}


OURS = ("/static/", "/admin/jsi18n/")


class Shape(HTMLParser):
    """The elements and attributes' names of a page; what a browser would run or load."""

    def __init__(self, text: str):
        super().__init__()
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self.images: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script":
            self.scripts.append(given.get("src") or "inline")
        if tag == "img":
            self.images.append(given.get("src") or "")
        self.handlers += [name for name in given if name.startswith("on")]


@pytest.fixture(params=NAMES.values(), ids=list(NAMES))
def name(request) -> str:
    return request.param


@pytest.fixture
def stage(transactional_db, attentive, warehouse, admin, name) -> dict[str, int]:
    """A brand in which everything that can be named has this name; one run of it has ended."""
    people = tables(12)
    for row in people["customer_360"]:
        row[name] = row["tier"] = name
    warehouse(people)
    world = World(destination(attentive.url, attentive.token), clock=timezone.now())
    world.destination.name = world.destination.segment_name = name.replace("{", "").replace("}", "")
    world.destination.save()
    DefaultAttributes.objects.create(
        destination=world.destination, identifier="phone", phone="merged_customers.phone"
    )
    admin.first_name = admin.last_name = name[:90]
    admin.save()
    store(name, ["c001"], admin)
    rule = {"attribute": f"customer_360.{name}", "operator": "is_in", "value": [name]}
    named = {"attribute": "customer_360.tier", "operator": "is", "value": name}
    segment = Segment.objects.create(
        name=name, description=name, folder=name, labels=[name], rule=named, version=1,
        created_by=admin, edited_by=admin, draft={"all": [rule, named, {"segment": name}]},
    )  # fmt: skip
    campaign = Campaign.objects.create(
        name=name,
        folder=name,
        labels=[name],
        delivery={"when": "now"},
        owner=admin,
        edited_by=admin,
    )
    campaign.include.add(segment)
    part = SubAudience.objects.create(campaign=campaign, name=name, rule=named)
    SubAudience.objects.create(campaign=campaign, remaining=True, position=1)
    group = TreatmentGroup.objects.create(sub_audience=part, name=name, split=100)
    group.destinations.add(world.destination)
    AttributeMapping.objects.create(
        campaign=campaign, destination=world.destination, identifier="phone",
        phone="merged_customers.phone", only_where=named,
    )  # fmt: skip
    run = world.finish(launch(campaign, admin, tools=world.tools))
    panel = Panel.objects.create(name=name)
    person = Panelist.objects.create(panel=panel, name=name, contact={"email": "a@b.example"})
    return {
        "panel": panel.pk,
        "person": person.pk,
        "segment": segment.pk,
        "campaign": campaign.pk,
        "run": run.pk,
        "destination": world.destination.pk,
    }


def pages(stage: dict[str, int], name: str) -> list[tuple[str, dict[str, str]]]:
    """Every page, fragment and answer in JSON that names something."""
    of = {
        "segments:detail": ["segment"],
        "segments:edit": ["segment"],
        "segments:figures": ["segment"],
        "segments:draft_figures": ["segment"],
        "campaigns:detail": ["campaign"],
        "campaigns:edit": ["campaign"],
        "campaigns:figures": ["campaign"],
        "campaigns:attributes": ["campaign", "destination"],
        "campaigns:attributes_figures": ["campaign", "destination"],
        "campaigns:followers": ["destination"],
        "destinations:edit_defaults": ["destination"],
        "runs:of_campaign": ["campaign"],
        "runs:launch": ["campaign"],
        "runs:test": ["campaign"],
        "runs:test_told": ["campaign"],
        "runs:panel": ["panel"],
        "runs:edit_panelist": ["panel", "person"],
        "runs:detail": ["run"],
        "runs:live": ["run"],
        "admin:destinations_destination_change": ["destination"],
    }
    alone = [
        "segments:list", "segments:new", "campaigns:list", "campaigns:new", "destinations:list",
        "destinations:default_attributes", "runs:activity", "runs:panels", "segments:choices",
        "admin:index", "admin:warehouse_table_changelist", "admin:accounts_user_changelist",
        "admin:destinations_destination_changelist",
    ]  # fmt: skip
    found = [(reverse(each, args=[stage[key] for key in keys]), {}) for each, keys in of.items()]
    found += [(reverse(each), {"q": name} if each.endswith("list") else {}) for each in alone]
    found += [
        (reverse("segments:counts"), {"ids": str(stage["segment"])}),
        (reverse("segments:values"), {"column": "customer_360.tier", "q": name}),
        (reverse("segments:choices"), {"kind": "columns", "event": name}),
        (reverse("destinations:shares"), {"identifier": "phone", "source": f"customer_360.{name}"}),
        (reverse("login"), {"next": name}),
    ]
    return found


def test_names_are_text_on_every_page(admin_client_, stage, name):
    seen = 0
    for url, query in pages(stage, name):
        for headers in ({}, HTMX):
            response = admin_client_.get(url, query, headers=headers)
            assert response.status_code in {200, 204, 302, 404}, url
            if not response.get("Content-Type", "").startswith("text/html"):
                continue
            text = response.content.decode()
            shape = Shape(text)
            assert [each for each in shape.scripts if not each.startswith(OURS)] == [], url
            assert shape.handlers == [], url
            assert "x" not in shape.images, url
            assert "70147" not in text, url
            seen += str(escape(name[:12])) in text
    assert seen > 5


def test_json_answers_are_json(admin_client_, stage, name):
    url = reverse("segments:values")
    response = admin_client_.get(url, {"column": "customer_360.tier"})
    assert response["Content-Type"] == "application/json"
    assert name in [each["value"] for each in response.json()["options"]]


def test_a_spreadsheet_finds_no_formula(admin_client_, stage, name):
    response = admin_client_.post(
        reverse("runs:recipients", args=[stage["run"]]), {"reason": "A look at the file"}
    )
    assert response["Content-Disposition"].isascii()
    text = b"".join(response.streaming_content).decode()
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert any(name in cell for cell in cells)
    assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")] == []


def test_the_log_gets_no_lines_of_its_own(admin_client_, stage, caplog, db):
    with caplog.at_level(logging.DEBUG):
        admin_client_.get("/segments/\n2026 ERROR made up/")
    assert not any("\n2026 ERROR made up" in record.getMessage() for record in caplog.records)
