"""The segments page in a browser: pick, compare, and build from the overlap by keyboard."""

import re

from playwright.sync_api import Page, expect

from segments.models import Segment
from tests.segments.factories import SegmentFactory

GOLD = {"all": [{"attribute": "customer_360.tier", "operator": "is", "value": "Gold"}]}
EVERYONE = {"all": [{"attribute": "customer_360.tier", "operator": "is_not", "value": "Silver"}]}


def test_picked_segments_are_compared_and_their_overlap_becomes_a_segment(
    at_work: Page, live_muster, warehouse, complaints
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
    page.get_by_role("checkbox", name="Pick all on this page").press("Space")
    expect(bar).to_contain_text("2 picked")
    bar.get_by_role("button", name="Compare").press("Enter")
    expect(page.get_by_text("3 customers in both")).to_be_visible()
    page.get_by_role("checkbox", name="In both").press("Space")
    expect(page.locator("#overlap-people")).to_contain_text("3 customers")
    page.get_by_role("button", name="Build a segment from this overlap").press("Enter")
    page.wait_for_url(re.compile(r"/segments/\d+/edit/"))
    made = Segment.objects.latest("pk")
    assert {node["segment"] for node in made.draft["all"]} == {"Golden", "Not silver"}
    assert complaints == []
