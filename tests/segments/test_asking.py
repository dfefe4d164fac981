"""What is kept of questions and answers: true whatever changes around them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segments import lists
from segments.compile import members
from segments.models import CustomerList, Metric, Segment
from segments.numbers import counting, metrics
from segments.numbers.asking import answer
from segments.numbers.insights import insights
from segments.rules import RuleError
from tests.segments.factories import SegmentFactory
from warehouse import extra
from warehouse.catalogue import CatalogueTable, Column
from warehouse.models import Attribute

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
GOLD = {"attribute": "customer_360.tier", "operator": "is", "value": "Gold"}
SILVER = GOLD | {"value": "Silver"}
LISTED = {
    "attribute": "customer_360.customer_id",
    "operator": "is_in",
    "value": {"list": "Friends"},
}
BOUGHT = {"event": "orders", "period": {"last": 1, "unit": "days"}}
IN_MARCH = {"event": "orders", "period": {"from": "2026-03-01"}}


@pytest.fixture
def shop(warehouse):
    tables = {
        "customer_360": [
            {"customer_id": f"c{n}", "tier": tier, "score": n}
            for n, tier in enumerate(["Gold", "Gold", "Gold", "Silver", None])
        ],
        "orders": [
            {"order_id": "o0", "customer_id": "c0", "ordered_at": datetime(2026, 3, 3, 0, 30)},
            {"order_id": "o1", "customer_id": "c3", "ordered_at": datetime(2026, 3, 4, 11)},
        ],
    }
    warehouse(tables)
    return lambda **changed: warehouse(tables | changed)


def counted(rule, moment=NOON):
    return counting.count(rule, counting.context(moment))


def test_what_was_asked_before_is_not_compiled_again(shop):
    made = []

    def build():
        made.append(1)
        return members(GOLD, context)

    for moment in (NOON, NOON, NOON + timedelta(minutes=5)):
        context = counting.context(moment)
        assert len(answer("members", [GOLD], context, build).rows) == 3
    assert len(made) == 2  # once each five minutes


def test_a_segment_that_is_published_anew_is_counted_anew_however_deep_it_stands(shop):
    inner = SegmentFactory(name="Inner", rule=GOLD)
    SegmentFactory(name="Outer", rule={"all": [{"segment": "Inner"}]})
    rule = {"none": [{"segment": "Outer"}]}
    assert counted(rule) == 2
    Segment.objects.filter(pk=inner.pk).update(rule=SILVER)
    assert counted(rule) == 4
    Segment.objects.filter(pk=inner.pk).update(archived=True)
    with pytest.raises(RuleError, match="Inner"):
        counted(rule)


def test_a_segment_that_was_broken_is_counted_once_it_is_mended(shop):
    segment = SegmentFactory(name="Inner", rule=GOLD | {"attribute": "customer_360.level"})
    for _ in range(2):
        with pytest.raises(RuleError, match="level"):
            counted({"segment": "Inner"})
    Segment.objects.filter(pk=segment.pk).update(rule=GOLD)
    assert counted({"segment": "Inner"}) == 3


def test_a_list_that_is_replaced_is_counted_anew(shop):
    lists.store("Friends", ["c0", "c1"], by=None)
    SegmentFactory(name="Listed", rule=LISTED)
    assert counted(LISTED) == counted({"segment": "Listed"}) == 2
    lists.store("Friends", ["c4"], by=None)
    assert counted(LISTED) == counted({"segment": "Listed"}) == 1


def test_a_list_whose_file_is_gone_is_missed_though_it_was_compiled_before(shop):
    lists.store("Friends", ["c0", "c1"], by=None)
    assert counted(LISTED) == 2
    (path,) = lists.relation(CustomerList.objects.get().digest)
    path.unlink()
    with pytest.raises(lists.ListMissingError):
        counted(LISTED)


def test_a_day_later_other_customers_bought_in_the_last_day(shop):
    assert counted(BOUGHT) == 2
    assert counted(BOUGHT, NOON + timedelta(days=1)) == 1
    assert counted(BOUGHT, NOON + timedelta(days=2)) == 0


def test_in_another_time_zone_the_last_day_begins_at_another_time(shop, settings):
    assert counted(BOUGHT) == 2
    settings.TIME_ZONE = "Pacific/Kiritimati"  # there it is the fifth already
    assert counted(BOUGHT) == 1


def test_other_data_is_counted_anew(shop):
    assert counted(GOLD) == 3
    shop(customer_360=[{"customer_id": "c9", "tier": "Gold", "score": 1}])
    assert counted(GOLD) == 1


def test_what_an_admin_corrects_in_the_catalogue_is_counted_anew(shop):
    assert counted(IN_MARCH) == 2
    Attribute.objects.filter(name="ordered_at").update(semantic="", corrected=True)
    with pytest.raises(RuleError):
        counted(IN_MARCH)


def test_what_another_run_has_sent_is_counted_anew(shop, monkeypatch, tmp_path):
    monkeypatch.setattr(extra, "_registered", {})
    columns = {"customer_id": Column("customer_id", "text", "customer_id")}
    sent = []
    table = CatalogueTable("sent", columns, customer="customer_id")
    extra.register("sent", table, lambda: list(sent))
    for customers in (["c0"], ["c1", "c2"]):
        sent.append(tmp_path / f"{len(sent)}.parquet")
        pq.write_table(pa.table({"customer_id": customers}), sent[-1])
        found = counted({"event": "sent"}), counted({"none": [{"event": "sent"}]})
        assert found == ((1, 4) if len(sent) == 1 else (3, 2))


def test_rows_that_nothing_names_are_counted_each_time(shop, monkeypatch):
    monkeypatch.setattr(extra, "_registered", {})
    columns = {"customer_id": Column("customer_id", "text", "customer_id")}
    rows = ["c0"]
    table = CatalogueTable("sent", columns, customer="customer_id")
    extra.register("sent", table, lambda: pa.table({"customer_id": rows}))
    assert counted({"event": "sent"}) == 1
    rows.append("c4")
    assert counted({"event": "sent"}) == 2


def test_sql_of_a_segment_runs_anew_over_other_data(shop):
    rule = {"sql": "SELECT customer_id FROM orders WHERE ordered_at < CURRENT_DATE"}
    SegmentFactory(name="Before today", rule=rule)
    named = {"all": [{"segment": "Before today"}]}
    assert counted(rule) == counted(named) == 1
    assert counted(rule, NOON + timedelta(days=1)) == counted(named, NOON + timedelta(days=1)) == 2
    shop(orders=[{"order_id": "o", "customer_id": "c1", "ordered_at": datetime(2026, 3, 4, 13)}])
    assert counted(rule) == counted(named) == 0


@pytest.mark.parametrize(
    ("measured", "aggregate", "worth"),
    [
        ({"attribute": "customer_360.score"}, "total", 3),
        ({"attribute": "customer_360.score"}, "highest", 2),
        ({"event": "orders"}, "total", 1),
    ],
)
def test_an_own_metric_that_is_edited_is_counted_anew(shop, measured, aggregate, worth):
    metric = Metric(name="Own", measured={"attribute": "customer_360.score"}, aggregate="average")
    assert _own(metric) == 1
    metric.measured, metric.aggregate = measured, aggregate
    assert _own(metric) == worth


def _own(metric):
    found = insights(GOLD, counting.context(NOON), [metrics.measure_of(metric)])
    return found.segment.own["Own"]


def test_questions_about_the_same_rules_are_told_apart(shop):
    context = counting.context(NOON)
    assert counting.count(GOLD, context) == 3
    assert counting.total(context) == 5
    assert counting.reach(GOLD, context).customers == 3
    assert insights(GOLD, context).everyone.customers == 5
    assert counting.reaches({"a": GOLD, "b": SILVER}, context)["b"].customers == 1
    assert counting.reaches({"a": SILVER, "b": GOLD}, context)["b"].customers == 3
