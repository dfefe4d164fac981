"""Everyone, and which rules each of them matches, in one pass over the customer tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.errors import MusterError
from segments.compile import ir, predicates, text
from segments.compile.context import Context
from segments.compile.events import matched
from segments.compile.operands import (
    Operand,
    as_text,
    customer_id,
    operand,
    value_of,
    warehouse_table,
)
from segments.rules import Fault, RuleError, check, parse, split, to_json
from segments.rules.nodes import All, AnyOf, Attribute, Event, InSegment, NoneOf, Rule
from warehouse.catalogue import CatalogueTable


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
    whole = _Plan(context, [_closed(rule, context)])
    rows = whole.rows()
    return rows.filter(whole.condition(whole.rules[0], rows)).select("customer_id")


def flags(
    rules: Mapping[str, Rule | Any], context: Context, values: Mapping[str, str] | None = None
) -> ir.Table:
    """Everyone, with one column true or false for each rule, by the names given.

    values: further columns by name, each the text of a "table.column" with one row a
    customer, null for who has none.
    """
    values = values or {}
    closed = {name: _closed(rule, context) for name, rule in rules.items()}
    whole = _Plan(context, list(closed.values()), list(values.values()))
    rows = whole.rows()
    columns: dict[str, ir.Value] = {"customer_id": rows.customer_id}
    for name, rule in closed.items():
        columns[name] = predicates.strict(whole.condition(rule, rows))
    for name, attribute in values.items():
        columns[name] = as_text(whole.operand(attribute, rows).value)
    return rows.select(**columns)


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


@dataclass
class _Plan:
    """The columns and events that some rules need, joined to everyone once each."""

    context: Context
    rules: list[Rule]
    attributes: list[str] = field(default_factory=list)
    columns: dict[tuple[str, str], str] = field(default_factory=dict)
    events: dict[Event, str] = field(default_factory=dict)
    turned: dict[Event, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for attribute in self.attributes:
            self._need(attribute)
        for rule in self.rules:
            self._gather(rule)

    def _gather(self, rule: Rule) -> None:
        match rule:
            case All(rules) | AnyOf(rules) | NoneOf(rules):
                for each in rules:
                    self._gather(each)
            case Attribute():
                self._need(rule.attribute)
            case Event():
                self.events.setdefault(rule, f"event_{len(self.events)}")

    def _need(self, attribute: str) -> None:
        table, column = _split(attribute, self.context)
        self.columns.setdefault((table.name, column), f"value_{len(self.columns)}")

    def rows(self) -> ir.Table:
        """Everyone with those columns; a customer without a row has blanks there."""
        base, _ = _base(self.context)
        table = warehouse_table(base)
        table = _somebody(table, base)
        own = {
            alias: value_of(table, base, base.columns[column])
            for (name, column), alias in self.columns.items()
            if name == base.name
        }
        rows = table.select(customer_id=customer_id(table, base), **own)
        for name in sorted({name for name, _ in self.columns} - {base.name}):
            rows = self._join_table(rows, name)
        for event, alias in self.events.items():
            found, self.turned[event] = matched(event, self.context)
            found = found.select(**{alias: found.customer})
            rows = rows.left_join(found, rows.customer_id == found[alias])
        return rows

    def _join_table(self, rows: ir.Table, name: str) -> ir.Table:
        described = self.context.catalogue.tables[name]
        table = warehouse_table(described)
        key = f"of_{name}"
        chosen = {
            alias: value_of(table, described, described.columns[column])
            for (table_name, column), alias in self.columns.items()
            if table_name == name
        }
        other = table.select(**{key: customer_id(table, described)}, **chosen)
        return rows.left_join(other, rows.customer_id == other[key])

    def operand(self, attribute: str, rows: ir.Table) -> Operand:
        table, column = _split(attribute, self.context)
        return operand(rows[self.columns[table.name, column]], table, table.columns[column])

    def condition(self, rule: Rule, rows: ir.Table) -> ir.BooleanValue:
        def single(criterion: Attribute | Event) -> ir.BooleanValue:
            if isinstance(criterion, Event):
                found = rows[self.events[criterion]]
                return found.isnull() if self.turned[criterion] else found.notnull()
            return predicates.attribute(
                criterion, self.operand(criterion.attribute, rows), self.context
            )

        return predicates.combined(rule, single)


def _split(attribute: str, context: Context) -> tuple[CatalogueTable, str]:
    found = split(attribute, context.catalogue)
    if found is None:
        raise RuleError([Fault("", f'There is no column "{attribute}" any more.')])
    return found[0], found[1].name


def _closed(rule: Rule | Any, context: Context) -> Rule:
    """The rule with segments replaced by their rules, and without what is off."""
    json = to_json(rule) if isinstance(rule, Rule) else rule
    faults = check(json, context.catalogue, context.segments, context.lists)
    if faults:
        raise RuleError(faults)
    return _opened(parse(json), context)


def _opened(rule: Rule, context: Context) -> Rule:
    if rule.off:
        return All()
    match rule:
        case All(rules) | AnyOf(rules) | NoneOf(rules):
            return replace(
                rule, rules=tuple(_opened(each, context) for each in rules if not each.off)
            )
        case InSegment(name):
            return _closed(context.segments[name], context)
        case Event():
            where = None if rule.where is None else _opened(rule.where, context)
            return replace(rule, where=where)
    return rule
