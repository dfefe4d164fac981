"""Lines are dragged, values picked, and people left out, with the pointer."""

import re

from playwright.sync_api import expect

from segments import drafts
from segments.models import Segment
from tests.browser import shop
from tests.segments.factories import SegmentFactory

INCOME = {"attribute": "customer_360.household_income", "operator": "is_in", "value": ["75-99K"]}
BOUGHT = {"event": "orders", "operator": "at_least", "value": 5}
OUT = {"none": [{"attribute": "merged_customers.phone", "operator": "is_blank"}, INCOME]}


def test_a_line_is_dragged_values_are_taken_at_once_and_people_left_out_by_all_lines(
    at_work, live_muster, warehouse, complaints
):
    warehouse(shop.tables())
    segment = SegmentFactory(name="Regulars", rule={"all": [INCOME, {"any": [BOUGHT]}, OUT]})

    def rule():
        return drafts.plain(Segment.objects.get(pk=segment.pk).current_rule)["all"]

    def saved(act):
        with page.expect_response(re.compile("/ops/")):
            act()

    page = at_work
    page.goto(f"{live_muster.url}/segments/{segment.pk}/edit/")
    handle = page.get_by_role("button", name="Move Household income", exact=True).first
    inside = page.locator("article", has=page.get_by_role("button", name="Move Orders"))
    saved(lambda: handle.drag_to(inside, target_position={"x": 20, "y": 4}))
    expect(page.locator("#sentence")).to_contain_text(re.compile("75-99K or|or .*75-99K"))
    assert [sorted(each) for each in rule()] == [["any"], ["none"]]

    values = page.get_by_role("combobox", name="Values").first
    values.click()
    page.keyboard.type("4")
    expect(page.get_by_role("button", name="Select all 2 found")).to_be_visible()
    saved(lambda: page.keyboard.press("Control+Enter"))
    taken = next(each for each in rule()[0]["any"] if "attribute" in each)
    assert sorted(taken["value"]) == ["35-49K", "50-74K", "75-99K"]

    block = page.get_by_role("group", name="How many of these lines must match to leave")
    saved(lambda: block.get_by_role("radio", name="all").check(force=True))
    expect(page.get_by_role("heading", name="But leave out anyone who matches all")).to_be_visible()
    assert [sorted(each) for each in rule()[-1]["none"]] == [["all"]]
    assert complaints == []
