"""Why somebody is in or out, asked by mouse and by keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from segments.models import Segment
from tests.browser import shop
from tests.browser.hands import Hand
from tests.segments.factories import SegmentFactory

BOUGHT = {"event": "orders", "operator": "at_least", "value": 1}
NOBODY = {"attribute": "customer_360.household_income", "operator": "is", "value": "None such"}


@pytest.fixture
def segment(warehouse) -> Segment:
    tables = shop.tables()
    for row in tables["merged_customers"][:3]:
        row["email"] = "family@example.com"
    warehouse(tables)
    return SegmentFactory(name="Regulars", rule={"all": [BOUGHT, NOBODY]}, draft={"all": [NOBODY]})


def explain(page: Page, hand: Hand, typed: str) -> None:
    hand.write(page.get_by_label("Customer id, email or phone"), typed)
    hand.press(page.get_by_role("button", name="Explain"))


def test_an_email_is_explained_with_the_focus_on_the_first_failing_line(
    at_work, live_muster, segment, complaints, hand
):
    page = at_work
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_muster.url}/segments/{segment.pk}/")
    explain(page, hand, "customer7@example.com")
    expect(page.get_by_text("c007 is out: fails 1 of 2.")).to_be_visible()
    failing = page.get_by_role("listitem").filter(has_text="Household income is None such")
    expect(failing).to_be_focused()
    expect(failing).to_contain_text("this customer: no value")
    explain(page, hand, "family@example.com")
    several = page.get_by_role("group", name="3 customers have this email or phone")
    expect(several.get_by_role("button").first).to_be_focused()
    hand.press(several.get_by_role("button", name="c002"))
    expect(page.get_by_text("c002 is out: fails 1 of 2.")).to_be_visible()
    expect(failing).to_be_focused()
    explain(page, hand, "who@example.com")
    expect(page.get_by_text("Nobody with that id, email or phone in the data of")).to_be_visible()
    shown = [*asked, page.url]
    assert not [url for url in shown if re.search("family|customer7|who@|%40", url)]
    assert not complaints


def test_in_the_editor_the_draft_is_explained_and_the_focus_comes_back(
    at_work, live_muster, segment, complaints, hand
):
    page = at_work
    page.goto(f"{live_muster.url}/segments/{segment.pk}/edit/")
    opener = page.get_by_role("button", name="Why in or out?")
    hand.press(opener)
    dialog = page.get_by_role("dialog", name="Why is somebody in or out?")
    expect(dialog.get_by_label("Customer id, email or phone")).to_be_focused()
    explain(page, hand, "family@example.com")
    hand.press(dialog.get_by_role("group").get_by_role("button").first)
    expect(dialog.get_by_text("is out: fails 1 of 1.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    assert not complaints
