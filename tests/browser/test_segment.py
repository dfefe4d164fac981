"""The segment editor under a marketer's hands."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from segments.models import Segment
from tests.browser import shop
from tests.browser.hands import Keys
from tests.segments.factories import SegmentFactory
from tests.slowness import Slowness
from tests.waiting import until

INCOME = {"attribute": "customer_360.household_income", "operator": "is_in", "value": ["50-74K"]}
FIVE_SECONDS_LATER = """() => document.getAnimations()
  .filter((each) => ["arrive", "leave"].includes(each.animationName))
  .forEach((each) => each.finish())"""
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
    at_work, live_muster, segment, complaints, hand
):
    page = edited(at_work, live_muster, segment)
    total, cost = page.locator("#n-button"), page.locator("#drop-n-0")
    expect(cost).to_contain_text(re.compile(r"\d"))
    before, change = number(total.inner_text()), number(cost.inner_text())
    assert change > 0
    hand.press(page.get_by_role("button", name="Drop it").first)
    expect(total).to_have_text(f"{before + change} customers")
    hand.press(page.get_by_role("button", name="Put it back"))
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


def test_by_keyboard_the_last_row_becomes_the_first_and_leaves_its_group(
    at_work, live_muster, warehouse
):
    warehouse(shop.tables())
    group = {"any": [INCOME, {**INCOME, "operator": "is_not_in"}, BOUGHT]}
    segment = SegmentFactory(name="Regulars", rule=None, draft={"all": [group]})
    page, hand = edited(at_work, live_muster, segment), Keys()
    rows, say = page.locator("article.line"), page.locator("#say")
    handle = page.get_by_role("button", name="Move Orders", exact=True)
    hand.reach(handle)
    for place in (2, 1):
        page.keyboard.press("Alt+ArrowUp")
        expect(say).to_have_text(f"Orders moved to place {place} of 3")
        expect(handle).to_be_focused()
    expect(rows.first).to_have_attribute("aria-label", "Orders")
    menu = page.get_by_role("button", name="Row menu of Orders")
    hand.press(menu)
    expect(page.get_by_role("button", name="Switch off")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Switch off")).to_be_focused()
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Move out of its group")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".group.nested article.line")).to_have_count(2)
    expect(menu).to_be_focused()
    expect(say).to_have_text("Orders moved to place 2 of 2.")
    segment.refresh_from_db()
    assert [each.get("event", "") for each in segment.draft["all"]] == ["", "orders"]


def test_a_criterion_its_operator_and_two_values_are_found_by_typing(
    at_work, live_muster, warehouse, complaints, hand
):
    warehouse(shop.tables())
    page = at_work
    page.goto(f"{live_muster.url}/segments/")
    hand.press(page.get_by_role("link", name="Create segment").first)
    criterion = page.get_by_role("combobox", name="Criterion", exact=True)
    hand.press(criterion)
    page.keyboard.type("inc")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/segments/\d+/edit/$"))
    expect(page.get_by_label("How Household income compares")).to_be_focused()
    values = page.get_by_role("combobox", name="Values")
    for income in ("50-74K", "75-99K"):
        hand.choose(values, income[:2], income)
    asked = {n for n in range(shop.CUSTOMERS) if n % 4 in (1, 2)}
    expect(page.locator("#say")).to_have_text(f"{len(asked)} customers")
    page.reload()
    expect(page.locator("#sentence")).to_contain_text("household income 50-74K or 75-99K")
    expect(page.get_by_role("region", name="Numbers")).to_contain_text(f"{len(asked)}")
    assert complaints == []


def test_blanks_that_a_negative_takes_in_are_counted_and_left_out(
    at_work, live_muster, warehouse, hand
):
    warehouse(shop.tables())
    other = {"attribute": "customer_360.household_income", "operator": "is_not", "value": "50-74K"}
    segment = SegmentFactory(name="Others", rule=None, draft={"all": [other]})
    page = edited(at_work, live_muster, segment)
    expect(page.locator("#n-button")).to_have_text("180 customers")
    expect(page.get_by_text("Includes 60 with no household income on file")).to_be_visible()
    hand.press(page.get_by_role("button", name="Leave blanks out"))
    expect(page.locator("#n-button")).to_have_text("120 customers")


def test_pasted_values_that_are_not_in_the_data_are_named(
    at_work, live_muster, warehouse, complaints, hand
):
    warehouse(shop.tables())
    ids = {"attribute": "customer_360.customer_id", "operator": "is_in", "value": []}
    segment = SegmentFactory(name="Panel", rule=None, draft={"all": [ids]})
    page = edited(at_work, live_muster, segment)
    known = [shop.customer(n) for n in range(203)]
    copied(page, "\n".join([*known, *(f"x{n}" for n in range(9))]))
    hand.press(page.get_by_role("combobox", name="Values"))
    page.keyboard.press("Control+v")
    expect(page.get_by_text("212 pasted, 9 not found")).to_be_visible()
    expect(page.locator("#n-button")).to_have_text("203 customers")
    page.keyboard.press("Escape")
    hand.press(page.get_by_role("button", name="see them"))
    expect(page.get_by_role("listitem").filter(has_text=re.compile(r"^x\d$"))).to_have_count(9)
    assert complaints == []


def copied(page: Page, text: str) -> None:
    """Put the text where Ctrl-V takes it from."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)


def test_a_long_list_is_pasted_into_its_dialog_and_kept(at_work, live_muster, segment):
    page = edited(at_work, live_muster, segment)
    dialog = page.get_by_role("dialog", name="Paste or upload a list")
    known = [f"customer{n}@example.com" for n in range(shop.CUSTOMERS)]
    text = "\n".join([*known, *(f"nobody{n}@example.com" for n in range(3000))])
    copied(page, text)
    page.get_by_role("button", name="Paste a list").first.click()
    expect(dialog.get_by_label("Values", exact=True)).to_be_focused()
    page.keyboard.press("Control+v")
    expect(dialog.get_by_text("3,240 lines pasted")).to_be_visible()
    dialog.get_by_label("Name (optional)").fill("Panel")
    dialog.get_by_role("button", name="Add the list").click()
    line = page.get_by_role("article", name="Email")
    expect(line.get_by_text("240 of 3,240 matched, 3,000 not found")).to_be_visible()
    expect(page.locator("#sentence")).to_contain_text("any of the list Panel")


@pytest.fixture
def slow(monkeypatch) -> Iterator[Slowness]:
    """The engine whose counts of drafts never end by themselves while it is on."""
    made = Slowness(monkeypatch, "segment-")
    made.on = False
    yield made
    made.end()


def test_while_a_count_is_on_its_way_the_old_one_stays_and_only_the_newest_arrives(
    at_work, live_muster, segment, hand, slow
):
    page = edited(at_work, live_muster, segment)
    total = page.locator("#n-button")
    times = page.get_by_role("spinbutton", name="Times")
    expect(total).to_have_text(re.compile("[0-9]"))
    before = total.inner_text()
    slow.on = True
    hand.write(times, "1")
    slow.wait()
    expect(total).to_have_attribute("aria-busy", "true")
    hand.write(times, "2")
    until(lambda: slow.stopped == 1)
    slow.wait()
    expect(total).to_have_text(before)
    slow.on = False
    hand.write(times, "3")
    orders = [n % 7 + 1 for n in range(shop.CUSTOMERS) if shop.INCOMES[n % 4] == "50-74K"]
    expect(total).to_have_text(f"{sum(each >= 3 for each in orders)} customers")
    expect(total).not_to_have_attribute("aria-busy", "true")
    assert slow.stopped == 2


def test_a_count_that_is_stopped_leaves_the_old_numbers_with_their_age(
    at_work, live_muster, segment, slow, complaints
):
    page = edited(at_work, live_muster, segment)
    numbers, cost = page.get_by_role("region", name="Numbers"), page.locator("#drop-n-0")
    expect(cost).to_have_text(re.compile("[0-9]"))
    expect(page.locator("#numbers-problem")).to_be_empty()  # or all numbers would look old
    before = cost.inner_text()
    slow.on = True
    page.get_by_role("spinbutton", name="Times").fill("2")
    slow.wait()
    expect(cost).to_have_attribute("aria-busy", "true")
    stop = numbers.get_by_role("button", name="Stop")
    expect(stop).to_be_hidden()
    page.evaluate(FIVE_SECONDS_LATER)
    expect(numbers).to_contain_text("Still counting. You can go on editing.")
    stop.click()
    expect(numbers.get_by_text("Any number below is of the last count.")).to_be_visible()
    expect(numbers).to_contain_text("Counted for")
    expect(cost).not_to_have_attribute("aria-busy", "true")
    expect(cost).to_have_text(before)
    expect(page.locator("#n-button")).to_have_text("these customers")
    slow.on = False
    numbers.get_by_role("button", name="Count again").click()
    expect(page.locator("#n-button")).to_have_text(re.compile("[0-9]"))
    expect(numbers.get_by_text("of the last count")).to_have_count(0)
    assert complaints == []


def test_when_nobody_matches_the_line_in_the_way_is_named_and_switched_off(
    at_work, live_muster, segment, hand
):
    rule = {"all": [INCOME, {**BOUGHT, "value": 900}]}
    Segment.objects.filter(pk=segment.pk).update(draft=rule)
    page = edited(at_work, live_muster, segment)
    told = page.get_by_text("Nobody matches. Without")
    expect(told).to_be_visible()
    promised = number(re.search(r"([\d,]+) customers would", told.inner_text())[1])
    hand.press(told.get_by_role("button", name="Switch it off"))
    expect(page.locator("#n-button")).to_have_text(f"{promised} customers")


def test_the_block_that_leaves_people_out_goes_on_offering_criteria(
    at_work, live_muster, segment, complaints
):
    page = edited(at_work, live_muster, segment)
    add = page.get_by_role("combobox", name="Criterion for people to leave out", exact=True)
    for times in (1, 2):
        add.click()
        page.keyboard.type("inc")
        page.keyboard.press("Enter")
        expect(page.locator(".leave-out article.line")).to_have_count(times)
        expect(page.get_by_label("How Household income compares").last).to_be_focused()
    expect(page.locator("#n-button")).to_have_text(re.compile("[0-9]"))
    assert complaints == []
