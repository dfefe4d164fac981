"""Why somebody is in or out, asked by keyboard."""

import pytest
from playwright.sync_api import Page, expect

from segments.models import Segment
from tests.browser import shop
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


def explain(page: Page, typed: str) -> None:
    field = page.get_by_label("Customer id, email or phone")
    field.fill(typed)
    field.press("Enter")


def test_an_email_is_explained_with_the_focus_on_the_first_failing_line(
    at_work, live_muster, segment, complaints
):
    page = at_work
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_muster.url}/segments/{segment.pk}/why/")
    explain(page, "family@example.com")
    several = page.get_by_role("group", name="3 customers have this email or phone")
    first = several.get_by_role("button").first
    expect(first).to_be_focused()
    customer = first.inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{customer} is out: fails 1 of 2.")).to_be_visible()
    failing = page.get_by_role("listitem").filter(has_text="Household income is None such")
    expect(failing).to_be_focused()
    explain(page, "who@example.com")
    expect(page.get_by_text("Nobody with that id, email or phone in the data of")).to_be_visible()
    assert not [url for url in asked if "family" in url or "who@" in url or "%40" in url]
    assert not complaints


def test_in_the_editor_the_draft_is_explained_and_the_focus_comes_back(
    at_work, live_muster, segment, complaints
):
    page = at_work
    page.goto(f"{live_muster.url}/segments/{segment.pk}/edit/")
    opener = page.get_by_role("button", name="Why in or out?")
    opener.press("Enter")
    dialog = page.get_by_role("dialog", name="Why is somebody in or out?")
    expect(dialog.get_by_label("Customer id, email or phone")).to_be_focused()
    explain(page, "family@example.com")
    dialog.get_by_role("group").get_by_role("button").first.press("Enter")
    expect(dialog.get_by_text("is out: fails 1 of 1.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    assert not complaints
