"""A segment's page: summary, breakdown, own metrics."""

from __future__ import annotations

import json
import re

import pytest
from django.urls import reverse

from segments.models import Metric, Segment
from tests.segments.factories import SegmentFactory
from tests.segments.test_insights import GOLD, NOBODY, four_buyers

HTMX = {"HX-Request": "true"}


@pytest.fixture
def shop(warehouse):
    rows = four_buyers()
    rows["customer_360"].append({"customer_id": "c9", "tier": "Silver"})
    rows["merged_customers"] = [
        {"customer_id": "c0", "email": "a@example.com", "phone": "+12025550100"},
        {"customer_id": "c1", "email": None, "phone": "+12025550101"},
    ]
    return warehouse(rows)


def words(response) -> str:
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(text.replace("&quot;", '"').replace("&#x27;", "'").split())


def fragment(client, name, segment, **query):
    response = client.get(reverse(f"segments:{name}", args=[segment.pk]), query, headers=HTMX)
    assert response.status_code == 200
    return words(response)


def test_the_summary_tells_the_figures_beside_everyone(shop, viewer_client):
    segment = SegmentFactory(rule=GOLD)
    shown = fragment(viewer_client, "figures", segment)
    for told in (
        "80% of all customers",
        "$1,000.00 100% of all revenue",
        "$100.00 everyone $100.00",
        "2.50 everyone 2.00",
        "2 of 4 customers have a phone or an email.",
        "Phone only 1",
        "Neither 2",
        "brings 25% more than the average customer",
        "$250.00",
        "$50.00",
    ):
        assert told in shown


def test_nobody_has_dashes_where_it_would_divide_by_zero(shop, viewer_client):
    shown = fragment(viewer_client, "figures", SegmentFactory(rule=NOBODY))
    assert "- everyone $100.00" in shown
    assert "- everyone 2.00" in shown
    assert "nan" not in shown.lower().split()


def test_what_is_missing_is_said_and_is_not_0(warehouse, viewer_client):
    rows = four_buyers()
    warehouse({name: rows[name] for name in ("customer_360",)})
    shown = fragment(viewer_client, "figures", SegmentFactory(rule=GOLD))
    assert "Not available: needs a table of orders" in shown
    assert "$0" not in shown


def test_pages_ask_the_warehouse_nothing_to_be_rendered(shop, viewer_client, monkeypatch):
    segment = SegmentFactory(rule=GOLD)

    def refuse(*given):
        raise AssertionError("a page counted")

    monkeypatch.setattr(type(shop), "fetch", refuse)
    for name in ("detail", "breakdown"):
        response = viewer_client.get(reverse(f"segments:{name}", args=[segment.pk]))
        assert response.status_code == 200


def test_a_broken_rule_is_told_with_a_way_to_try_again(shop, viewer_client):
    segment = SegmentFactory(rule=GOLD | {"attribute": "customer_360.gone"})
    for name in ("figures", "bars"):
        shown = fragment(viewer_client, name, segment, by="customer_360.tier")
        assert "Could not count" in shown
        assert "Try again" in shown


def test_a_breakdown_compares_with_everyone(shop, viewer_client):
    shown = fragment(viewer_client, "bars", SegmentFactory(rule=GOLD), by="customer_360.tier")
    assert "Differs most at “Gold”: 100% of the segment, 80% of everyone." in shown
    assert "Gold 100% 4 80% 4 +25%" in shown
    assert "Silver 0% 0 20% 1 -100%" in shown
    assert "Add as criterion" not in shown  # a viewer changes nothing


def test_bars_can_be_long_by_revenue(shop, viewer_client):
    segment = SegmentFactory(rule=GOLD)
    shared = fragment(viewer_client, "bars", segment, by="customer_360.tier", measure="revenue")
    assert "Gold 100% 4 100% 4 same" in shared
    each = fragment(viewer_client, "bars", segment, by="customer_360.tier", measure="each")
    assert "Gold $250.00 4 $250.00 4 same" in each
    assert "Silver - 0 $0.00 1" in each


def charts(response) -> list[str]:
    """The addresses of the bars that a page asks for."""
    found = re.findall(r'hx-get="([^"]*/bars/[^"]*)"', response.content.decode())
    return [address.partition("?")[2].replace("&amp;", "&") for address in found]


def test_up_to_six_breakdowns_stand_together_and_are_kept_for_the_next_segment(shop, viewer_client):
    one, other = (reverse("segments:breakdown", args=[SegmentFactory().pk]) for _ in range(2))
    first = charts(viewer_client.get(one))
    assert first == ["by=customer_360.tier&measure=customers", "by=orders&measure=customers"]
    asked = {"by": ["spent", "customer_360.tier", "customer_360.gone"], "measure": "each"}
    kept = ["by=spent&measure=each", "by=customer_360.tier&measure=each"]
    assert charts(viewer_client.get(one, asked, headers=HTMX)) == kept
    assert charts(viewer_client.get(other)) == kept
    assert charts(viewer_client.get(other, {"measure": "customers"})) == first  # Reset
    assert charts(viewer_client.get(other)) == first


def test_who_may_not_see_contacts_breaks_nothing_down_by_them(shop, viewer_client, viewer):
    segment = SegmentFactory(rule=GOLD)
    page = viewer_client.get(reverse("segments:breakdown", args=[segment.pk]))
    assert "merged_customers.email" not in page.content.decode()
    shown = fragment(viewer_client, "bars", segment, by="merged_customers.email")
    assert "There is no attribute" in shown
    assert "example.com" not in shown


def test_an_attribute_that_is_not_there_is_told(shop, viewer_client):
    shown = fragment(viewer_client, "bars", SegmentFactory(rule=GOLD), by="customer_360.nothing")
    assert "There is no attribute" in shown


def test_a_bar_becomes_a_criterion_of_the_draft(shop, marketer_client):
    segment = SegmentFactory(rule={"any": [GOLD]})
    bar = {"attribute": "customer_360.tier", "operator": "is_in", "value": ["Silver"]}
    response = marketer_client.post(
        reverse("segments:narrow", args=[segment.pk]), {"bar": json.dumps(bar)}
    )
    assert response["Location"] == reverse("segments:edit", args=[segment.pk])
    segment.refresh_from_db()
    assert segment.rule == {"any": [GOLD]}  # published as before
    old, new = segment.draft["all"]
    assert old["any"]
    assert {key: new[key] for key in bar} == bar


@pytest.mark.parametrize("bar", ["", "[]", "{", '{"attribute": "customer_360.gone"}', "1"])
def test_a_forged_bar_changes_nothing(shop, marketer_client, bar):
    segment = SegmentFactory(rule=GOLD)
    response = marketer_client.post(reverse("segments:narrow", args=[segment.pk]), {"bar": bar})
    assert response["Location"] == reverse("segments:breakdown", args=[segment.pk])
    assert Segment.objects.get().draft is None


def test_an_own_metric_is_added_told_and_removed(shop, marketer_client):
    page = reverse("segments:metrics")
    asked = {
        "name": "Orders ever",
        "measured": "count:orders",
        "aggregate": "average",
        "period": "90",
        "format": "number",
    }
    assert marketer_client.post(page, asked).status_code == 302
    assert "Average of Orders: how many, last 90 days" in words(marketer_client.get(page))
    segment = SegmentFactory(rule=GOLD)
    assert "Orders ever" in (shown := fragment(marketer_client, "figures", segment))
    assert "2.50 everyone 2" in shown
    remove = reverse("segments:metric_remove", args=[Metric.objects.get().pk])
    marketer_client.post(remove)
    assert not Metric.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Give the metric a name."),
        ({"measured": "attribute:customer_360.tier"}, "Select a valid choice"),
        ({"aggregate": "share"}, "Choose an average"),
        ({"measured": ""}, "This field is required"),
    ],
)
def test_a_metric_that_cannot_be_told_is_refused(shop, marketer_client, wrong, said):
    asked = {
        "name": "Orders",
        "measured": "count:orders",
        "aggregate": "average",
        "format": "number",
    }
    response = marketer_client.post(reverse("segments:metrics"), asked | wrong)
    assert response.status_code == 422
    assert said in words(response)
    assert not Metric.objects.exists()
