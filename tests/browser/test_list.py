"""The pages of segments and campaigns in a browser: what is done with those that are picked."""

import re
from typing import Any

from django.utils.timezone import now
from playwright.sync_api import Locator, Page, expect

from campaigns.models import Campaign, Status
from runs.models import Run, RunState
from segments.models import Segment
from tests.browser.hands import Hand, Keys
from tests.campaigns.factories import CampaignFactory
from tests.segments.factories import SegmentFactory

GOLD = {"all": [{"attribute": "customer_360.tier", "operator": "is", "value": "Gold"}]}
EVERYONE = {"all": [{"attribute": "customer_360.tier", "operator": "is_not", "value": "Silver"}]}


def begun(campaign: Campaign, state: RunState, **fields: Any) -> Run:
    """Its first run, in a state."""
    return Run.objects.create(
        campaign=campaign,
        number=1,
        state=state,
        definition={"name": campaign.name},
        moment=now(),
        started_at=now(),
        **fields,
    )


def tick(hand: Hand, box: Locator) -> None:
    """A box is not pressed by Enter."""
    if isinstance(hand, Keys):
        hand.reach(box)
        box.page.keyboard.press("Space")
    else:
        hand.press(box)


def test_picked_segments_are_compared_and_their_overlap_becomes_a_segment(
    at_work: Page, live_muster, warehouse, complaints, hand
):
    warehouse(
        {
            "customer_360": [
                {"customer_id": f"c{n}", "tier": "Gold" if n < 3 else "Bronze"} for n in range(8)
            ]
        }
    )
    SegmentFactory(name="Golden", rule=GOLD)
    SegmentFactory(name="Not silver", rule=EVERYONE)
    page = at_work
    page.goto(f"{live_muster.url}/segments/")
    bar = page.get_by_role("group", name="With the picked segments")
    expect(bar).to_be_hidden()
    tick(hand, page.get_by_role("checkbox", name="Pick all on this page"))
    expect(bar).to_contain_text("2 picked")
    hand.press(bar.get_by_role("button", name="Compare"))
    expect(page.get_by_text("3 customers in both")).to_be_visible()
    expect(page.get_by_text("“Bronze”: 62.5% of Not silver, 0% of Golden.")).to_be_visible()
    hand.press(page.get_by_role("link", name=re.compile("Golden|Not silver")).last)
    expect(page).to_have_url(re.compile("base=first"))
    expect(page.get_by_role("link", name="All customers")).not_to_have_attribute(
        "aria-current", "true"
    )
    tick(hand, page.get_by_role("checkbox", name="In both"))
    expect(page.locator("#overlap-people")).to_contain_text("3 customers")
    hand.press(page.get_by_role("button", name="Build a segment from this overlap"))
    page.wait_for_url(re.compile(r"/segments/\d+/edit/"))
    made = Segment.objects.latest("pk")
    assert {node["segment"] for node in made.draft["all"]} == {"Golden", "Not silver"}
    assert complaints == []


def test_the_list_counts_what_is_picked_copies_an_id_and_takes_back_what_was_done(
    at_work: Page, live_muster, warehouse, complaints
):
    warehouse({"customer_360": [{"customer_id": "c1", "tier": "Gold"}]})
    golden, other = SegmentFactory(name="Golden", rule=GOLD), SegmentFactory(rule=EVERYONE)
    page = at_work
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{live_muster.url}/segments/")
    page.get_by_role("checkbox", name="Pick all on this page").check()
    compare = page.get_by_role("link", name="Compare (2)")
    expect(compare).to_have_attribute("href", re.compile(rf"[?]s={other.pk}&s={golden.pk}$"))
    menu = page.get_by_role("row", name="Golden").get_by_role("button", name="Segment menu")
    menu.click()
    page.get_by_role("button", name="Copy id").click()
    expect(page.get_by_text(f"Copied: {golden.pk}")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == str(golden.pk)
    menu.click()
    page.locator(".menu:popover-open").get_by_role("button", name="Archive").click()
    expect(page.get_by_role("row", name="Golden")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("row", name="Golden")).to_be_visible()
    assert complaints == []


def test_picked_campaigns_are_filed_and_deleted_and_all_of_it_is_taken_back(
    at_work: Page, live_muster, warehouse, complaints
):
    warehouse({"customer_360": [{"customer_id": "c1", "tier": "Gold"}]})
    CampaignFactory(name="Autumn coffee")
    CampaignFactory(name="Win-back", status=Status.DELIVERED)
    page = at_work
    page.goto(f"{live_muster.url}/campaigns/?q=c")
    bar = page.get_by_role("group", name="With the picked campaigns")
    row = page.get_by_role("row", name="Autumn coffee")
    dialog = page.get_by_role("dialog")
    expect(bar).to_be_hidden()

    page.get_by_role("checkbox", name="Pick all on this page").check()
    expect(bar).to_contain_text("2 picked")
    bar.get_by_role("button", name="Move").click()
    dialog.get_by_label("New folder in it").fill("Brand")
    dialog.get_by_role("button", name="Move").click()
    expect(page.get_by_text("2 campaigns are now in “Brand”.")).to_be_visible()
    expect(row.locator(".folder")).to_have_text("Brand")
    page.get_by_role("button", name="Undo").click()
    expect(row.locator(".folder")).to_have_count(0)

    page.get_by_role("checkbox", name="Pick Autumn coffee").check()
    bar.get_by_role("button", name="Label").click()
    dialog.get_by_role("combobox", name="Put on").click()
    page.keyboard.type("vip")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    dialog.get_by_role("button", name="Save labels").click()
    expect(row.locator(".tag")).to_have_text("vip")

    page.get_by_role("checkbox", name="Pick all on this page").check()
    bar.get_by_role("button", name="Delete").click()
    expect(dialog).to_contain_text("1 campaign will stay")
    dialog.get_by_role("button", name="Delete 1 campaign").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    expect(page).to_have_url(re.compile(r"/campaigns/[?]q=c$"))
    assert complaints == []


def test_a_run_is_stopped_in_the_list_which_follows_and_keeps_what_is_picked(
    at_work: Page, live_muster, warehouse, complaints
):
    warehouse({"customer_360": [{"customer_id": "c1", "tier": "Gold"}]})
    CampaignFactory(name="Autumn coffee", status=Status.DELIVERED)
    running = CampaignFactory(name="Win-back", status=Status.RUNNING)
    begun(running, RunState.BUILDING)
    page = at_work
    page.goto(f"{live_muster.url}/campaigns/")
    pane = page.get_by_role("region", name="Running now")
    row = page.get_by_role("table", name="Campaigns").get_by_role("row", name="Win-back")
    picked = page.get_by_role("checkbox", name="Pick Autumn coffee")
    expect(row).to_contain_text("Running")
    picked.check()
    pane.get_by_role("button", name="Stop Win-back, run 1").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Nothing has been sent yet")
    dialog.get_by_role("button", name="Stop the run").click()
    expect(dialog).to_have_count(0)
    expect(pane).to_be_hidden()
    expect(row).to_contain_text("Stopped")
    expect(picked).to_be_checked()
    expect(page.locator("[data-picked]")).to_have_text("1 picked")
    assert complaints == []
