"""Criteria about events: the customers whose events answer them, found in one grouped pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import ibis

from segments.compile import ir, moments, numbers, predicates, text
from segments.compile.context import Context
from segments.compile.functions import muster_in_order
from segments.compile.operands import Operand, as_text, operand, warehouse_table
from segments.rules import type_of
from segments.rules.joins import Source, Step, customer_of, paths, time_of
from segments.rules.nodes import All, AnyOf, Attribute, Event, NoneOf, Rule
from segments.rules.operators import opposite
from warehouse.catalogue import CatalogueTable, within

_YES = ["true", "t", "yes", "y", "1", "returned", "return", "cancelled", "canceled"]


@dataclass(frozen=True, slots=True)
class Found:
    """customers: a table with the column ``customer`` (text, never null).

    turned: the criterion is true of all others instead. Customers without such events are
    never among those found: what is true of them too is told by this. once: each stands
    there once. known: each is one of everyone.
    """

    customers: ir.Table
    turned: bool
    once: bool
    known: bool


def matched(event: Event, context: Context) -> Found:
    """The customers whose events answer the criterion, or all others'."""
    rows = _Rows(event, context)
    measured = _measured(event, rows)
    type = measured.type
    positive = opposite(event.operator, type)
    operator = positive or event.operator
    if event.measure in ("count", "total"):
        turned = _holds(0, operator, event)
    else:
        turned = operator == "is_blank"
    existence = event.measure == "count" and _is_existence(operator, event, turned)
    if existence:
        found = rows.matching
    else:
        condition = predicates.compare(measured, operator, event.value, event.ignore_case, context)
        if turned:
            condition = ~predicates.strict(condition)
        found = rows.measured.filter(condition)
    return Found(
        found.select("customer"),
        turned=turned != bool(positive),
        once=not existence and event.measure != "most_frequent",
        known=rows.is_of_everyone,
    )


def measured(event: Event, context: Context) -> ir.Table:
    """What the event measures for each customer who has such events.

    Columns ``customer`` (text, each once) and ``result``: of most_frequent the values as one
    text, those that tie joined by commas.
    """
    rows = _Rows(event, context)
    found = _measured(event, rows)
    if event.measure == "most_frequent":
        values = as_text(found.value)
        return rows.measured.group_by("customer").agg(result=values.group_concat(", "))
    return rows.measured.select("customer", "result")


def summed(
    event: Event, context: Context, totals: Mapping[str, str], named_by: str = ""
) -> ir.Table:
    """What each customer's matching events come to, in one pass over them.

    totals: by name, columns of the event's own table to add up. named_by: the column
    whose values tell the events apart where the key does not (the lines of an order).
    Columns ``customer`` (text, each once), ``events`` (how many), and one for each name;
    customers without matching events are not among them.
    """
    wanted = {**totals, "named_by": named_by} if named_by else dict(totals)
    rows = _Rows(event, context, tuple(f"{event.event}.{column}" for column in wanted.values()))
    columns = {
        name: rows.matching[rows.name(rows.table.name, column)] for name, column in wanted.items()
    }
    if rows.has_key:
        columns["key"] = rows.key
    lines = rows.matching.select("customer", **columns)
    if not rows.each_row_is_one:
        once = {name: lines[name].max() for name in wanted}
        lines = lines.group_by("customer", "key").agg(**once)
    events = lines.named_by.nunique() if named_by else lines.count()
    sums = {name: lines[name].sum().fill_null(0) for name in totals}
    return lines.group_by("customer").agg(events=events, **sums)


def _holds(number: int, operator: str, event: Event) -> bool:
    if operator == "is_blank":
        return False
    return bool(numbers.compare(number, operator, event.value))


def _is_existence(operator: str, event: Event, turned: bool) -> bool:
    """Whether one event decides as well as many: then nothing needs to be counted."""
    value = event.value
    if not isinstance(value, int | float):
        return False
    if turned:  # found are those for whom the operator does not hold
        return (
            (operator == "is" and value == 0)
            or (operator == "less_than" and value <= 1)
            or (operator == "at_most" and value < 1)
        )
    return (operator == "at_least" and value <= 1) or (operator == "greater_than" and value < 1)


def _measured(event: Event, rows: _Rows) -> Operand:
    """What is compared, and in ``rows.measured`` the grouped table that holds it."""
    matching = rows.matching
    if event.measure == "count":
        grouped = rows.events().group_by("customer").agg(result=ibis._.count())
        rows.measured = grouped
        return Operand(grouped.result, "number")
    if event.measure in ("first", "last"):
        time = rows.time
        if time is None:
            raise TypeError(event)  # refused when the rule was checked
        value = matching[rows.name(time.table, time.column)]
        result = value.min() if event.measure == "first" else value.max()
        grouped = matching.group_by("customer").agg(result=result)
        rows.measured = grouped.filter(grouped.result.notnull())
        return rows.operand_of(time, rows.measured.result)
    of = rows.of
    if of is None:
        raise TypeError(event)
    if event.measure == "most_frequent":
        return _most_frequent(event, rows, of)
    each = rows.values(of)
    value = each.value
    result = {
        "total": lambda: value.sum().fill_null(0),
        "average": value.mean,
        "lowest": value.min,
        "highest": value.max,
    }[event.measure]()
    grouped = each.group_by("customer").agg(result=result)
    if event.measure != "total":
        grouped = grouped.filter(grouped.result.notnull())
    rows.measured = grouped
    return Operand(grouped.result, "number")


def _most_frequent(event: Event, rows: _Rows, of: Source) -> Operand:
    """A row for each customer and value with the most distinct events, ties all."""
    chosen = rows.operand_of(of, rows.matching[rows.name(of.table, of.column)])
    value = chosen.value
    if chosen.type == "text":
        value = text.folded(chosen, event.ignore_case)
    counted = rows.matching.select(customer="customer", key=rows.key, value=value)
    blank = counted.value == "" if chosen.type == "text" else counted.value.isnull()
    counted = counted.filter(counted.value.notnull() & ~predicates.strict(blank)).distinct()
    times = counted.group_by("customer", "value").agg(times=ibis._.count())
    most = times.mutate(most=times.times.max().over(group_by="customer"))
    rows.measured = most.filter(most.times == most.most)
    facts = frozenset({"trimmed", "lower"} if event.ignore_case else {"trimmed"})
    return Operand(
        rows.measured.value,
        chosen.type,
        chosen.zoned,
        facts if chosen.type == "text" else chosen.facts,
    )


@dataclass
class _Rows:
    """The joined rows of an event that its ``where`` and ``period`` leave.

    also: further columns that are needed, as "table.column".

    matching: the rows, with ``customer`` (text), ``event_key``, and the columns needed
    under their own names here (``name``). measured: the grouped result.
    """

    event: Event
    context: Context
    also: tuple[str, ...] = ()
    names: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        catalogue = self.context.catalogue
        table = catalogue.table(self.event.event)
        owner = customer_of(table, catalogue) if table else None
        if table is None or owner is None:
            raise TypeError(self.event)  # refused when the rule was checked
        self.table: CatalogueTable = table
        self.owner = owner
        self.time = time_of(table, catalogue)
        self.ways = paths(table, catalogue)
        self.of = self._of()
        self.marks = self._marks()
        self.sources = self._sources()
        self.steps = self._steps()
        self.owner_facts = catalogue.tables[owner.table].columns[owner.column].facts
        self.key_column = table.column(table.key) if table.key else None
        self.measured: ir.Table
        self.matching = self._matching()

    # What is needed

    def _of(self) -> Source | None:
        if self.event.measure in ("count", "first", "last"):
            return None
        if self.event.of:
            return self._source(self.event.of)
        value = self.table.meaning("order_value")
        return None if value is None else Source(self.table.name, value.name)

    def _source(self, attribute: str) -> Source:
        found = self.context.catalogue.find(attribute)
        if found is None or found[0].name not in self.ways:
            raise TypeError(attribute)
        return Source(found[0].name, found[1].name, self.ways[found[0].name])

    def _marks(self) -> list[Source]:
        """Columns that say that an event was returned or cancelled.

        Those of its own table, and of the one that says whose it is: an item of a
        cancelled order was not bought.
        """
        places = {self.table.name: (), self.owner.table: self.owner.way}
        return [
            Source(name, column.name, way)
            for name, way in places.items()
            for semantic in ("returned", "cancelled")
            if (column := self.context.catalogue.tables[name].meaning(semantic)) is not None
        ]

    def _sources(self) -> list[Source]:
        wanted = [self.owner, self.time, self.of, *self.marks]
        named = _attributes(self.event.where) | set(self.also)
        wanted += [self._source(name) for name in sorted(named)]
        return [source for source in wanted if source is not None]

    def _steps(self) -> list[Step]:
        """Each join once, those that tell customer and time first."""
        return list(dict.fromkeys(step for source in self.sources for step in source.way))

    # Rows

    def name(self, table: str, column: str) -> str:
        return self.names.setdefault((table, column), f"{column}_{len(self.names)}")

    def _matching(self) -> ir.Table:
        owned = [self.owner, *self.marks] + ([self.time] if self.time else [])
        first = list(dict.fromkeys(step for source in owned for step in source.way))
        rows = self._own_rows()
        for step in first:
            rows = self._join(rows, step)
        if self.owner.way:
            owner = rows[self.name(self.owner.table, self.owner.column)]
            rows = rows.mutate(customer=as_text(owner))
        if self.event.which == "any":
            rows = _filtered(rows, [*self._alive(rows), *self._in_period(rows)])
        else:
            rows = self._ranked(_filtered(rows, self._alive(rows)))
            rows = _filtered(rows, self._in_period(rows))
        for step in self._steps():
            if step not in first:
                rows = self._join(rows, step)
        if self.event.where is not None:
            rows = rows.filter(self._where(self.event.where, rows))
        return rows

    def _own_rows(self) -> ir.Table:
        table = warehouse_table(self.table)
        columns = {
            self.name(self.table.name, name): table[name] for name in self._needed(self.table)
        }
        if not self.owner.way:
            columns["customer"] = as_text(table[self.owner.column])
        if self.key_column is not None:
            columns["event_key"] = table[self.key_column.name]
        elif self.has_key:
            columns["event_key"] = ibis.row_number()  # without a key each row is an event
        return table.select(**columns)

    def _needed(self, table: CatalogueTable) -> list[str]:
        ends = [(step.table, step.column) for step in self.steps]
        ends += [(step.to_table, step.to_column) for step in self.steps]
        ends += [(source.table, source.column) for source in self.sources]
        if self.of is not None and self.of.way and table.key and self.of.table == table.name:
            key = table.column(table.key)
            ends += [(table.name, key.name)] if key else []
        return sorted({column for name, column in ends if name == table.name})

    def _join(self, rows: ir.Table, step: Step) -> ir.Table:
        described = self.context.catalogue.tables[step.to_table]
        table = warehouse_table(described)
        columns = {self.name(described.name, name): table[name] for name in self._needed(described)}
        if self.of is not None and self.of.table == described.name:
            columns["row_key"] = self._row_key(described, table)
        other = table.select(**columns)
        here = rows[self.name(step.table, step.column)]
        there = other[self.name(step.to_table, step.to_column)]
        if here.type() != there.type():
            here, there = as_text(here), as_text(there)
        return rows.left_join(other, here == there)

    def _row_key(self, described: CatalogueTable, table: ir.Table) -> ir.Value:
        key = described.column(described.key) if described.key else None
        return ibis.row_number() if key is None else table[key.name]

    def _alive(self, rows: ir.Table) -> list[ir.BooleanValue]:
        """Of events that exist: somebody's, neither returned nor cancelled, not after now."""
        owned = "filled" in self.owner_facts and not self.owner.way
        conditions = [] if owned else [rows.customer.notnull()]
        for mark in self.marks:
            marked = self.operand_of(mark, rows[self.name(mark.table, mark.column)])
            conditions.append(~predicates.strict(_is_marked(marked)))
        if self.time is not None:
            time = self._time(rows)
            up_to_now = moments.to(time, self.context.clock.now, self.context.clock)
            timed = (
                self.event.which != "any"
                or self.event.period is not None
                or ("filled" in time.facts and not self.time.way)
            )
            conditions.append(up_to_now if timed else up_to_now | time.value.isnull())
        return conditions

    def _in_period(self, rows: ir.Table) -> list[ir.BooleanValue]:
        if self.event.period is None:
            return []
        time = self._time(rows)
        low, high = self.context.clock.bounds(self.event.period)
        return [moments.within(time, low, high, self.context.clock)]

    def _time(self, rows: ir.Table) -> Operand:
        if self.time is None:
            raise TypeError(self.event)
        return self.operand_of(self.time, rows[self.name(self.time.table, self.time.column)])

    def operand_of(self, source: Source, value: ir.Value) -> Operand:
        table = self.context.catalogue.tables[source.table]
        column = table.columns[source.column]
        return operand(as_text(value) if type_of(table, column) == "text" else value, table, column)

    def _ranked(self, rows: ir.Table) -> ir.Table:
        """Only the first or last event of each customer, or all but the first."""
        time = self._time(rows).value
        if not self.key_is_unique:
            time = time.min().over(group_by=[rows.customer, rows.event_key])
        key = (
            muster_in_order(rows.event_key) if rows.event_key.type().is_string() else rows.event_key
        )
        order = [time, key]
        rows = rows.mutate(event_time=time, event_order=key)
        order = [rows.event_time, rows.event_order]
        if self.event.which == "last":
            order = [each.desc() for each in order]
        rank = ibis.dense_rank().over(group_by=rows.customer, order_by=order)
        rows = rows.mutate(event_rank=rank)
        return rows.filter(
            rows.event_rank > 0 if self.event.which == "repeat" else rows.event_rank == 0
        )

    @property
    def is_of_everyone(self) -> bool:
        """Is each event, nobody's aside, one of a customer of the base table?"""
        base = self.context.catalogue.table(self.context.catalogue.base)
        return base is not None and within(base.name, base.customer) in self.owner_facts

    @property
    def key_is_unique(self) -> bool:
        return self.key_column is None or "unique" in self.key_column.facts

    def _where(self, where: Rule, rows: ir.Table) -> ir.BooleanValue:
        def single(criterion: Rule) -> ir.BooleanValue:
            if not isinstance(criterion, Attribute):
                raise TypeError(criterion)  # refused when the rule was read
            source = self._source(criterion.attribute)
            value = self.operand_of(source, rows[self.name(source.table, source.column)])
            return predicates.attribute(criterion, value, self.context)

        return predicates.combined(where, single)

    # Events and values, each once

    @property
    def has_key(self) -> bool:
        """Is there an ``event_key``? Where nothing needs it, none is made."""
        made = self.steps or self.event.which != "any" or self.event.measure == "most_frequent"
        return self.key_column is not None or bool(made)

    @property
    def key(self) -> ir.Value:
        return self.matching.event_key

    @property
    def each_row_is_one(self) -> bool:
        """Does each matching event stand in one row?"""
        return self.key_is_unique and not any(self._may_repeat(step) for step in self.steps)

    def _may_repeat(self, step: Step) -> bool:
        """Whether a row may lead to several; one that names a unique key leads to one at most."""
        there = self.context.catalogue.tables[step.to_table].columns[step.to_column]
        return step.back or "unique" not in there.facts

    def events(self) -> ir.Table:
        """``customer``, once for each of the matching events."""
        if self.each_row_is_one:
            return self.matching.select("customer")
        return self.matching.select("customer", "event_key").distinct()

    def values(self, of: Source) -> ir.Table:
        """``customer`` and ``value``: the event's own once an event, another table's once a row."""
        value = self.matching[self.name(of.table, of.column)]
        if self.each_row_is_one and not of.way:
            return self.matching.select("customer", value=value)
        key = self.matching.row_key if of.way else self.key
        rows = self.matching.select("customer", key=key, value=value)
        return rows.group_by("customer", "key").agg(value=rows.value.max())


def _filtered(rows: ir.Table, conditions: list[ir.BooleanValue]) -> ir.Table:
    return rows.filter(*conditions) if conditions else rows


def _is_marked(mark: Operand) -> ir.BooleanValue:
    """Whether a column says so: true, a day, a number other than 0, a word for yes."""
    if mark.type == "yes_no":
        return mark.value
    if mark.type == "number":
        return mark.value != 0
    if mark.type in ("date", "time"):
        return mark.value.notnull()
    return text.folded(mark, ignore_case=True).isin(_YES)


def _attributes(where: Rule | None) -> set[str]:
    match where:
        case All(rules) | AnyOf(rules) | NoneOf(rules):
            return {name for each in rules for name in _attributes(each)}
        case Attribute():
            return {where.attribute}
    return set()
