"""What a criterion means that it does not say: which days, in which zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from core import formats
from segments import drafts
from segments.compile.calendar import Clock
from segments.rules.operators import PERIODS, UNITS
from segments.wording import words
from warehouse.catalogue import Catalogue

SLOW = 2.0  # seconds
PATTERNS = ("matches", "does_not_match")
SPANS = (
    *("is_in_last", "is_not_in_last", "is_in_next", "is_not_in_next"),
    "has_anniversary_in_next",
)


def of_days(node: Mapping[str, Any], clock: Clock) -> str:
    """The days that a criterion about dates means now: "26 Aug to 24 Nov, New York"."""
    operator, value = str(node.get("operator", "")), node.get("value")
    if operator in SPANS and isinstance(value, Mapping):
        return _span(value.get("n"), value.get("unit"), "last" in operator, clock)
    if operator == "has_anniversary_today":
        return _said(clock.today, clock.today, clock)
    if operator in ("is_in_this", "is_in_previous") and value in PERIODS:
        return _said(*clock.period(str(value), operator == "is_in_previous"), clock)
    values = value if isinstance(value, list | tuple) else [value]
    days = [_away(each, clock) for each in values]
    first, last = days[0], days[-1]
    relative = any(isinstance(each, Mapping) or each == "today" for each in values)
    return _said(first, last, clock) if relative and first and last else ""


def of_ends(node: Mapping[str, Any]) -> str:
    """Whether the two ends of a *between* belong to it, else ''."""
    match node.get("operator"):
        case "between" | "is_between":
            return "Both ends are included."
        case "is_not_between":
            return "The two ends themselves do not match."
    return ""


def of_nothing_done(node: Mapping[str, Any]) -> str:
    """That conditions on what somebody did not do let more customers in, else ''."""
    if _is_never(node) and node.get("where"):
        return "Whoever did so otherwise matches too: each condition lets more customers in."
    return ""


def _is_never(node: Mapping[str, Any]) -> bool:
    counted = node.get("measure", "count") == "count" and node.get("operator") == "is"
    return counted and node.get("value") == 0


def of_siblings(node: Mapping[str, Any], before: Sequence[Mapping[str, Any]]) -> str:
    """That a line about events is tested apart from one above it about the same, else ''.

    before: the lines above it in a group of which all must match.
    """
    found = [each for each in (*before, node) if not each.get("off") and not _is_never(each)]
    if found[-1:] != [node] or node["event"] not in [each.get("event") for each in found[:-1]]:
        return ""
    return (
        "Tested by itself: it need not be what the line above found. "
        "To ask both of the same, put the conditions into one line."
    )


def of_time(
    seconds: float, rule: Mapping[str, Any], catalogue: Catalogue, segments: Mapping[str, Any]
) -> str:
    """That a count took long, and which line is likely to be why; '' when it was quick.

    segments: the rules of those that may be named.
    """
    if seconds < SLOW:
        return ""
    lines = [node for node in drafts.walk(rule) if not node.get("off") and not drafts.word(node)]
    ranked = sorted((_slowness(node, segments), -place) for place, node in enumerate(lines))
    why = ""
    if ranked and ranked[-1][0]:
        slowest = lines[-ranked[-1][1]]
        said = words.criterion_label(slowest, catalogue)
        if slowest.get("operator") in PATTERNS:
            said += f" {words.OPERATORS[slowest['operator']]}"
        why = f"; the slowest line is likely “{said}”"
    return f"Took {seconds:.0f} s{why}."


def _slowness(node: Mapping[str, Any], segments: Mapping[str, Any]) -> int:
    """A guess: SQL is run by itself, a pattern reads every text, joins come before a grouping."""
    if "segment" in node:
        inner = segments.get(str(node["segment"]))
        return max((_slowness(each, {}) for each in drafts.walk(inner)), default=0)
    if "sql" in node:
        return 4
    if node.get("operator") in PATTERNS:
        return 3
    if "event" in node:
        conditions = [str(each.get("attribute", "")) for each in drafts.walk(node.get("where"))]
        own = f"{node['event']}.".lower()
        return 2 if any(each and not each.lower().startswith(own) for each in conditions) else 1
    return 0


def of_period(period: Any, clock: Clock) -> str:
    """The days of an event's window that reaches back from now, else ''."""
    if not isinstance(period, Mapping) or "last" not in period:
        return ""
    return _span(period["last"], period.get("unit"), True, clock)


def _span(n: Any, unit: Any, back: bool, clock: Clock) -> str:
    if not isinstance(n, int) or unit not in UNITS:
        return ""
    if back:
        return _said(clock.back(n, unit), clock.today, clock)
    return _said(clock.today, clock.ahead(n, unit), clock)


def _away(value: Any, clock: Clock) -> date | None:
    if value == "today":
        return clock.today
    if isinstance(value, Mapping):
        for key, sign in (("days_ago", -1), ("days_from_now", 1)):
            if isinstance(value.get(key), int):
                return clock.days_away(sign * value[key])
        return None
    try:
        found = clock.value(value)
    except ValueError:
        return None
    return found if type(found) is date else None


def _said(first: date, last: date, clock: Clock) -> str:
    zone = formats.zone_name(str(clock.zone))
    if first == last:
        return f"{formats.day(first, clock.today)}, {zone}"
    return f"{formats.day(first, clock.today)} to {formats.day(last, clock.today)}, {zone}"
