"""The rule language as frozen nodes, and back to JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Span:
    """``{n, unit}``: so many days, weeks, months or years."""

    n: int
    unit: str


@dataclass(frozen=True, slots=True)
class Relative:
    """``{days_ago: N}`` or ``{days_from_now: N}``. offset: days from today, negative before it."""

    offset: int
    ago: bool = True


@dataclass(frozen=True, slots=True)
class InList:
    """``{list: NAME}``: the values of an uploaded list."""

    name: str


Scalar = str | int | float | Relative
Value = None | Scalar | Span | InList | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Last:
    """``{last: N, unit}``: from the start of the day so far back, up to now."""

    n: int
    unit: str


@dataclass(frozen=True, slots=True)
class Between:
    """``{from, to}``: calendar days as ISO text, both included; '' leaves that end open."""

    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class All:
    rules: tuple[Rule, ...] = ()
    off: bool = False
    id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class AnyOf:
    rules: tuple[Rule, ...] = ()
    off: bool = False
    id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class NoneOf:
    rules: tuple[Rule, ...] = ()
    off: bool = False
    id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Attribute:
    """attribute: "table.column"; value: None where the operator takes none."""

    attribute: str
    operator: str
    value: Value = None
    ignore_case: bool = True
    off: bool = False
    id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Event:
    """event: the table. of: "table.column", '' for the event's value."""

    event: str
    where: Rule | None = None
    period: Last | Between | None = None
    which: str = "any"
    measure: str = "count"
    of: str = ""
    operator: str = "at_least"
    value: Value = 1
    ignore_case: bool = True
    off: bool = False
    id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class InSegment:
    segment: str
    off: bool = False
    id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Sql:
    """sql: one SELECT that gives customer ids, in the words of the warehouse's engine."""

    sql: str
    off: bool = False
    id: str = field(default="", compare=False)


Group = All | AnyOf | NoneOf
Criterion = Attribute | Event | InSegment | Sql
Rule = All | AnyOf | NoneOf | Attribute | Event | InSegment | Sql

GROUPS: dict[str, type[All] | type[AnyOf] | type[NoneOf]] = {
    "all": All,
    "any": AnyOf,
    "none": NoneOf,
}
WORDS: dict[type, str] = {node: word for word, node in GROUPS.items()}


def to_json(rule: Rule) -> dict[str, Any]:
    """The rule as the language writes it; what equals the default is left out."""
    match rule:
        case All() | AnyOf() | NoneOf():
            node: dict[str, Any] = {WORDS[type(rule)]: [to_json(each) for each in rule.rules]}
        case Attribute():
            node = {"attribute": rule.attribute, "operator": rule.operator}
            if rule.value is not None:
                node["value"] = _value(rule.value)
            if not rule.ignore_case:
                node["ignore_case"] = False
        case Event():
            node = _event(rule)
        case InSegment():
            node = {"segment": rule.segment}
        case Sql():
            node = {"sql": rule.sql}
    if rule.off:
        node["off"] = True
    if rule.id:
        node["id"] = rule.id
    return node


def _event(rule: Event) -> dict[str, Any]:
    node: dict[str, Any] = {"event": rule.event}
    if rule.where is not None:
        node["where"] = to_json(rule.where)
    match rule.period:
        case Last(n, unit):
            node["period"] = {"last": n, "unit": unit}
        case Between(start, end):
            bounds = {"from": start, "to": end}
            node["period"] = {key: day for key, day in bounds.items() if day}
    if rule.which != "any":
        node["which"] = rule.which
    if rule.measure != "count":
        node["measure"] = rule.measure
    if rule.of:
        node["of"] = rule.of
    node["operator"] = rule.operator
    if rule.value is not None:
        node["value"] = _value(rule.value)
    if not rule.ignore_case:
        node["ignore_case"] = False
    return node


def _value(value: Value) -> Any:
    match value:
        case tuple():
            return [_value(each) for each in value]
        case Span(n, unit):
            return {"n": n, "unit": unit}
        case InList(name):
            return {"list": name}
        case Relative(offset, ago):
            return {"days_ago": -offset} if ago else {"days_from_now": offset}
        case _:
            return value
