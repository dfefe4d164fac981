"""What a segment's page tells: stats, reach, revenue tree, own metrics, size over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from core import charts, formats
from core.arithmetic import ratio
from segments.models import Metric, Segment
from segments.numbers import metrics, sizes
from segments.numbers.insights import Insights, Sums
from warehouse.catalogue import Catalogue

Stat = dict[str, Any]

CUSTOMERS = "Unique customer ids that match the rule."
ACTIVE = "Customers of the segment with an order in the last year; returned ones do not count."
REVENUE = "Their order values of the last year, added up; returned orders do not count."
ORDER_VALUE = "Revenue of the last year, divided by the orders of the last year."
ORDERS_EACH = "Orders of the last year, divided by all customers, those without orders included."
REVENUE_EACH = "Revenue of the last year, divided by all customers, those without orders included."
UNITS_EACH = "Pieces bought in the last year, divided by orders."
UNIT_REVENUE = "Revenue of the last year, divided by pieces bought."
STATS = {
    "customers": "Unique customers",
    "active": "Active in the last year",
    "revenue": "Revenue last year",
    "order_value": "Average order value",
    "orders": "Orders per customer",
}
CARDS = STATS | {"reach": "Reach", "tree": "Revenue tree", "size": "Size over time"}


def stats(found: Insights, segment: Segment, customers_url: str, people_url: str) -> list[Stat]:
    """The row of figures: each with its share of everyone, or beside everyone's.

    customers_url: the page of those customers; people_url: where a part of them is shown.
    """
    ours, all_ = found.segment, found.everyone
    told = (
        (
            formats.count(ours.customers),
            CUSTOMERS,
            _share(ours.customers, all_.customers, "of all") + _week(segment, ours),
            "",
        ),
        (
            formats.count(ours.active),
            ACTIVE,
            _share(ours.active, ours.customers, "of these"),
            "active",
        ),
        (
            formats.money(ours.revenue),
            REVENUE,
            _share(ours.revenue, all_.revenue, "of all revenue"),
            "revenue",
        ),
        (
            formats.money(ours.order_value),
            ORDER_VALUE,
            f"everyone {formats.money(all_.order_value)}",
            "revenue",
        ),
        (decimal(ours.orders_each), ORDERS_EACH, f"everyone {decimal(all_.orders_each)}", "active"),
    )
    rows = [
        _stat(label, value, info, note, found.lacking.get(needs)) | {"key": key}
        for (key, label), (value, info, note, needs) in zip(STATS.items(), told, strict=True)
    ]
    rows[0]["url"] = customers_url
    rows[1]["opens"] = f"{people_url}?part=active"
    return rows


def _week(segment: Segment, ours: Sums) -> str:
    """ ", -10 in 7 days", of a published segment that was counted a week ago."""
    before = sizes.a_week_ago([segment]).get(segment.pk) if segment.active else None
    return "" if before is None else f", {formats.delta(ours.customers - before)} in 7 days"


def _stat(label: str, value: str, info: str, note: str, lacking: str | None = None) -> Stat:
    if lacking:
        return {
            "label": label,
            "info": info,
            "value": "",
            "note": lacking,
            "state": "not_available",
        }
    return {"label": label, "info": info, "value": value, "note": note}


def _share(part: float | None, whole: float | None, of: str) -> str:
    return f"{formats.percent(ratio(part, whole))} {of}" if ratio(part, whole) is not None else ""


def decimal(value: float | None) -> str:
    """3.1415 -> "3.14"; a dash where it would divide by zero."""
    return formats.UNKNOWN if value is None else f"{value:,.2f}"


def reach(sums: Sums, people_url: str) -> dict[str, Any] | None:
    """The split bar of reach, None where it is not known. people_url: as for ``stats``."""
    if sums.email is None or sums.phone is None or sums.both is None or sums.neither is None:
        return None
    reached = sums.customers - sums.neither
    told = f"{formats.count(reached)} of {formats.counted(sums.customers, 'customer')}"
    parts = charts.parts(
        [
            ("Phone only", sums.phone - sums.both, ""),
            ("Both", sums.both, "third"),
            ("Email only", sums.email - sums.both, "second"),
            ("Neither", sums.neither, "blank"),
        ]
    )
    return {
        "parts": [
            replace(part, opens=f"{people_url}?part={part.label.lower().replace(' ', '_')}")
            for part in parts
        ],
        "whole": sums.customers,
        "finding": f"{told} have a phone or an email."
        if sums.customers
        else "Nobody is in the segment.",
        "sums": sums,
    }


def tree(found: Insights) -> dict[str, Any] | None:
    """Revenue as a product of factors, beside everyone's; None without order values."""
    ours, all_ = found.segment, found.everyone
    if ours.revenue is None:
        return None

    def node(
        label: str, of: Callable[[Sums], float | None], say: Callable[[Any], str], info: str
    ) -> dict[str, Any]:
        mine, others = of(ours), of(all_)
        (lengths,) = charts.pairs([(mine, others)])
        told = {"label": label, "value": say(mine), "other": say(others), "info": info, **lengths}
        if label in WHOLES:
            return told | {"share": _share(mine, others, "of all"), "change": ""}
        change = formats.apart(mine, others)
        way = "" if change in ("", "same") else "up" if (mine or 0) > (others or 0) else "down"
        return told | {"share": "", "change": change, "way": way, "gap": _gap(mine, others, say)}

    branches = [
        [node("Revenue", lambda s: s.revenue, formats.money, REVENUE)],
        [
            node("Customers", lambda s: s.customers, formats.count, CUSTOMERS),
            node("Revenue per customer", lambda s: s.revenue_each, formats.money, REVENUE_EACH),
        ],
        [
            node("Orders per customer", lambda s: s.orders_each, decimal, ORDERS_EACH),
            node("Average order value", lambda s: s.order_value, formats.money, ORDER_VALUE),
        ],
    ]
    if ours.units is not None:
        branches.append(
            [
                node("Units per order", lambda s: s.units_each, decimal, UNITS_EACH),
                node("Revenue per unit", lambda s: s.unit_revenue, formats.money, UNIT_REVENUE),
            ]
        )
    return {
        "branches": branches,
        "finding": _finding(ours, all_),
        "lacking": found.lacking.get("units", ""),
    }


WHOLES = ("Revenue", "Customers")


def _finding(ours: Sums, all_: Sums) -> str:
    if not ours.customers:
        return "Nobody is in the segment."
    change = ratio(ours.revenue_each, all_.revenue_each)
    if change is None:
        return "There is no revenue of the last year to compare."
    said = formats.apart(ours.revenue_each, all_.revenue_each)
    if said == "same":
        return "A customer of the segment brings as much as the average customer."
    if change >= 10:
        return f"A customer of the segment brings {change:,.0f} times what the average one does."
    way = "more" if change > 1 else "less"
    return f"A customer of the segment brings {said.lstrip('+-')} {way} than the average customer."


def _gap(mine: float | None, others: float | None, say: Callable[[Any], str]) -> str:
    """The difference with its sign: "+$1,722.16"; "" where it is not known."""
    if mine is None or others is None:
        return ""
    return f"{'+' if mine > others else ''}{say(mine - others)}"


def own_key(metric: Metric) -> str:
    """An own metric among the cards: "own-3"."""
    return f"own-{metric.pk}"


def own(found: Insights, stored: Sequence[Metric], catalogue: Catalogue) -> list[Stat]:
    """The brand's own metrics, each beside everyone's."""
    rows = []
    for metric in stored:
        value, other = (sums.own.get(metric.name) for sums in (found.segment, found.everyone))
        say = FORMATS[metric.format]
        told = f"{say(value)} {metric.unit}".rstrip()
        info = f"{metrics.said(metric, catalogue)}, over the customers of the segment."
        why = found.lacking.get(metric.name)
        stat = _stat(metric.name, told, info, f"everyone {say(other)}", why)
        rows.append(stat | {"key": own_key(metric)})
    return rows


def _number(value: float | None) -> str:
    if value is None:
        return formats.UNKNOWN
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:,.2f}"


FORMATS: dict[str, Callable[[Any], str]] = {
    "number": _number,
    "integer": lambda value: formats.UNKNOWN if value is None else f"{value:,.0f}",
    "money": formats.money,
    "percent": formats.percent,
}


def size(segment: Segment) -> dict[str, Any]:
    """Size over the last year, as it was counted each day, its versions marked.

    Of several counts on a day the last. line is None as long as there are no two days.
    """
    counts = segment.counts.filter(day__gt=timezone.localdate() - timedelta(days=366))
    by_day = dict(counts.values_list("day", "customers"))
    published = segment.versions.values_list("number", "published_at")
    happened = [(timezone.localtime(at).date(), f"v{number}") for number, at in published]
    points = sorted(by_day.items())
    drawn = charts.line(points, happened)
    if drawn is None:
        return {"line": None}
    first, last = points[0], points[-1]
    change = formats.delta(last[1] - first[1])
    return {
        "line": drawn,
        "finding": f"{formats.counted(last[1], 'customer')} on {formats.day(last[0])}, "
        f"{change} since {formats.day(first[0])}.",
    }
