"""Nothing that a marketer does to a draft is lost: undone, merged, kept offline, published."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from campaigns.models import Status
from segments.models import Segment
from tests.browser import shop
from tests.browser.hands import Keys
from tests.campaigns.factories import CampaignFactory
from tests.fixtures.people import PASSWORD
from tests.segments.factories import SegmentFactory

INCOME = {"attribute": "customer_360.household_income", "operator": "is_in", "value": ["50-74K"]}
BOUGHT = {"event": "orders", "operator": "at_least", "value": 5}

LISTEN = """() => {
  const [page, region] = [document.documentElement, document.getElementById("say")];
  const hear = () => (page.dataset.heard = `${page.dataset.heard ?? ""} ${region.textContent}`);
  new MutationObserver(hear).observe(region, {childList: true});
}"""


@pytest.fixture
def segment(warehouse) -> Segment:
    warehouse(shop.tables())
    return SegmentFactory(name="Regulars", rule={"all": [INCOME, BOUGHT]})


@pytest.fixture
def editor(at_work, live_muster, segment) -> Page:
    return opened(at_work, live_muster, segment)


def opened(page: Page, live_muster, segment: Segment) -> Page:
    page.goto(f"{live_muster.url}/segments/{segment.pk}/edit/")
    return page


def saved(page: Page, act) -> None:
    with page.expect_response(re.compile("/ops/")):
        act()


def test_an_edit_is_undone_redone_and_published(editor, segment, hand):
    campaign = CampaignFactory(
        name="Autumn",
        status=Status.SCHEDULED,
        delivery={"every": "day", "at": "09:00"},
        next_due_at=datetime(2031, 11, 25, 9, tzinfo=UTC),
    )
    campaign.include.add(segment)
    page, times = editor, editor.get_by_label("Times")
    saved(page, lambda: hand.write(times, "6"))
    handle = page.get_by_role("button", name="Move Orders", exact=True)
    Keys().reach(handle)
    page.evaluate(LISTEN)
    page.keyboard.press("Control+z")
    expect(times).to_have_value("5")
    expect(page.locator("html")).to_have_attribute("data-heard", re.compile("Undone[.]"))
    expect(handle).to_be_focused()
    page.reload()
    hand.press(page.get_by_role("button", name="Redo"))
    expect(times).to_have_value("6")
    publish = page.get_by_role("button", name=re.compile("Publish changes for [0-9]+ customers"))
    hand.press(publish)
    dialog = page.get_by_role("dialog", name="Publish changes of Regulars?")
    expect(dialog).to_contain_text(re.compile("at least *5.*6 times"))
    expect(dialog).to_contain_text("Autumn: next run 25 Nov 2031 09:00")
    for word in ("Join", "Leave"):
        expect(dialog.get_by_text(word, exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(publish).to_be_focused()
    hand.press(publish)
    hand.press(dialog.get_by_role("button", name=re.compile("Publish for [0-9]+ customers")))
    page.wait_for_url(re.compile(r"/segments/\d+/$"))


def test_in_two_windows_different_lines_both_stay_and_the_same_line_asks(
    editor, live_muster, segment, complaints, hand
):
    page, other = editor, opened(editor.context.new_page(), live_muster, segment)
    saved(other, lambda: hand.write(other.get_by_label("Name", exact=True), "Faithful"))
    times, others = page.get_by_label("Times"), other.get_by_label("Times")
    saved(page, lambda: hand.write(times, "7"))
    expect(page.get_by_label("Name", exact=True)).to_have_value("Faithful")
    saved(other, lambda: hand.write(others, "8"))
    expect(other.get_by_text("You have changed the same line meanwhile.")).to_be_visible()
    hand.press(other.get_by_role("button", name="Use hers"))
    expect(others).to_have_value("7")
    expect(other.get_by_role("alert").filter(has_text="meanwhile")).to_have_count(0)
    saved(other, lambda: hand.write(others, "9"))
    saved(page, lambda: hand.write(times, "6"))
    hand.press(page.get_by_role("button", name="Use mine"))
    expect(times).to_have_value("6")
    expect(page.locator("#saved")).to_contain_text("Saved")
    assert not [each for each in complaints if "409" not in each]


def test_offline_what_is_typed_is_kept_in_order_and_saved_when_back(editor, segment, hand):
    page = editor
    expect(page.locator("#n-button")).to_contain_text(re.compile("[0-9]"))
    page.context.set_offline(True)
    hand.write(page.get_by_label("Times"), "3")
    expect(page.get_by_role("alert")).to_contain_text("You are offline. What you type is kept")
    hand.write(page.get_by_label("Name", exact=True), "Offline regulars")
    hand.press(page.get_by_role("button", name="Row menu of Household income"))
    hand.press(page.get_by_role("button", name="Switch off"))
    expect(page.locator("#saved")).to_have_text("Not saved yet")
    page.context.set_offline(False)
    expect(page.locator("#saved")).to_contain_text("Saved")
    expect(page.get_by_role("heading", level=1)).to_have_text("Offline regulars")
    expect(page.locator("html")).not_to_have_attribute("data-unsaved", re.compile("."))
    segment.refresh_from_db()
    income, bought = segment.draft["all"]
    assert (segment.name, income["off"], bought["value"]) == ("Offline regulars", True, 3)
    assert segment.revision == 3


def test_when_the_session_has_ended_the_log_in_comes_to_the_page(editor, segment, marketer, hand):
    page = editor
    expect(page.locator("#worth")).to_contain_text(re.compile("[0-9]"))
    page.context.clear_cookies(name="sessionid")
    hand.write(page.get_by_label("Times"), "3")
    dialog = page.get_by_role("dialog", name="Log in again")
    hand.write(dialog.get_by_role("textbox", name="Email"), marketer.email)
    hand.write(dialog.get_by_label("Password", exact=True), PASSWORD)
    hand.press(dialog.get_by_role("button", name="Log in"))
    expect(dialog).to_have_count(0)
    expect(page.locator("#saved")).to_contain_text("Saved")
    expect(page.locator("html")).not_to_have_attribute("data-unsaved", re.compile("."))
    segment.refresh_from_db()
    assert segment.draft["all"][1]["value"] == 3


def test_what_keeps_a_draft_from_being_active_leads_to_where_it_is_mended(
    at_work, live_muster, segment, hand
):
    Segment.objects.filter(pk=segment.pk).update(name="", rule=None, draft={"all": [INCOME]})
    page = opened(at_work, live_muster, segment)
    hand.press(page.get_by_role("button", name="Activate"))
    dialog = page.get_by_role("dialog", name="Not ready yet")
    hand.press(dialog.get_by_role("button", name="Name it"))
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_be_focused()
