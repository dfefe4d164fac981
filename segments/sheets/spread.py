"""A breakdown as its page shows it: what can be chosen, bars beside everyone's, what stands out."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from core import charts, formats
from core.arithmetic import ratio
from segments.numbers.bars import Bar, Counts
from segments.numbers.breakdown import ORDERS, SPENT, Breakdown, lacking
from segments.sheets import options
from segments.wording import words
from warehouse.catalogue import Catalogue
from warehouse.personal import is_personal

MOST = 6  # charts on a page
FIRST = 4  # charts before anybody chose
TELLING = ("tier", "income", "age", "state", "size", "segment", "city")
OF_PURCHASES = {ORDERS: "Orders in the last year", SPENT: "Revenue in the last year"}


@dataclass(frozen=True, slots=True)
class Measure:
    """What the bars are long by. ours, all: of the segment and of everyone, from the bar's
    counts and the whole's; told: such a value in words; beside: both in a sentence."""

    label: str
    ours: Callable[[Counts, Counts], float | None]
    all: Callable[[Counts, Counts], float | None]
    told: Callable[[float | None], str]
    beside: str
    money: bool = True


MEASURES = {
    "customers": Measure(
        "% of customers",
        lambda bar, whole: ratio(bar.customers, whole.customers),
        lambda bar, whole: ratio(bar.everyone, whole.everyone),
        formats.percent,
        "{} of the segment, {} of everyone",
        money=False,
    ),
    "revenue": Measure(
        "% of revenue, last year",
        lambda bar, whole: ratio(bar.revenue, whole.revenue),
        lambda bar, whole: ratio(bar.all_revenue, whole.all_revenue),
        formats.percent,
        "{} of the revenue of the segment, {} of that of everyone",
    ),
    "each": Measure(
        "Revenue per customer, last year",
        lambda bar, whole: ratio(bar.revenue, bar.customers),
        lambda bar, whole: ratio(bar.all_revenue, bar.everyone),
        formats.money,
        "{} a customer of the segment, {} of everyone",
    ),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """An attribute, or a figure of what customers bought. table: where it comes from."""

    name: str
    label: str
    table: str


def choices(catalogue: Catalogue, unmasked: bool) -> list[Choice]:
    """What a segment can be broken down by. unmasked: personal columns too."""
    found = [
        Choice(name, label, "Purchases")
        for name, label in OF_PURCHASES.items()
        if not lacking(name, catalogue)
    ]
    for option in options.attributes(catalogue):
        name = option["value"].removeprefix("attribute:")
        table, column = catalogue.find(name) or (None, None)
        if table is None or column is None or column.name.lower() == table.customer.lower():
            continue
        if unmasked or not is_personal(column):
            found.append(Choice(name, str(option["text"]), words.table_label(table, table.name)))
    return found


def first(offered: Sequence[Choice]) -> list[str]:
    """What is shown before anything is chosen: attributes that tell groups apart, and orders."""
    names = [each.name for each in offered]
    found = []
    for word in TELLING:
        told = (name for name in names if word in name.rpartition(".")[2].lower().split("_"))
        found += [name for name in told if name not in found][:1]
    found = found[: FIRST - 1] + [name for name in names if name == ORDERS]
    return (found or names)[:FIRST]


def shown(found: Breakdown, measure: Measure, people_url: str) -> dict[str, Any]:
    """The bars, as the variables of charts/pairs.html. people_url: where a bar's customers are
    shown."""
    told = [
        (measure.ours(b.counts, found.whole), measure.all(b.counts, found.whole))
        for b in found.bars
    ]
    return {
        "finding": _finding(found, measure, told),
        "rows": [
            {
                "label": bar.label,
                "customers": bar.customers,
                "all": bar.everyone,
                "share": measure.told(ours),
                "other": measure.told(all_),
                "apart": formats.apart(ours, all_),
                "form": json.dumps(bar.criterion) if bar.criterion else "",
                "opens": _opens(found, place, people_url) if bar.criterion else "",
                **lengths,
            }
            for place, (bar, (ours, all_), lengths) in enumerate(
                zip(found.bars, told, charts.pairs(told), strict=True)
            )
        ],
    }


def _opens(found: Breakdown, place: int, people_url: str) -> str:
    """The bar by its place: its value may be personal, and addresses are kept in logs."""
    return f"{people_url}?{urlencode({'by': found.attribute, 'bar': place})}"


def _finding(
    found: Breakdown, measure: Measure, told: Sequence[tuple[float | None, float | None]]
) -> str:
    """The bar in which the segment differs most from everyone, in words."""
    if not found.customers:
        return "Nobody is in the segment."
    if measure.money and not found.whole.revenue:
        return "The segment has no revenue of the last year."

    def gap(pair: tuple[Bar, tuple[float | None, float | None]]) -> float:
        ours, all_ = pair[1]
        return 0 if ours is None or all_ is None else ours - all_

    # Of two that differ as much, the one of which the segment has more.
    pairs = zip(found.bars, told, strict=True)
    most = max(pairs, key=lambda pair: (round(abs(gap(pair)), 9), gap(pair)))
    if not round(gap(most), 9):
        return "The segment spreads as everyone does."
    bar, told_of = most
    return f"Differs most at “{bar.label}”: {measure.beside.format(*map(measure.told, told_of))}."
