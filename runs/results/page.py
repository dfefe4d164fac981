"""What came of a run, as its page and its file tell it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from campaigns.definition import Definition
from core import charts
from core.experiments import FEWEST_PEOPLE, uneven
from core.formats import counted, money
from runs.results import statistics
from runs.results.statistics import (
    FEWEST_PURCHASERS,
    Effect,
    Estimate,
    Outcome,
    together,
)

NOBODY = Outcome(0, 0, 0)
TOO_SMALL = (
    f"Too small to tell: it takes {FEWEST_PEOPLE} people on each side, and "
    f"{FEWEST_PURCHASERS} purchasers in both together."
)
NO_CONTROL = "Nobody was held out here, so there is nothing to compare it with."


@dataclass(frozen=True, slots=True)
class Row:
    """A treatment group. conversion, revenue: what it did beside its control, None of a
    control, without one, and where it is too small to tell. verdict: that in words; tone:
    up, down or nothing."""

    sub_audience: str
    name: str
    control: bool
    split: int
    outcome: Outcome
    conversion: Effect | None = None
    revenue: Effect | None = None
    verdict: str = ""
    tone: str = ""

    @property
    def conversion_lift(self) -> str:
        return lift(self.conversion)

    @property
    def revenue_lift(self) -> str:
        return lift(self.revenue)


@dataclass(frozen=True, slots=True)
class Page:
    """rows: each sub-audience's, its control first. uneven: the sub-audiences whose groups
    came out far from their splits."""

    rows: Sequence[Row]
    uneven: Sequence[str]

    @property
    def parts(self) -> Iterator[tuple[str, list[Row]]]:
        for name, rows in groupby(self.rows, key=lambda row: row.sub_audience):
            yield name, list(rows)

    @property
    def findings(self) -> list[Row]:
        """The treatments, each with its verdict."""
        return [row for row in self.rows if not row.control]

    @property
    def has_revenue(self) -> bool:
        return any(row.outcome.revenue is not None for row in self.rows)

    @property
    def chart(self) -> dict[str, object] | None:
        """What each treatment brought a person, for charts/intervals.html; None without any."""
        told = [(row, row.revenue or row.conversion) for row in self.findings]
        known = [(row, effect.apart) for row, effect in told if effect]
        if not known:
            return None
        drawn = charts.intervals(
            [(each.value, each.low, each.high) for _, each in known],
            money if self.has_revenue else points,
        )
        return {
            "axis": drawn,
            "rows": [
                {"label": row.name, "note": row.sub_audience, "tone": row.tone, "at": at}
                for (row, _), at in zip(known, drawn.rows, strict=True)
            ],
        }


def page(definition: Definition, found: Mapping[tuple[int, int], Outcome]) -> Page:
    """found: what ``measuring.outcomes`` told of the run with that definition."""
    rows: list[Row] = []
    off: list[str] = []
    for number, part in enumerate(definition.parts):
        groups = [
            Row(part.name, group.name, group.control, group.split, found.get(place, NOBODY))
            for index, group in enumerate(part.groups)
            for place in [(number, index)]
        ]
        if uneven([row.outcome.people for row in groups], [row.split for row in groups]):
            off.append(part.name)
        controls = [row for row in groups if row.control]
        control = together([row.outcome for row in controls]) if controls else None
        rows += controls
        rows += [beside(row, control) for row in groups if not row.control]
    return Page(rows, off)


def beside(row: Row, control: Outcome | None) -> Row:
    """The row of a treatment, with what it did beside its control."""
    if control is None:
        return replace(row, verdict=NO_CONTROL)
    conversion = statistics.conversion(row.outcome, control)
    revenue = statistics.revenue(row.outcome, control)
    if conversion is None:
        return replace(row, verdict=TOO_SMALL)
    whole, words = (revenue.whole, dollars) if revenue else (conversion.whole, purchasers)
    return replace(
        row,
        conversion=conversion,
        revenue=revenue,
        verdict=verdict(whole, words),
        tone="" if not whole.clear else "up" if whole.value > 0 else "down",
    )


def verdict(whole: Estimate, words: Callable[[float], str]) -> str:
    """What a treatment brought, as a sentence with its 95% interval."""
    span = f"95% interval: {words(whole.low)} to {words(whole.high)}"
    if not whole.clear:
        return f"No clear difference: what there is may be chance ({span})."
    if whole.value > 0:
        return f"Brought {words(whole.value)} that would not have come without it ({span})."
    return f"Cost {words(-whole.value)} that would have come without it ({span})."


def dollars(value: float) -> str:
    return money(round(value)).removesuffix(".00") if abs(value) >= 100 else money(value)


def purchasers(value: float) -> str:
    return counted(round(value), "purchaser")


def points(value: float) -> str:
    """A difference of two shares, in percentage points."""
    return f"{value * 100:.2g} points"


def lift(effect: Effect | None) -> str:
    """As "+62% (+20% to +118%)"; "" without one."""
    if effect is None or effect.lift is None:
        return ""
    estimate = effect.lift
    value, low, high = (
        f"{each * 100:+,.0f}%" for each in (estimate.value, estimate.low, estimate.high)
    )
    return f"{value} ({low} to {high})"
