"""Results in a browser: another window is measured as soon as it is chosen."""

import re

from playwright.sync_api import Page, expect

from tests.runs.results import shop


def test_other_days_are_measured_as_soon_as_they_are_chosen(
    at_work: Page, live_muster, attentive, warehouse, complaints
):
    run = shop.measured_run(attentive, warehouse)
    page = at_work
    page.goto(f"{live_muster.url}/campaigns/{run.campaign_id}/")
    page.get_by_role("link", name="Results").click()
    gold = page.get_by_role("listitem").filter(has_text="Gold text").first
    expect(gold).to_contain_text("Brought $")
    days = page.get_by_role("spinbutton", name="Days")
    days.fill("1")
    days.press("Enter")
    expect(page.get_by_text(re.compile(r"Orders of \d+ \w+, in UTC"))).to_be_visible()
    expect(page).to_have_url(re.compile("days=1$"))
    assert complaints == []
