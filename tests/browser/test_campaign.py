"""From a segment to lists at Attentive, as a marketer clicks through it."""

import re

import pytest
from playwright.sync_api import Page, expect

from campaigns.models import Campaign
from destinations.models import DefaultAttributes, Destination
from tests.browser import shop
from tests.destinations.factories import DestinationFactory
from tests.segments.factories import SegmentFactory

EVERYONE = {"attribute": "customer_360.household_income", "operator": "is", "value": "50-74K"}


@pytest.fixture
def stage(attentive, warehouse):
    warehouse(shop.tables())
    attentive.settings(job_seconds=1)
    destination = DestinationFactory(name="Attentive", base_url=attentive.url)
    DefaultAttributes.objects.create(
        destination=destination, identifier="phone", phone="merged_customers.phone"
    )
    SegmentFactory(name="Middle income", rule=EVERYONE)
    return destination


def pick(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option).click()
    page.keyboard.press("Escape")


def draft(page: Page, name: str) -> None:
    page.get_by_role("link", name="Create campaign").first.click()
    page.get_by_label("Name").fill(name)
    pick(page, "Include segments", "Middle income")
    page.get_by_role("button", name="Create campaign").click()
    page.wait_for_url("**/edit/")


def name_group(page: Page, number: int, name: str) -> None:
    field = page.get_by_label(f"Name of treatment group {number}")
    with page.expect_response(re.compile("/ops/")):
        field.fill(name)


def send_group_to(page: Page, name: str, destination: str) -> None:
    row = page.get_by_role("row", name=name)
    row.get_by_role("combobox").click()
    with page.expect_response(re.compile("/ops/")):
        page.get_by_role("option", name=destination).click()
    page.keyboard.press("Escape")


def launch(page: Page) -> int:
    """Press the button that names its number; the number."""
    page.get_by_role("button", name="Review and launch").click()
    button = page.get_by_role("button", name=re.compile(r"Launch to \d+ people"))
    people = int(re.search(r"\d+", button.inner_text())[0])
    button.click()
    page.wait_for_url("**/runs/*/")
    return people


def test_a_campaign_is_made_launched_and_found_at_attentive(
    at_work, stage, attentive, worker, complaints
):
    page = at_work
    draft(page, "Autumn drinks")
    expect(page.locator("#n-audience")).to_have_text(str(shop.CUSTOMERS // 4))
    name_group(page, 1, "Everyone text A")
    name_group(page, 2, "Everyone text B")
    send_group_to(page, "Everyone text A", "Attentive")
    send_group_to(page, "Everyone text B", "Attentive")
    expect(page.get_by_text("Nothing stops a launch.")).to_be_visible()
    people = launch(page)
    expect(page.get_by_text("Complete. The lists can be used")).to_be_visible(timeout=60_000)
    reachable = {shop.phone(n) for n in range(1, shop.CUSTOMERS, 4) if n % 9}
    lists = {each["name"]: attentive.members(key) for key, each in attentive.segments().items()}
    assert sorted(lists) == ["Autumn drinks_Everyone text A", "Autumn drinks_Everyone text B"]
    assert set.union(*lists.values()) == reachable
    assert sum(map(len, lists.values())) == people == len(reachable)
    page.goto(attentive.url)
    expect(page.get_by_text("Autumn drinks_Everyone text A")).to_be_visible()
    assert complaints == []


def test_what_stops_a_launch_is_told_and_mended_in_place(at_work, stage):
    page = at_work
    draft(page, "Winter drinks")
    name_group(page, 1, "recipient  1")
    fault = page.get_by_text("tells nobody at Attentive what this list is")
    expect(fault.first).to_be_visible()
    page.get_by_role("button", name=re.compile("Use “Everyone else 50%”")).first.click()
    expect(page.get_by_label("Name of treatment group 1")).to_have_value("Everyone else 50%")
    page.get_by_label("Split of Everyone else 50%").fill("45")
    expect(page.get_by_text("Splits add up to 95%. Bring them to 100%.").first).to_be_visible()
    page.get_by_role("button", name="Even out").click()
    expect(page.get_by_text("Splits add up to")).to_have_count(0)
    page.get_by_role("button", name="Review and launch").click()
    expect(page.get_by_role("heading", name="Not ready to launch")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Launch to"))).to_have_count(0)


def test_the_destination_of_the_next_group_opens_at_the_first_press(at_work, stage):
    Destination.objects.update(name="Attentive (rehearsal)")
    page = at_work
    draft(page, "Autumn tea")
    for number in (1, 2):
        name_group(page, number, f"Offer {number}")
    first, second = (page.get_by_role("row", name=f"Offer {number}") for number in (1, 2))
    first.get_by_role("combobox").click()
    with page.expect_response(re.compile("/ops/")):
        page.get_by_role("option", name="rehearsal").click()
    expect(first.get_by_role("link", name="Edit attributes")).to_be_visible()
    second.get_by_role("combobox").click()
    expect(page.get_by_role("option", name="rehearsal")).to_be_visible()


def test_what_is_typed_stays_while_the_numbers_come(at_work, stage):
    page = at_work
    draft(page, "Spring drinks")
    field = page.get_by_label("Name of treatment group 1")
    field.press_sequentially("Early access ", delay=60)
    with page.expect_response(re.compile("/ops/")):
        field.press_sequentially("for everyone", delay=60)
    expect(field).to_have_value("Early access for everyone")
    expect(field).to_be_focused()
    expect(page.get_by_role("row", name="Early access for everyone")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Name of treatment group 1")).to_have_value(
        "Early access for everyone"
    )


def test_a_sub_audience_gets_a_rule_of_its_own(at_work, stage, complaints):
    page = at_work
    draft(page, "Soft drinks for regulars")
    page.get_by_role("button", name="Sub-audience", exact=True).click()
    page.locator(".part-rule .ts-control").click()  # once it is more than a select
    page.keyboard.type("bought")
    page.get_by_role("option", name=re.compile(r"^Bought")).first.click()
    expect(page.get_by_role("spinbutton", name="Times")).to_be_focused()
    page.get_by_role("spinbutton", name="Times").fill("5")
    article = page.locator("article.part").first
    bought = sum(n % 4 == 1 and n % 7 + 1 >= 5 for n in range(shop.CUSTOMERS))
    expect(article.locator(".part-head data.count")).to_have_text(str(bought))
    expect(article).to_contain_text("at least 5 times")
    page.get_by_label("Name of sub-audience").fill("Regulars")
    expect(page.get_by_role("article", name="Regulars")).to_be_visible()
    page.reload()
    expect(page.get_by_role("spinbutton", name="Times")).to_have_value("5")
    assert complaints == []


def test_choosing_email_releases_phone_and_undo_takes_it_back(at_work, stage):
    page = at_work
    draft(page, "Summer drinks")
    name_group(page, 1, "Everyone text A")
    send_group_to(page, "Everyone text A", "Attentive")
    page.get_by_role("link", name="Edit attributes").click()
    expect(page.locator("#reach")).to_contain_text("With phone")
    page.get_by_role("radio", name="email").check()
    expect(page.get_by_text("Now email. Phone is no longer sent.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("radio", name="phone")).to_be_checked()
    assert Campaign.objects.get().mappings.get().identifier == "phone"


def test_a_marketer_on_a_phone_can_do_it_without_scrolling_sideways(at_work, stage):
    page = at_work
    page.set_viewport_size({"width": 390, "height": 844})
    draft(page, "Weekend drinks")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    name_group(page, 1, "Everyone text A")
    send_group_to(page, "Everyone text A", "Attentive")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
