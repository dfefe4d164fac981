"""Results in a browser: another window is measured as soon as it is chosen."""

import re
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from runs.launch import launch
from tests.runs.results import shop
from tests.runs.world import World, destination


def test_other_days_are_measured_as_soon_as_they_are_chosen(
    at_work: Page, live_muster, attentive, warehouse, complaints
):
    warehouse(shop.tables())
    began = timezone.now() - timedelta(days=10)
    world = World(destination(attentive.url, attentive.token), clock=began)
    run = world.finish(launch(shop.campaign(world.destination), tools=world.tools))
    first = began.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    warehouse({"orders": shop.orders(run, first, {0: 0.08})})
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
