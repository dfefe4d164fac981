"""Everyone, and which rules each of them matches, in one pass over the customer tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis

from core.errors import MusterError
from segments.compile import ir, predicates, text
from segments.compile.bits import bits
from segments.compile.context import Context
from segments.compile.events import Found, matched
from segments.compile.opening import closed
from segments.compile.operands import (
    Operand,
    as_text,
    customer_id,
    operand,
    value_of,
    warehouse_table,
)
from segments.rules import Fault, RuleError
from segments.rules.nodes import (
    All,
    AnyOf,
    Attribute,
    Criterion,
    Event,
    InSegment,
    NoneOf,
    Rule,
    Sql,
)
from segments.sql.running import Members
from warehouse.catalogue import CatalogueTable

Apart = Event | InSegment | Sql  # found by themselves, then joined


class NoCustomersError(MusterError):
    def __str__(self) -> str:
        return (
            "There is no table of customers yet. Load customer_360 or merged_customers, "
            "or name the base table in the catalogue."
        )


def everyone(context: Context) -> ir.Table:
    """All customers: a table with the column customer_id (text, each once)."""
    return _base(context)[1]


def members(rule: Rule | Any, context: Context) -> ir.Table:
    """The customers that match: a table with the column customer_id (text, each once).

    rule: nodes, or JSON. Raises RuleError for a rule that does not fit the catalogue.
    """
    return _members(closed(rule, context), context)


def _members(rule: Rule, context: Context) -> ir.Table:
    return _Plan(context, required=rule).rows().select("customer_id")


def flags(
    rules: Mapping[str, Rule | Any],
    context: Context,
    values: Mapping[str, str] | None = None,
    among: Rule | Any | None = None,
    columns: Mapping[str, str] | None = None,
    of: ir.Table | None = None,
) -> ir.Table:
    """Everyone, with one column true or false for each rule, by the names given.

    values: further columns by name, each the text of a "table.column" with one row a
    customer, null for who has none; columns: such columns of their own types.
    among: only the customers that match this rule. of: these in place of everyone, a table
    with the column customer_id (text, each once).
    """
    values, typed = values or {}, columns or {}
    named = {name: closed(rule, context) for name, rule in rules.items()}
    required = All() if among is None else closed(among, context)
    attributes = [*values.values(), *typed.values()]
    whole = _Plan(context, list(named.values()), attributes, required)
    rows = whole.rows(of)
    selected: dict[str, ir.Value] = {"customer_id": rows.customer_id}
    for name, rule in named.items():
        selected[name] = predicates.strict(whole.condition(rule, rows))
    for name, attribute in values.items():
        selected[name] = as_text(whole.operand(attribute, rows).value)
    for name, attribute in typed.items():
        selected[name] = whole.operand(attribute, rows).value
    return rows.select(**selected)


def combinations(rules: Sequence[Rule | Any], context: Context) -> ir.Table:
    """Everyone, with which of the rules match in one number: bit i tells of the i-th.

    Columns customer_id and combination.
    """
    plan = _Plan(context, [closed(rule, context) for rule in rules])
    rows = plan.rows()
    held = bits([plan.condition(rule, rows) for rule in plan.rules])
    return rows.select("customer_id", combination=held)


def _base(context: Context) -> tuple[CatalogueTable, ir.Table]:
    catalogue = context.catalogue
    names = [catalogue.base] if catalogue.base else ["customer_360", "merged_customers"]
    table = next((found for name in names if (found := catalogue.table(name))), None)
    if table is None or not table.customer:
        raise NoCustomersError
    rows = _somebody(warehouse_table(table), table)
    return table, rows.select(customer_id=customer_id(rows, table))


def _somebody(rows: ir.Table, table: CatalogueTable) -> ir.Table:
    """The rows whose customer id is not blank."""
    column = table.column(table.customer)
    if column is not None and "unique" in column.facts:
        return rows  # nor is one of them blank
    return rows.filter(~text.is_blank(Operand(customer_id(rows, table), "text")))


def _found(criterion: Apart, context: Context) -> Found:
    """The customers of an event, of SQL, or of a segment that stands apart: built once."""
    if isinstance(criterion, Event):
        return matched(criterion, context)
    if isinstance(criterion, Sql):
        base = _base(context)[0]
        given = Members(
            criterion.sql, context.catalogue, base, context.moment, context.clock.zone.key
        )
        context.relations[given.name] = given
        customers = ibis.table({"customer": "string"}, name=given.name)
        return Found(customers, turned=False, once=True, known=True)
    name = criterion.segment
    if name not in context.apart:
        rows = _members(context.opened[name], context)
        context.apart[name] = rows.select(customer=rows.customer_id)
    return Found(context.apart[name], turned=False, once=True, known=True)


@dataclass
class _Plan:
    """The columns and events that some rules need, joined to everyone once each.

    required: the rule of those who are left. What it says of events that each of them
    must have, or must not, is a join that filters, not a column.
    """

    context: Context
    rules: list[Rule] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    required: Rule = field(default_factory=All)
    columns: dict[tuple[str, str], str] = field(default_factory=dict)
    events: dict[Apart, str] = field(default_factory=dict)
    turned: dict[Apart, bool] = field(default_factory=dict)
    filters: list[tuple[Found, bool]] = field(default_factory=list)
    conditions: list[tuple[Rule, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.base = _base(self.context)[0]
        for attribute in self.attributes:
            self._need(attribute)
        for rule in self.rules:
            self._gather(rule)
        for rule, wanted in conjuncts(self.required):
            if isinstance(rule, Apart):
                found = _found(rule, self.context)
                self.filters.append((found, wanted != found.turned))
            else:
                self.conditions.append((rule, wanted))
                self._gather(rule)

    def _gather(self, rule: Rule) -> None:
        match rule:
            case All(rules) | AnyOf(rules) | NoneOf(rules):
                for each in rules:
                    self._gather(each)
            case Attribute():
                self._need(rule.attribute)
            case Event() | InSegment() | Sql():
                self.events.setdefault(rule, f"event_{len(self.events)}")

    def _need(self, attribute: str) -> None:
        table, column = _split(attribute, self.context)
        self.columns.setdefault((table.name, column), f"value_{len(self.columns)}")

    def rows(self, of: ir.Table | None = None) -> ir.Table:
        """Who is left of everyone, or of those customers, with those columns.

        A customer without a row has blanks there.
        """
        first = self._first() if of is None else _given(of)
        if first is None:
            table = _somebody(warehouse_table(self.base), self.base)
            rows = table.select(
                customer_id=customer_id(table, self.base), **self._values(table, self.base)
            )
        else:
            customers = first.customers if first.once else first.customers.distinct()
            rows = customers.select(customer_id=customers.customer)
        joined = {name for name, _ in self.columns}
        for name in sorted(joined if first else joined - {self.base.name}):
            rows = self._join_table(rows, self.context.catalogue.tables[name])
        for event, alias in self.events.items():
            found = _found(event, self.context)
            self.turned[event] = found.turned
            customers = found.customers if found.once else found.customers.distinct()
            other = customers.select(**{alias: customers.customer})
            rows = rows.left_join(other, [("customer_id", alias)])
        if self.conditions:
            rows = rows.filter(*(self._holds(*each, rows) for each in self.conditions))
        for found, inside in self.filters:
            if found is not first:
                join = rows.semi_join if inside else rows.anti_join
                rows = join(found.customers, [("customer_id", "customer")])
        return rows

    def _first(self) -> Found | None:
        """Customers to begin with instead of everyone: all who are left are among them."""
        column = self.base.column(self.base.customer)
        if column is None or "unique" not in column.facts:
            return None
        return next((found for found, inside in self.filters if inside and found.known), None)

    def _values(self, rows: ir.Table, table: CatalogueTable) -> dict[str, ir.Value]:
        return {
            alias: value_of(rows, table, table.columns[column])
            for (name, column), alias in self.columns.items()
            if name == table.name
        }

    def _join_table(self, rows: ir.Table, described: CatalogueTable) -> ir.Table:
        table = warehouse_table(described)
        key = f"of_{described.name}"
        columns = {key: customer_id(table, described), **self._values(table, described)}
        other = table.select(**columns)
        return rows.left_join(other, [("customer_id", key)])

    def operand(self, attribute: str, rows: ir.Table) -> Operand:
        table, column = _split(attribute, self.context)
        return operand(rows[self.columns[table.name, column]], table, table.columns[column])

    def condition(self, rule: Rule, rows: ir.Table) -> ir.BooleanValue:
        def single(criterion: Criterion) -> ir.BooleanValue:
            if isinstance(criterion, Attribute):
                return predicates.attribute(
                    criterion, self.operand(criterion.attribute, rows), self.context
                )
            found = rows[self.events[criterion]]
            return found.isnull() if self.turned[criterion] else found.notnull()

        return predicates.combined(rule, single)

    def _holds(self, rule: Rule, wanted: bool, rows: ir.Table) -> ir.BooleanValue:
        condition = self.condition(rule, rows)
        return condition if wanted else ~predicates.strict(condition)


def _given(customers: ir.Table) -> Found:
    found = customers.select(customer=customers.customer_id)
    return Found(found, turned=False, once=True, known=True)


def conjuncts(rule: Rule, wanted: bool = True) -> Iterator[tuple[Rule, bool]]:
    """What must hold, each part by itself, or must not (False)."""
    match rule, wanted:
        case (All((one,)), _) | (AnyOf((one,)), _):
            yield from conjuncts(one, wanted)
        case (All(rules), True) | (AnyOf(rules), False):
            for each in rules:
                yield from conjuncts(each, wanted)
        case (NoneOf((one,)), _):
            yield from conjuncts(one, not wanted)
        case (NoneOf(rules), True):
            for each in rules:
                yield from conjuncts(each, False)
        case _:
            yield rule, wanted


def _split(attribute: str, context: Context) -> tuple[CatalogueTable, str]:
    found = context.catalogue.find(attribute)
    if found is None:
        raise RuleError([Fault("", f'There is no column "{attribute}" any more.')])
    return found[0], found[1].name
