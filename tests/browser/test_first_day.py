"""What a marketer does on her first day, at the speed of somebody in a hurry."""

import re

import pytest
from playwright.sync_api import Page, expect

from campaigns.models import Campaign
from tests.browser import shop
from tests.campaigns.factories import (
    CampaignFactory,
    GroupFactory,
    RemainingFactory,
    SubAudienceFactory,
)
from tests.destinations.factories import DestinationFactory
from tests.segments.factories import SegmentFactory

INCOME = {"attribute": "customer_360.household_income", "operator": "is", "value": "50-74K"}


def add(page: Page, search: str, option: str) -> None:
    page.get_by_role("combobox", name="Criterion", exact=True).click()
    page.keyboard.type(search)
    page.get_by_role("option", name=option).first.click()


@pytest.fixture
def campaign(warehouse, attentive) -> Campaign:
    warehouse(shop.tables())
    destination = DestinationFactory(name="Attentive", base_url=attentive.url)
    made = CampaignFactory(name="Autumn drinks")
    made.include.add(SegmentFactory(name="Middle income", rule=INCOME))
    for name in ("Gold", "Silver"):
        GroupFactory(sub_audience=SubAudienceFactory(campaign=made, name=name), name=f"{name} text")
    GroupFactory(
        sub_audience=RemainingFactory(campaign=made), name="Text", destinations=[destination]
    )
    return made


def test_a_group_in_a_group_changes_neither_the_choice_around_it_nor_the_count(
    at_work, live_muster, warehouse, complaints
):
    warehouse(shop.tables())
    page = at_work
    page.goto(f"{live_muster.url}/segments/new/")
    add(page, "income", "Household income")
    expect(page.get_by_text("Pick a value. Until then")).to_be_visible()
    page.get_by_role("button", name="Group", exact=True).click()
    expect(page.get_by_text("Until then this group is left out")).to_be_visible()
    outer, inner = page.get_by_role("radio", name="all"), page.get_by_role("radio", name="any")
    expect(outer.first).to_be_checked()
    expect(inner.nth(1)).to_be_checked()
    expect(page.locator("#numbers")).to_contain_text(f"{shop.CUSTOMERS:,}")
    page.locator(".segmented label", has_text="any").first.click()
    expect(page.locator(".joined-by:visible")).to_have_text(["or"])
    page.reload()
    expect(inner.first).to_be_checked()
    assert not complaints


def test_what_was_just_added_is_where_one_goes_on(at_work, live_muster, warehouse):
    warehouse(shop.tables())
    page = at_work
    page.goto(f"{live_muster.url}/segments/new/")
    add(page, "income", "Household income")
    expect(
        page.get_by_role("combobox", name=re.compile("Household income compares"))
    ).to_be_focused()


def test_the_button_that_activates_a_segment_ends_where_the_page_does(
    at_work, live_muster, warehouse
):
    warehouse(shop.tables())
    segment = SegmentFactory(name="Middle income", rule=None, draft={"all": [INCOME]})
    page = at_work
    page.set_viewport_size({"width": 1360, "height": 900})
    page.goto(f"{live_muster.url}/segments/{segment.pk}/edit/")
    button, numbers = (
        page.locator("#publish").bounding_box(),
        page.locator(".segment-numbers").bounding_box(),
    )
    assert button["x"] + button["width"] == pytest.approx(numbers["x"] + numbers["width"], abs=1)
    assert button["y"] + button["height"] <= numbers["y"]


def test_a_sub_audience_moved_right_after_it_was_named_keeps_both(
    at_work, live_muster, campaign, complaints
):
    page = at_work
    page.goto(f"{live_muster.url}/campaigns/{campaign.pk}/edit/")
    name = page.get_by_label("Name of sub-audience").nth(1)
    name.fill("Platinum")
    with page.expect_response(
        lambda answer: "op=move" in (answer.request.post_data or "")
    ) as moved:
        name.press("Alt+ArrowUp")
    assert moved.value.status == 200
    expect(page.locator("article.part").first).to_have_attribute("aria-label", "Platinum")
    assert [part.name for part in campaign.sub_audiences.order_by("position")][:2] == [
        "Platinum",
        "Gold",
    ]
    assert not complaints


def test_who_gets_it_stays_to_be_read_while_it_is_counted_anew(at_work, live_muster, campaign):
    page = at_work
    page.goto(f"{live_muster.url}/campaigns/{campaign.pk}/edit/")
    who = page.locator("#who")
    expect(who).to_contain_text("To send")
    page.route("**/figures/", lambda route: None)
    with page.expect_response(re.compile("/ops/")):
        page.get_by_label("Split of Text").fill("90")
    expect(page.get_by_text("Total 90%")).to_be_visible()
    expect(who).to_contain_text("To send")
    expect(who).to_have_attribute("aria-busy", "true")


def test_each_thing_to_mend_says_whose_it_is(at_work, live_muster, campaign):
    page = at_work
    page.goto(f"{live_muster.url}/campaigns/{campaign.pk}/edit/")
    before = page.locator("#before")
    expect(before).to_contain_text("Silver, group 1. “Silver text” has no destination.")
