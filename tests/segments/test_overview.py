"""A segment's page: summary, breakdown, own metrics."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from segments.models import Metric, Segment
from tests.segments.factories import SegmentFactory
from tests.segments.test_insights import GOLD, NOBODY, four_buyers
from warehouse.query import Query

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
        "80% of all",
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


def test_the_revenue_tree_tells_differences_in_percent_and_absolute(shop, viewer_client):
    segment = SegmentFactory(rule=GOLD)
    shown = fragment(viewer_client, "figures", segment)
    assert "$250.00 +25% +$50.00" in shown
    assert "2.50 +25% +0.50" in shown
    assert "$100.00 same" in shown


def test_what_is_the_same_as_everyones_is_neither_good_nor_bad(shop, viewer_client):
    everyone = SegmentFactory(rule={"all": [{"none": [NOBODY]}]})
    url = reverse("segments:figures", args=[everyone.pk])
    shown = viewer_client.get(url, headers=HTMX).content.decode()
    assert "same" in shown
    assert "delta up" not in shown
    assert "delta down" not in shown


def test_the_customers_lead_to_their_page_and_tell_what_a_week_changed(shop, viewer_client):
    segment = SegmentFactory(rule=GOLD)
    week_ago = timezone.now() - timedelta(days=7)
    segment.counts.create(
        version=1, day=timezone.localdate(week_ago), counted_at=week_ago, customers=7
    )
    url = reverse("segments:figures", args=[segment.pk])
    shown = viewer_client.get(url, headers=HTMX)
    assert reverse("segments:customers", args=[segment.pk]) in shown.content.decode()
    assert "4 80% of all, -3 in 7 days" in words(shown)


@pytest.mark.parametrize("page", ["detail", "breakdown", "customers"])
def test_a_draft_that_asks_nothing_yet_has_no_figures_but_a_way_on(shop, marketer_client, page):
    draft = SegmentFactory(rule=None, draft={"all": []})
    response = marketer_client.get(reverse(f"segments:{page}", args=[draft.pk]))
    assert "Nobody is asked for yet" in words(response)
    assert reverse("segments:edit", args=[draft.pk]) in response.content.decode()
    assert reverse("segments:figures", args=[draft.pk]) not in response.content.decode()


def test_a_page_says_that_its_segment_is_archived_or_not_active_yet(
    shop, viewer_client, marketer_client
):
    archived = SegmentFactory(archived=True)
    url = reverse("segments:breakdown", args=[archived.pk])
    assert "Archived: no campaign can take it." in words(viewer_client.get(url))
    assert "Restore it" in words(marketer_client.get(url))
    draft = SegmentFactory(rule=None, draft=GOLD)
    shown = words(viewer_client.get(reverse("segments:detail", args=[draft.pk])))
    assert "what is told here is about the draft" in shown


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


def test_a_metric_counts_values_whole_with_its_unit_and_can_be_changed(shop, marketer_client):
    asked = {
        "name": "Tiers",
        "measured": "attribute:customer_360.tier",
        "aggregate": "count",
        "format": "integer",
        "unit": "cards",
    }
    page = reverse("segments:metrics")
    marketer_client.post(page, asked)
    segment = SegmentFactory(rule=GOLD)
    shown = fragment(marketer_client, "figures", segment)
    assert "How many have a value of Tier, over the customers of the segment." in shown
    assert "4 cards everyone 5" in shown
    stored = Metric.objects.get()
    edit = f"{page}?metric={stored.pk}"
    assert 'value="cards"' in marketer_client.get(edit).content.decode()
    marketer_client.post(edit, asked | {"name": "Cards held", "unit": ""})
    assert [str(each) for each in Metric.objects.all()] == ["Cards held"]
    assert "Cards held" in fragment(marketer_client, "figures", segment)


def test_a_metric_can_be_a_bar_chart_on_each_segments_page(shop, marketer_client):
    asked = {
        "name": "Who they are",
        "measured": "attribute:customer_360.tier",
        "aggregate": "bars",
        "format": "number",
    }
    marketer_client.post(reverse("segments:metrics"), asked)
    segment = SegmentFactory(rule=GOLD)
    response = marketer_client.get(reverse("segments:detail", args=[segment.pk]))
    assert "Who they are" in words(response)
    assert charts(response) == ["by=customer_360.tier"]
    assert "Who they are" not in fragment(marketer_client, "figures", segment)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Give the metric a name."),
        ({"measured": "attribute:customer_360.tier"}, "Tier has no average"),
        ({"measured": "attribute:customer_360.customer_id"}, "Select a valid choice"),
        (
            {"measured": "attribute:merged_customers.email", "aggregate": "bars"},
            "Email is personal",
        ),
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


# What shows, and how it is asked


def test_each_chooses_which_cards_show(shop, viewer_client, marketer_client):
    segment = SegmentFactory(rule=GOLD)
    metric = Metric.objects.create(
        name="Highest spending",
        measured={"attribute": "customer_360.spent"},
        aggregate="highest",
        position=1,
    )
    address = reverse("segments:cards", args=[segment.pk])
    assert "Highest spending" in words(viewer_client.get(address, headers=HTMX))
    kept = ["customers", "tree"]
    answer = viewer_client.post(address, {"card": kept}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == reverse("segments:detail", args=[segment.pk])
    shown = fragment(viewer_client, "figures", segment)
    page = words(viewer_client.get(reverse("segments:detail", args=[segment.pk])))
    assert "Unique customers" in shown
    assert "Revenue per customer" in shown
    for left_out in ("Average order value everyone", "Phone only", metric.name):
        assert left_out not in shown
    assert "Size over time" not in page
    assert "Phone only" in fragment(marketer_client, "figures", segment)


@pytest.mark.parametrize(
    ("figure", "row"),
    [
        ("customers", {"customers": 4}),
        ("active", {"active": 4}),
        ("order_value", {"orders": 10, "revenue": 1000.0, "result": 100}),
        ("reach", {"customers": 4, "email": 1, "phone": 2, "both": 1}),
        ("own", {"value": 4}),
    ],
)
def test_the_sql_of_a_figure_gives_the_figure(shop, viewer_client, figure, row):
    segment = SegmentFactory(rule=GOLD)
    if figure == "own":
        metric = Metric.objects.create(
            name="Known",
            measured={"attribute": "customer_360.tier"},
            aggregate="count",
            position=1,
        )
        figure = f"own-{metric.pk}"
    address = f"{reverse('segments:figure_sql', args=[segment.pk])}?of={figure}"
    page = viewer_client.get(reverse("segments:figures", args=[segment.pk]), headers=HTMX).text
    assert f'hx-get="{address}"' in page
    dialog = viewer_client.get(address, headers=HTMX).text
    sql = unescape(re.search(r'id="figure-sql">(.*?)</code>', dialog, re.S)[1])
    assert shop.fetch(Query(sql)) == [tuple(row.values())]


def test_the_sql_of_no_figure_is_not_found(shop, viewer_client):
    address = reverse("segments:figure_sql", args=[SegmentFactory(rule=GOLD).pk])
    assert viewer_client.get(f"{address}?of=luck", headers=HTMX).status_code == 404
