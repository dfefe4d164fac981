"""The publish dialog, the history and two people, as a browser asks them."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from campaigns.models import Campaign, Status
from segments.models import Segment
from segments.numbers import effects, tracking
from segments.numbers.counting import context
from segments.wording.difference import steps
from tests.fixtures.people import logged_in
from tests.segments.factories import SegmentFactory, SegmentVersionFactory

HTMX = {"HX-Request": "true"}


def tier(*values, operator="is_in"):
    return {"attribute": "customer_360.tier", "operator": operator, "value": list(values)}


def spent(value):
    return {"attribute": "customer_360.spent", "operator": "at_least", "value": value}


GOLD = {"all": [tier("Gold"), spent(10)]}
BOTH = {"all": [tier("Gold", "Silver"), spent(30), {"none": [tier("Bronze")]}]}


@pytest.fixture(autouse=True)
def shop(warehouse):
    tiers = ["Gold", "Silver", "Bronze"]
    return warehouse(
        {
            "customer_360": [
                {"customer_id": f"c{n:02}", "tier": tiers[n % 3], "spent": n * 5} for n in range(12)
            ]
        }
    )


@pytest.fixture
def segment() -> Segment:
    """Published twice; its draft differs again."""
    segment = SegmentFactory(name="Golden", rule=GOLD, draft=BOTH, version=2)
    SegmentVersionFactory(segment=segment, number=1, rule={"all": [tier("Gold")]})
    SegmentVersionFactory(segment=segment, number=2, rule=GOLD)
    return segment


def url(name, *args):
    return reverse(f"segments:{name}", args=args)


def text(answer):
    """As it reads: without markup, blanks folded."""
    return " ".join(re.sub(r"<[^>]+>", "", answer.text).split())


def test_the_steps_of_a_difference_add_up():
    told = effects.effect(GOLD, BOTH, steps(GOLD, BOTH), context())
    # Gold from 10 on: c03 c06 c09; Gold and Silver from 30 on: c06 c07 c09 c10
    assert (told.before, told.after, told.joined, told.left) == (3, 4, 2, 1)
    assert len(told.steps) == 3
    assert told.before + sum(told.steps) == told.after


def test_the_dialog_says_what_changes_for_whom_and_when(marketer_client, segment):
    campaign = Campaign.objects.create(name="Autumn", status=Status.SCHEDULED)
    campaign.include.add(segment)
    outer = SegmentFactory(name="Outer", rule={"all": [{"segment": "Golden"}]})
    through = Campaign.objects.create(name="Winter")
    through.exclude.add(outer)
    said = text(marketer_client.get(url("publish", segment.pk), headers=HTMX))
    assert "Have tier Gold →becomes Gold or Silver" in said
    assert "Have spent at least 10 →becomes 30" in said
    assert "Now left out: have tier Bronze" in said
    assert "Autumn: no run is planned" in said
    assert "Winter: no run is planned" in said
    assert "Segment Outer" in said
    figures = marketer_client.get(url("publish_figures", segment.pk), headers=HTMX)
    assert "Join+2Leave-1Then4 (+3)(-2)(0)" in text(figures)
    assert re.search(r'id="step-1"[^>]*>\([+-]?\d', figures.text)


def test_a_first_version_is_activated_for_its_customers(marketer_client):
    segment = SegmentFactory(name="Golden", rule=None, draft=GOLD)
    said = text(marketer_client.get(url("publish", segment.pk), headers=HTMX))
    assert "Activate Golden?" in said
    assert "Nothing is sent." in said
    figures = text(marketer_client.get(url("publish_figures", segment.pk), headers=HTMX))
    assert "3 customers match" in figures


def test_what_is_not_ready_has_no_button(marketer_client):
    segment = SegmentFactory(name="", rule=None, draft={"all": []})
    said = marketer_client.get(url("publish", segment.pk), headers=HTMX).text
    assert "Give the segment a name." in said
    assert "publish-now" not in said


def test_a_draft_edited_behind_the_dialog_is_asked_again(marketer_client, segment):
    Segment.objects.update(revision=4)
    answer = marketer_client.post(url("publish", segment.pk), {"base": 3}, headers=HTMX)
    assert answer.status_code == 409
    assert "It was edited while you read" in answer.text
    segment.refresh_from_db()
    assert segment.version == 2


def test_the_history_says_who_changed_what(viewer_client, segment, marketer):
    segment.versions.filter(number=2).update(author=marketer)
    page = viewer_client.get(url("history", segment.pk))
    said = text(page)
    assert "Version 2" in said
    assert re.search(r"Ana, .*Added: have spent at least 10", said)
    assert "The first version." in said
    assert url("restore_version", segment.pk, 1) not in page.text  # a viewer looks
    figures = text(viewer_client.get(url("version_figures", segment.pk, 2), headers=HTMX))
    assert "3 customers; 0 joined and 1 left by it." in figures


def test_a_long_history_has_pages(marketer_client, segment, django_assert_max_num_queries):
    for number in range(3, 30):
        SegmentVersionFactory(segment=segment, number=number, rule={"all": [spent(number)]})
    with django_assert_max_num_queries(12):
        page = marketer_client.get(url("history", segment.pk)).text
    assert "Version 29" in page
    assert "?before=10" in page
    older = marketer_client.get(url("history", segment.pk), {"before": 10})
    assert "Version 9" in older.text
    assert "The first version." in older.text


def test_two_versions_are_compared(marketer_client, segment):
    page = marketer_client.get(url("diff", segment.pk), {"from": 1, "to": 2})
    assert "Added: have spent at least 10" in text(page)
    figures = marketer_client.get(
        url("diff_figures", segment.pk), {"from": 1, "to": 2}, headers=HTMX
    )
    assert "3 customers" in figures.text
    assert marketer_client.get(url("diff", segment.pk), {"from": 1, "to": 9}).status_code == 404


def test_a_version_that_no_longer_fits_the_data_is_shown_all_the_same(marketer_client, segment):
    gone = {"all": [{"attribute": "customer_360.gone", "operator": "is", "value": "x"}]}
    segment.versions.filter(number=1).update(rule=gone)
    assert marketer_client.get(url("version", segment.pk, 1)).status_code == 200
    assert marketer_client.get(url("history", segment.pk)).status_code == 200
    figures = marketer_client.get(url("version_figures", segment.pk, 1), headers=HTMX).text
    assert "cannot be counted any more" in figures


def test_restoring_makes_a_draft(marketer_client, segment):
    answer = marketer_client.post(url("restore_version", segment.pk, 1), headers=HTMX)
    assert answer.headers["HX-Redirect"] == url("edit", segment.pk)
    page = marketer_client.get(url("edit", segment.pk)).text
    assert "Version 1 is back as the draft" in page
    assert 'id="undo" aria-label="Undo"' in page
    segment.refresh_from_db()
    assert segment.rule == GOLD


def test_the_same_line_is_asked_and_the_answer_stays(marketer_client, admin, segment):
    def edit(client, **fields):
        return client.post(url("ops", segment.pk), fields, headers=HTMX)

    edit(logged_in(admin), op="value", node="n-1", value="40", base=0)
    asked = edit(marketer_client, op="value", node="n-1", value="50", base=0)
    assert asked.status_code == 409
    assert "Bo has changed the same line meanwhile." in asked.text
    assert re.search("Stored now.*at least 40.*Yours.*at least 50", asked.text, re.DOTALL)
    answer = edit(marketer_client, op="value", node="n-1", value="50", base=0, insists="1")
    assert answer.status_code == 200
    assert "Bo is editing too" in text(answer)
    segment.refresh_from_db()
    assert segment.draft["all"][1]["value"] == 50


def test_the_history_tells_how_many_joined_and_left_since_a_count(marketer_client, segment, shop):
    asked = url("joined_left", segment.pk)
    assert "from the second count on" in text(marketer_client.get(asked, headers=HTMX))
    days = []
    for day, rule in enumerate((spent(10), spent(30), spent(25))):
        Segment.objects.update(rule=rule)
        with time_machine.travel(datetime(2026, 3, 2 + day, 12, tzinfo=UTC), tick=False):
            days.append(tracking.count(segment.pk))
    told = text(marketer_client.get(asked, headers=HTMX))
    assert "0 joined, 3 left in 2 days" in told
    assert "7 customers" in told
    summary = marketer_client.get(url("detail", segment.pk)).text
    brief = re.search(r'id="joined-left"[^>]*hx-get="([^"]+)"', summary)[1]
    told = text(marketer_client.get(brief, headers=HTMX))
    assert "0 joined, 3 left in 2 days" in told
    assert "Since the count" not in told
    told = text(marketer_client.get(f"{asked}?since={days[1].pk}", headers=HTMX))
    assert "1 joined, 0 left in 1 day" in told
    tracking.members_file(segment, days[1]).unlink()
    told = text(marketer_client.get(f"{asked}?since={days[1].pk}", headers=HTMX))
    assert "no longer kept" in told
    assert marketer_client.get(asked).url == url("history", segment.pk)
