"""Nothing that a marketer does to a campaign is lost: undone, merged, asked, gone back to."""

import re

import pytest
from playwright.sync_api import Page, expect

from campaigns import editing
from campaigns.models import Campaign
from tests.browser import shop
from tests.segments.factories import SegmentFactory


@pytest.fixture
def campaign(warehouse, marketer) -> Campaign:
    warehouse(shop.tables())
    everyone = SegmentFactory(name="Everyone", rule={"all": []})
    campaign = editing.create(marketer, "Autumn", [str(everyone.pk)])
    first, second = campaign.sub_audiences.get().groups.all()
    for group, name in ((first, "Text now"), (second, "Text later")):
        editing.edit(campaign.pk, "group_name", group.key, [name], None, marketer)
    return campaign


@pytest.fixture
def editor(at_work, live_muster, campaign) -> Page:
    return opened(at_work, live_muster, campaign)


def opened(page: Page, live_muster, campaign: Campaign) -> Page:
    page.goto(f"{live_muster.url}/campaigns/{campaign.pk}/edit/")
    return page


def saved(page: Page, act) -> None:
    with page.expect_response(re.compile("/ops/")):
        act()


def split(page: Page, group: str):
    return page.get_by_label(f"Split of {group}")


def test_in_two_windows_different_things_both_stay_and_the_same_thing_asks(
    editor, live_muster, campaign, complaints
):
    page, other = editor, opened(editor.context.new_page(), live_muster, campaign)
    saved(other, lambda: split(other, "Text later").fill("40"))
    saved(page, lambda: split(page, "Text now").fill("60"))
    expect(split(page, "Text later")).to_have_value("40")
    saved(other, lambda: split(other, "Text now").fill("70"))
    told = other.get_by_role("alert").filter(has_text="You have changed the split of “Text now”")
    expect(told.get_by_role("definition")).to_have_text(["60%", "70%"])
    expect(told).to_be_in_viewport()
    other.get_by_role("button", name="Use hers").click()
    expect(told).to_have_count(0)
    expect(split(other, "Text now")).to_have_value("60")
    saved(other, lambda: split(other, "Text now").fill("55"))
    saved(page, lambda: split(page, "Text now").fill("65"))
    page.get_by_role("button", name="Use mine").click()
    expect(page.get_by_role("alert").filter(has_text="meanwhile")).to_have_count(0)
    expect(split(page, "Text now")).to_have_value("65")
    page.reload()
    expect(split(page, "Text now")).to_have_value("65")
    expect(split(page, "Text later")).to_have_value("40")
    assert not [each for each in complaints if "409" not in each]


def test_by_keyboard_what_was_done_is_undone_and_redone_also_after_a_reload(editor, complaints):
    page = editor
    saved(page, lambda: page.get_by_role("button", name="Remove Text later").click())
    expect(split(page, "Text later")).to_have_count(0)
    page.reload()
    saved(page, lambda: page.keyboard.press("Control+z"))
    expect(split(page, "Text later")).to_have_value("50")
    saved(page, lambda: page.keyboard.press("Control+Shift+Z"))
    expect(split(page, "Text later")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(split(page, "Text later")).to_have_value("50")
    assert complaints == []


def test_the_back_button_loses_nothing_and_history_brings_it_back(editor, complaints):
    page = editor
    saved(page, lambda: split(page, "Text now").fill("60"))
    page.get_by_role("link", name="History").click()
    change = page.get_by_role("listitem").filter(has_text="Split of “Text now”").last
    expect(change).to_contain_text("50%")
    expect(change).to_contain_text("60%")
    page.go_back()
    expect(split(page, "Text now")).to_have_value("60")
    saved(page, lambda: split(page, "Text later").fill("40"))
    expect(page.get_by_role("alert").filter(has_text="meanwhile")).to_have_count(0)
    page.reload()
    expect(split(page, "Text now")).to_have_value("60")
    expect(split(page, "Text later")).to_have_value("40")
    assert complaints == []
