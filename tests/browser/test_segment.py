"""The segment editor under a marketer's hands."""

import re

import pytest
from playwright.sync_api import Page, expect

from segments.models import Segment
from tests.browser import shop
from tests.segments.factories import SegmentFactory

INCOME = {"attribute": "customer_360.household_income", "operator": "is_in", "value": ["50-74K"]}
BOUGHT = {"event": "orders", "operator": "at_least", "value": 5}


@pytest.fixture
def segment(warehouse) -> Segment:
    warehouse(shop.tables())
    return SegmentFactory(name="Regulars", rule=None, draft={"all": [INCOME, BOUGHT]})


def edited(page: Page, live_muster, segment: Segment) -> Page:
    page.goto(f"{live_muster.url}/segments/{segment.pk}/edit/")
    return page


def number(text: str) -> int:
    return int(re.sub(r"[^\d-]", "", text.replace("\N{MINUS SIGN}", "-")))


def test_dropping_a_line_changes_the_total_by_the_number_shown(
    at_work, live_muster, segment, complaints
):
    page = edited(at_work, live_muster, segment)
    total, cost = page.locator("#n-button"), page.locator("#drop-n-0")
    expect(cost).to_contain_text(re.compile(r"\d"))
    before, change = number(total.inner_text()), number(cost.inner_text())
    assert change > 0
    page.get_by_role("button", name="Drop it").first.click()
    expect(total).to_have_text(f"{before + change} customers")
    page.get_by_role("button", name="Put it back").click()
    expect(total).to_have_text(f"{before} customers")
    assert not complaints


def test_a_list_opened_again_offers_everything(at_work, live_muster, segment):
    page = edited(at_work, live_muster, segment)
    criterion = page.get_by_role("combobox", name="Criterion", exact=True)
    criterion.click()
    page.keyboard.type("in a segment")
    page.get_by_role("option", name="In a segment").click()
    expect(page.get_by_role("combobox", name="Segment", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    criterion.click()
    expect(page.get_by_role("option", name="Household income")).to_be_visible()


def test_by_keyboard_a_line_moves_into_a_group_and_keeps_the_focus(at_work, live_muster, segment):
    page = edited(at_work, live_muster, segment)
    handle = page.get_by_role("button", name="Move Orders", exact=True)
    handle.focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("article.line").first).to_have_attribute("aria-label", "Orders")
    expect(page.get_by_role("button", name="Move Orders", exact=True)).to_be_focused()
    menu = page.get_by_role("button", name="Row menu of Orders")
    menu.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Wrap in a group").press("Enter")
    expect(page.locator(".group.nested article.line")).to_have_attribute("aria-label", "Orders")
    segment.refresh_from_db()
    assert [list(each)[-1] for each in segment.draft["all"]] == ["any", "id"]


def test_an_edit_that_came_second_is_told_and_the_page_shows_what_is_stored(
    at_work, live_muster, segment
):
    page = edited(at_work, live_muster, segment)
    other = edited(page.context.new_page(), live_muster, segment)
    with other.expect_response(re.compile("/ops/")):
        other.get_by_label("Name", exact=True).fill("Faithful")
    times = page.get_by_label("Times")
    times.fill("7")
    expect(page.get_by_text("has changed this segment meanwhile")).to_be_visible()
    expect(times).to_have_value("5")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Faithful")
