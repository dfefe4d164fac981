"""Operators of dates and times: whole days in the brand's zone, or moments."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from segments.compile import ir
from segments.compile.calendar import Clock, anniversaries
from segments.compile.operands import Operand


@ibis.udf.scalar.builtin(
    name="timezone", signature=((dt.string, dt.Timestamp(timezone="UTC")), dt.timestamp)
)
def clock_at(zone, moment):  # type: ignore[no-untyped-def]
    """What the clock of a zone shows at a moment."""


Edge = date | datetime  # a whole day, or a moment in UTC


def compare(operand: Operand, operator: str, value: Any, clock: Clock) -> ir.BooleanValue:
    """A positive operator; null counts as false."""
    match operator:
        case "is_between":
            low, high = (clock.value(each) for each in value)
            return within(operand, low, high, clock)
        case "is_in_last":
            return within(operand, clock.back(value.n, value.unit), clock.now, clock)
        case "is_in_next":
            return within(operand, clock.now, clock.ahead(value.n, value.unit), clock)
        case "is_in_this" | "is_in_previous":
            first, last = clock.period(value, previous=operator == "is_in_previous")
            return within(operand, first, last, clock)
        case "has_anniversary_today":
            return _anniversary(operand, clock.today, clock)
        case "has_anniversary_in_next":
            return _anniversary(operand, clock.ahead(value.n, value.unit), clock)
    edge = clock.value(value)
    match operator:
        case "is_on":
            return within(operand, edge, edge, clock)
        case "is_before":
            return ~from_(operand, edge, clock)
        case "is_on_or_before":
            return to(operand, edge, clock)
        case "is_after":
            return ~to(operand, edge, clock)
    return from_(operand, edge, clock)


def within(operand: Operand, low: Edge | None, high: Edge | None, clock: Clock) -> ir.BooleanValue:
    """Not before ``low`` and not after ``high``, both included; null stays null."""
    ends = []
    if low is not None:
        ends.append(from_(operand, low, clock))
    if high is not None:
        ends.append(to(operand, high, clock))
    return ibis.and_(*ends)


def from_(operand: Operand, edge: Edge, clock: Clock) -> ir.BooleanValue:
    """On the day or later, or at the moment or later."""
    if operand.type == "date":
        return operand.value >= _day(edge, clock)
    if isinstance(edge, datetime):
        if operand.zoned:
            return operand.value >= edge
        return operand.value >= clock.reading(edge)[0]
    return operand.value >= _start(operand, edge, clock)


def to(operand: Operand, edge: Edge, clock: Clock) -> ir.BooleanValue:
    """On the day or earlier, or at the moment or earlier."""
    if operand.type == "date":
        return operand.value <= _day(edge, clock)
    if isinstance(edge, datetime):
        if operand.zoned:
            return operand.value <= edge
        reading, shown_before = clock.reading(edge)
        return operand.value < reading if shown_before else operand.value <= reading
    if edge == date.max:  # no day comes after it: true of all that are not blank
        return operand.value >= _start(operand, date.min, clock)
    return operand.value < _start(operand, edge + timedelta(days=1), clock)


def _day(edge: Edge, clock: Clock) -> date:
    return edge.astimezone(clock.zone).date() if isinstance(edge, datetime) else edge


def _start(operand: Operand, day: date, clock: Clock) -> datetime:
    return clock.start(day) if operand.zoned else datetime.combine(day, time())


def _anniversary(operand: Operand, last: date, clock: Clock) -> ir.BooleanValue:
    window = anniversaries(clock.today, last)
    if window is None:
        return operand.value.notnull()
    day: ir.Value = clock_at(clock.zone.key, operand.value) if operand.zoned else operand.value
    in_year = day.month() * 100 + day.day()
    first, end = window
    if first <= end:
        return (in_year >= first) & (in_year <= end)
    return (in_year >= first) | (in_year <= end)
