"""Every main page can be used by everyone: axe finds nothing, and nothing scrolls sideways."""

import json
from functools import partial

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from destinations.models import DefaultAttributes
from runs.models import RunState
from segments import drafts, editing
from segments.models import Segment
from tests.browser import shop
from tests.browser.test_list import begun
from tests.campaigns.factories import (
    CampaignFactory,
    GroupFactory,
    RemainingFactory,
    SubAudienceFactory,
)
from tests.destinations.factories import DestinationFactory
from tests.segments.factories import SegmentFactory, SegmentVersionFactory
from warehouse.catalogue import current

LOOKS = [(1360, "light"), (1360, "dark"), (390, "light"), (390, "dark")]
LONG = "Winter tea and cake for everyone who bought a hot drink in a shop this year, early birds"
RULE = {
    "all": [
        {"attribute": "customer_360.household_income", "operator": "is_in", "value": ["50-74K"]},
        {"event": "orders", "operator": "at_least", "value": 1},
        {"any": []},
    ]
}


@pytest.fixture
def pages(attentive, warehouse, marketer) -> dict[str, list[str]]:
    """One of each page, with the names and states that are hardest to lay out."""
    warehouse(shop.tables())
    marketer.writes_sql = True
    marketer.save()
    destination = DestinationFactory(name="Attentive", base_url=attentive.url)
    defaults = DefaultAttributes.objects.create(
        destination=destination, identifier="phone", phone="merged_customers.phone"
    )
    segment = SegmentFactory(name=LONG, rule=RULE["all"][0], version=2)
    SegmentVersionFactory(segment=segment, number=1, rule=RULE["all"][1])
    SegmentVersionFactory(segment=segment, number=2, rule=RULE["all"][0])
    other = SegmentFactory(name="Regulars", rule=RULE["all"][1])
    written = SegmentFactory(name="Written", rule=None, draft={"sql": "SELECT id FROM shops"})
    draft = SegmentFactory(name="Early birds", rule=None, draft=RULE)
    campaign = CampaignFactory(name=LONG)
    campaign.include.add(segment)
    tier = SubAudienceFactory(campaign=campaign)
    tier.segments.add(segment)
    GroupFactory(sub_audience=tier, name="")
    rest = RemainingFactory(campaign=campaign)
    GroupFactory(sub_audience=rest, name=LONG, split=50, destinations=[destination])
    GroupFactory(sub_audience=rest, name="Held out", split=50, control=True)
    of_one = f"/segments/{segment.pk}"
    return {
        "segments": [
            "/segments/",
            "/segments/?q=nothing+like+it",
            "/segments/new/",
            "/segments/new/sql/",
            "/segments/metrics/",
            "/segments/folders/",
            f"/segments/compare/?s={segment.pk}&s={other.pk}",
            f"/segments/{draft.pk}/edit/",
            f"/segments/{written.pk}/edit/sql/",
        ],
        "a segment": [
            f"{of_one}/",
            f"{of_one}/breakdown/",
            f"{of_one}/customers/",
            f"{of_one}/history/",
            f"{of_one}/versions/2/",
            f"{of_one}/diff/?from=1&to=2",
            f"{of_one}/why/",
            f"{of_one}/sql/",
        ],
        "campaigns": [
            "/campaigns/",
            "/campaigns/new/",
            f"/campaigns/{campaign.pk}/",
            f"/campaigns/{campaign.pk}/results/",
            f"/campaigns/{campaign.pk}/edit/",
            f"/campaigns/{campaign.pk}/attributes/{destination.pk}/",
            "/destinations/",
            "/default-attributes/",
            f"/default-attributes/{defaults.pk}/",
            "/activity/",
            "/data/",
            "/no-such-page/",
        ],
    }


# What inherits a colour begins its own transition once that of the colour has ended.
STILL = """() => {
  const moving = () => document.getAnimations().filter((each) => each.playState !== "finished");
  for (let left = moving(); left.length; left = moving()) left.forEach((each) => each.finish());
}"""


def faults(page: Page, within: str = "html") -> list[str]:
    page.evaluate(STILL)
    run = "within => axe.run(within, { resultTypes: ['violations'] })"
    found = page.evaluate(run, within)["violations"]
    said = [
        f"{each['id']}: {json.dumps([n['target'] for n in each['nodes'][:3]])}" for each in found
    ]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        said.append("scrolls sideways")
    return said


@pytest.mark.parametrize("part", ["segments", "a segment", "campaigns"])
def test_every_page_is_usable_wide_and_narrow_light_and_dark(at_work, live_muster, pages, part):
    page, axe = at_work, Axe().axe_script
    found = {}
    for path in pages[part]:
        page.goto(live_muster.url + path)
        page.wait_for_load_state("networkidle")
        page.evaluate(axe)  # once a page: it takes a tenth of what it then does
        for width, scheme in LOOKS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            if said := faults(page):
                found[f"{path} {width} {scheme}"] = said
    assert not found


DIALOG, MENU = "dialog[open]", ".menu:popover-open"


def of_row(page: Page, item: str) -> None:
    page.get_by_role("row", name="Regulars").get_by_role("button", name="Segment menu").click()
    page.locator(MENU).get_by_role("button", name=item, exact=True).click()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def look(page: Page, found: dict[str, list[str]], what: str, within: str) -> None:
    expect(page.locator(within)).to_be_visible()
    page.wait_for_load_state("networkidle")
    for width, scheme in (LOOKS[0], LOOKS[-1]):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if said := faults(page, within):
            found[f"{what} {width} {scheme}"] = said
    page.set_viewport_size({"width": 1360, "height": 900})
    page.keyboard.press("Escape")


def test_what_opens_on_the_pages_of_segments_is_usable_too(at_work, live_muster, pages, admin):
    page, axe, found = at_work, Axe().axe_script, {}
    draft = Segment.objects.get(name="Early birds")
    of_one = f"/segments/{Segment.objects.get(name='Regulars').pk}"

    def go(path: str) -> None:
        page.set_viewport_size({"width": 1360, "height": 900})
        page.goto(live_muster.url + path)
        page.wait_for_load_state("networkidle")
        page.evaluate(axe)

    check = partial(look, page, found)
    go("/segments/")
    page.get_by_label("Pick all on this page").check()
    check("picked", ".bulk.picked")
    page.get_by_role("row", name="Regulars").get_by_role("button", name="Segment menu").click()
    check("menu", MENU)
    for item in ("Rename", "Move to a folder", "Labels", "Delete"):
        of_row(page, item)
        check(item, DIALOG)
    go("/segments/folders/")
    press(page, "Create folder")
    check("a folder", DIALOG)

    go(f"/segments/{draft.pk}/edit/")
    press(page, "Row menu of Orders")
    check("row menu", MENU)
    page.get_by_role("combobox", name="Values").click()
    page.keyboard.type("k")
    expect(page.get_by_role("button", name="Select all 2 found")).to_be_visible()
    check("picklist", ".line:has(.ts-wrapper.dropdown-active)")
    for button in ("Paste a list", "See customers", "Why in or out?", "Activate"):
        press(page, button)
        check(button, DIALOG)
    id = drafts.with_ids(draft.draft)["all"][1]["id"]
    editing.edit(draft.pk, "value", id, ["7"], None, admin, current())
    page.get_by_label("Times").fill("8")
    check("clash", "#clash")

    go(f"{of_one}/why/")
    page.get_by_label("Customer id, email or phone").fill("c001")
    press(page, "Explain")
    expect(page.get_by_text("c001 is ")).to_be_visible()
    check("why", "main")
    Segment.objects.update(archived=True)
    go("/segments/")
    check("nothing", "main")
    assert not found


def test_what_opens_on_the_page_of_campaigns_is_usable_too(at_work, live_muster, pages):
    begun(CampaignFactory(name="Dawn", folder="Brand", labels=["vip"]), RunState.SENDING)
    begun(CampaignFactory(name="Dusk"), RunState.FAILED, ended_at=now(), problem=LONG)
    page, axe, found = at_work, Axe().axe_script, {}
    check = partial(look, page, found)
    page.goto(f"{live_muster.url}/campaigns/")
    page.wait_for_load_state("networkidle")
    page.evaluate(axe)
    page.get_by_label("Pick all on this page").check()
    check("picked", ".bulk.picked")
    check("running now", "#going")
    for button in ("Move", "Label", "Archive", "Delete"):
        page.locator(".bulk.picked").get_by_role("button", name=button).click()
        check(button, DIALOG)
    row = page.get_by_role("table", name="Campaigns").get_by_role("row", name="Dawn")
    row.get_by_role("button", name="Campaign menu").click()
    check("menu", MENU)
    assert not found
