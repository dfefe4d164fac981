"""A rule as the SQL that it means, fit to be read, and to be gone on with as a SQL segment.

The compiler writes days and moments as they are now. Whatever moves with the clock is found by
compiling for other nows too, and written so that it moves on: ``CURRENT_DATE - 90``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import pyarrow as pa
import sqlglot
import sqlglot.expressions as exp

from segments.compile import Context, ir, members, to_sql
from segments.compile.calendar import Clock, shifted
from segments.compile.context import Source
from segments.sql.running import Members
from warehouse.catalogue import CatalogueTable

INLINE = 4_000  # values of a list that can stand in the text
PLACEHOLDER = exp.Var(this="moving")
DAY = ("year", "month", "day")
# Beginnings of this, the last and the next period, and the days before them.
PERIODS = [
    (unit, length, step, before)
    for unit, length in (("month", 1), ("quarter", 3), ("year", 12))
    for step in (-1, 0, 1)
    for before in (0, 1)
]


@dataclass(frozen=True, slots=True)
class Written:
    """text: one SELECT, as SQL of a segment is written. unlike: why it cannot become the
    segment's SQL, a sentence each; none: it gives the same customers, now and later."""

    text: str
    unlike: tuple[str, ...] = ()


def written(rule: Any, context: Context) -> Written:
    """The rule in the words of the engine. Nothing is run. Raises RuleError, NoCustomersError."""
    return told(partial(members, rule), context)


def told(build: Callable[[Context], ir.Table], context: Context) -> Written:
    """The same of whatever is asked of the customer tables. Raises as ``build`` does."""
    moment = context.moment
    while context.clock.reading(moment)[1]:  # the hour that clocks show twice is compared otherwise
        moment += timedelta(hours=1)
    now = _compiled(build, context, moment)
    later = [_compiled(build, context, other) for other in _later(moment)]
    unlike = []
    if not _move(now, later):
        unlike.append(
            "Some of its dates, such as anniversaries, would stay as they are today. "
            "SQL has no short word for them."
        )
    unlike += _outside(now.tree, now.context)
    return Written(now.tree.sql(context.catalogue.dialect, pretty=True), tuple(unlike))


def as_query(text: str, base: CatalogueTable) -> str:
    """The SQL of a segment as a query of its own: its customers with the columns of the base
    table, to be run elsewhere."""
    table, customer = (exp.to_identifier(each, quoted=True) for each in (base.name, base.customer))
    inner = "\n".join(f"  {line}" for line in text.strip().rstrip(";").splitlines())
    return (
        f"SELECT customers.*\nFROM {table.sql()} AS customers\n"
        f"WHERE customers.{customer.sql()} IN (\n{inner}\n)"
    )


@dataclass(frozen=True, slots=True)
class _Compiled:
    tree: exp.Expr
    context: Context

    @property
    def clock(self) -> Clock:
        return self.context.clock


def _later(now: datetime) -> Sequence[datetime]:
    """Moments from which no two spans of days, months and years reach back alike."""
    leap = now.year + 4 - now.year % 4
    days = [(leap, 3, 1, 9, 12, 5), (leap + 1, 5, 31, 14, 7, 3), (leap + 2, 3, 31, 20, 1, 4)]
    return [datetime(*day, tzinfo=UTC) for day in days]


def _compiled(
    build: Callable[[Context], ir.Table], context: Context, moment: datetime
) -> _Compiled:
    own = replace(context, moment=moment, relations={}, opened={}, apart={})
    dialect = context.catalogue.dialect
    text = to_sql(build(own), dialect)
    return _Compiled(sqlglot.parse_one(text, dialect=dialect), own)


# What stands beside the tables


def _outside(tree: exp.Expr, context: Context) -> Iterator[str]:
    """Put short lists of values into the text; tell what cannot stand there."""
    lists = {f"list_{digest[:16]}": name for name, digest in context.lists.items()}
    for table in list(tree.find_all(exp.Table)):
        found = context.relations.get(table.name)
        if isinstance(found, pa.Table) and found.num_rows <= INLINE:
            table.replace(_values(table, found))
        elif found is not None:
            yield _told(table.name, found, lists)


def _told(name: str, found: Source, lists: dict[str, str]) -> str:
    if isinstance(found, Members):
        return "It names a segment that is SQL itself. Write the two as one by hand."
    if name in lists:
        return f"It reads the list “{lists[name]}”, which SQL does not see."
    return f"It holds more than {INLINE:,} values of one list."


def _values(table: exp.Table, found: pa.Table) -> exp.Expr:
    rows = [
        exp.Tuple(expressions=[exp.convert(value)]) for value in found.column("value").to_pylist()
    ]
    name = exp.TableAlias(
        this=exp.to_identifier(table.alias or table.name, quoted=True),
        columns=[exp.to_identifier("value", quoted=True)],
    )
    return exp.Values(expressions=rows, alias=name)


# What moves with the clock


def _move(now: _Compiled, later: Sequence[_Compiled]) -> bool:
    """Write what moves so that it goes on to; False when something cannot be written so."""
    all_of = [now, *later]
    found = [list(_dated(each.tree)) for each in all_of]
    if len({len(each) for each in found}) > 1:
        return False
    shapes = [_shape(each.tree) for each in all_of]
    whole = all(shape == shapes[0] for shape in shapes)
    clocks = [each.clock for each in all_of]
    for (node, first), *rest in zip(*found, strict=True):
        values = [first, *(value for _, value in rest)]
        if len(set(values)) > 1:
            words = _words(values, clocks)
            whole = whole and words is not None
            if words is not None:
                node.replace(words)
    return whole


def _shape(tree: exp.Expr) -> exp.Expr:
    """All but the days and moments."""
    shape = tree.copy()
    for node, _ in list(_dated(shape)):
        node.replace(PLACEHOLDER.copy())
    return shape


def _dated(tree: exp.Expr) -> Iterator[tuple[exp.Expr, date | datetime]]:
    for node in list(tree.walk()):
        value = _value(node)
        if value is not None:
            yield node, value


def _value(node: exp.Expr) -> date | datetime | None:
    """The day or moment that a node writes; None for anything else."""
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal) and node.this.is_string:
        if node.to.this is exp.DType.DATE:
            return date.fromisoformat(node.this.name)
        if node.to.this in (exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ):
            return datetime.fromisoformat(node.this.name)
        return None
    parts = _parts(node)
    if parts is None or not all(_is_number(part) for part in parts):
        return None
    *whole, last = parts
    if len(parts) == len(DAY):
        return date(*(int(part.name) for part in parts))
    found = datetime(*(int(part.name) for part in whole)) + timedelta(seconds=float(last.name))  # type: ignore[arg-type]
    return found.replace(tzinfo=UTC) if node.name.lower() == "make_timestamptz" else found


def _parts(node: exp.Expr) -> list[Any] | None:
    """Year, month, day, and for a moment hour, minute, second, of a call that makes one."""
    match node:
        case exp.DateFromParts():
            return [node.args.get(key) for key in DAY]
        case exp.TimestampFromParts():
            return [node.args.get(key) for key in (*DAY, "hour", "min", "sec")]
        case exp.Anonymous() if node.name.lower() in ("make_timestamp", "make_timestamptz"):
            return node.expressions[:6]
        case exp.Anonymous() if node.name.lower() == "make_date":
            return list(node.expressions)
    return None


def _is_number(node: Any) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string


def _words(values: Sequence[date | datetime], clocks: Sequence[Clock]) -> exp.Expr | None:
    """What is each of the values at its clock's now."""
    moments = [value for value in values if isinstance(value, datetime)]
    if not moments:
        return _day(values, clocks)
    if len(moments) < len(values):
        return None
    if moments[0].tzinfo is not None:
        if moments == [clock.now for clock in clocks]:
            return exp.CurrentTimestamp()
        moments = [each.astimezone(clocks[0].zone) for each in moments]
        kind = exp.DType.TIMESTAMPTZ
    else:
        if moments == [clock.reading(clock.now)[0] for clock in clocks]:
            return exp.Localtimestamp()
        kind = exp.DType.TIMESTAMP
    if any(each.time() != time() for each in moments):
        return None
    found = _day([each.date() for each in moments], clocks)
    return None if found is None else exp.cast(found, kind)


def _day(values: Sequence[date], clocks: Sequence[Clock]) -> exp.Expr | None:
    todays = [clock.today for clock in clocks]
    first, today = values[0], todays[0]
    days = (first - today).days
    if _alike(values, todays, lambda day: day + timedelta(days)):
        return _shifted(exp.CurrentDate(), days)
    months = (first.year - today.year) * 12 + first.month - today.month
    if _alike(values, todays, lambda day: shifted(day, months, "months")):
        return _months(exp.CurrentDate(), months)
    for unit, length, step, before in PERIODS:
        if _alike(values, todays, partial(_edge, length=length, step=step, before=before)):
            return _shifted(_months(_begun(unit), step * length), -before)
    for days in (-7, -1, 0, 6, 7):
        if _alike(values, todays, partial(_in_week, days=days)):
            return _shifted(_begun("week"), days)
    return None


def _edge(today: date, length: int, step: int, before: int) -> date:
    """The beginning of a period that is ``step`` away, or days before it."""
    return shifted(_first(today, length), step * length, "months") - timedelta(before)


def _in_week(today: date, days: int) -> date:
    return today + timedelta(days - today.weekday())


def _alike(values: Sequence[date], todays: Sequence[date], of: Callable[[date], date]) -> bool:
    return all(of(today) == value for today, value in zip(todays, values, strict=True))


def _first(day: date, length: int) -> date:
    """The first day of the period of so many months that the day is in."""
    index = (day.year * 12 + day.month - 1) // length * length
    return date(index // 12, index % 12 + 1, 1)


def _begun(unit: str) -> exp.Expr:
    """The first day of this week, month, quarter or year."""
    cut = exp.TimestampTrunc(this=exp.CurrentDate(), unit=exp.Var(this=unit.upper()))
    return exp.cast(cut, exp.DType.DATE)


def _shifted(day: exp.Expr, days: int) -> exp.Expr:
    if not days:
        return day
    kind = exp.Add if days > 0 else exp.Sub
    return exp.Paren(this=kind(this=day, expression=exp.Literal.number(abs(days))))


def _months(day: exp.Expr, months: int) -> exp.Expr:
    if not months:
        return day
    kind = exp.Add if months > 0 else exp.Sub
    span = exp.Interval(this=exp.Literal.string(str(abs(months))), unit=exp.Var(this="MONTH"))
    return exp.cast(kind(this=day, expression=span), exp.DType.DATE)
