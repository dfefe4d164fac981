"""A test to named people, as a marketer sends it before the campaign goes out."""

import re

from playwright.sync_api import Page, expect

from campaigns.models import Campaign
from runs.models import Panel
from tests.browser.test_campaign import draft, name_group, send_group_to, stage

__all__ = ["stage"]

ANN, BOB = "+14155550143", "+14155550144"


def add_person(page: Page, name: str, **contact: str) -> None:
    page.get_by_role("button", name="Add a person").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    for label, text in contact.items():
        dialog.get_by_label(label).fill(text)
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("row", name=name)).to_be_visible()


def test_people_are_named_and_get_a_test(at_work, stage, attentive, worker, complaints):
    page = at_work
    draft(page, "Autumn drinks")
    for number, name in enumerate(("Everyone text A", "Everyone text B"), start=1):
        name_group(page, number, name)
        send_group_to(page, name, "Attentive")
    editor = page.url
    page.get_by_role("button", name="Send a test").click()
    page.get_by_role("radio", name="Test people").check(force=True)
    page.get_by_role("link", name="Add test people").click()
    page.get_by_label("Name of the list").fill("Marketing team")
    page.get_by_role("button", name="Create list").click()
    add_person(page, "Ann", Phone="(415) 555-0143")
    add_person(page, "Bob", Phone=BOB, Email="bob@brand.example")
    add_person(page, "Cy", Email="cy@brand.example")
    page.goto(editor)
    before = page.locator("#n-audience").inner_text()
    page.get_by_role("button", name="Send a test").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("TEST_Autumn drinks_Everyone text A")).to_be_visible()
    expect(dialog.get_by_text("Cy has none and is not sent there")).to_be_visible()
    dialog.get_by_role("radio", name="Customers of the audience").check(force=True)
    expect(dialog.get_by_role("button", name="Send to 5 customers")).to_be_visible()
    dialog.get_by_role("radio", name="Test people").check(force=True)
    dialog.get_by_role("checkbox", name="Everyone text B").uncheck()
    expect(dialog.get_by_role("button", name="Send to 2 people")).to_be_visible()
    dialog.get_by_role("button", name="Send to 2 people").click()
    page.wait_for_url("**/runs/*/")
    expect(page.get_by_text("To Marketing team")).to_be_visible()
    expect(page.get_by_text("Complete. The lists can be used")).to_be_visible(timeout=60_000)
    lists = {each["name"]: attentive.members(key) for key, each in attentive.segments().items()}
    assert lists == {"TEST_Autumn drinks_Everyone text A": {ANN, BOB}}
    page.get_by_role("button", name="Remove test lists").click()
    expect(page.get_by_text(re.compile("removed from Attentive"))).to_be_visible(timeout=30_000)
    page.goto(editor)
    expect(page.locator("#n-audience")).to_have_text(before)
    campaign = Campaign.objects.get()
    assert (campaign.status, campaign.last_run_at) == ("draft", None)
    assert Panel.objects.get().people.count() == 3
    assert complaints == []
