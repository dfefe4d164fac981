"""Nothing is evaluated to render a page: its numbers come in requests of their own."""

import pytest
from django.urls import reverse

from segments.urls import urlpatterns
from tests.segments.factories import RULE, SegmentFactory, SegmentVersionFactory
from warehouse.engines.duckdb import DuckDBEngine

HTMX = {"HX-Request": "true"}
# The requests that bring numbers, people or values into a page that stands already.
FIGURES = {
    *("counts", "figures", "bars", "draft_figures", "draft_worth"),
    *("people", "changed_people", "compare_part"),
    *("compare_figures", "compare_apart", "compare_people", "sql_figures", "publish_figures"),
    *("version_figures", "diff_figures", "customer_rows", "values", "choices"),
}
SQL = {"sql": "SELECT customer_id FROM customer_360 WHERE tier = 'Gold'"}


@pytest.mark.parametrize("rule", [RULE, SQL], ids=["visual", "sql"])
def test_a_page_asks_the_customer_tables_nothing(admin_client_, warehouse, monkeypatch, rule):
    warehouse({"customer_360": [{"customer_id": "c1", "tier": "Gold"}]})
    segment, other = SegmentFactory(rule=rule, draft=rule, version=2), SegmentFactory()
    for number in (1, 2):
        SegmentVersionFactory(segment=segment, number=number, rule=rule)
    values = {"pk": segment.pk, "number": 1, "action": "move", "name": "moved"}
    asked = ""

    def refuse(*given, **more):
        raise AssertionError(f"{asked} asked the customer tables")

    monkeypatch.setattr(DuckDBEngine, "fetch", refuse)
    monkeypatch.setattr(DuckDBEngine, "stream", refuse)
    shown = set()
    for pattern in urlpatterns:
        given = {key: values[key] for key in pattern.pattern.converters}
        asked = reverse(f"segments:{pattern.name}", kwargs=given)
        for headers in ({}, HTMX) if pattern.name not in FIGURES else ():
            answer = admin_client_.get(asked, {"s": [segment.pk, other.pk]}, headers=headers)
            if answer.status_code == 200:
                shown.add(pattern.name)
    assert {"list", "detail", "compare", "history", "why", "publish", "sql", "metrics"} <= shown
    assert "sql_edit" in shown if "sql" in rule else "edit" in shown
