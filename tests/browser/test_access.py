"""Every main page can be used by everyone: axe finds nothing, and nothing scrolls sideways."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from destinations.models import DefaultAttributes
from tests.browser import shop
from tests.campaigns.factories import (
    CampaignFactory,
    GroupFactory,
    RemainingFactory,
    SubAudienceFactory,
)
from tests.destinations.factories import DestinationFactory
from tests.segments.factories import SegmentFactory, SegmentVersionFactory

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


def faults(page: Page) -> list[str]:
    page.evaluate(STILL)
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
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
