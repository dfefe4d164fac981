"""What the catalogue says about the tables and columns that a rule names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.nearest import did_you_mean
from segments.rules.joins import customer_of, paths, time_of
from segments.rules.operators import OF_A_NUMBER, opposite
from warehouse.catalogue import Catalogue, CatalogueTable, Column


class Columns:
    """Answers for one catalogue, each question asked once."""

    def __init__(self, catalogue: Catalogue):
        self.catalogue = catalogue
        self._reached: dict[str, frozenset[str]] = {}

    def find(self, attribute: str) -> tuple[str, CatalogueTable | None, Column | None]:
        """("", table, column) of "table.column", or the fault."""
        found = self.catalogue.find(attribute)
        if found is not None:
            return "", *found
        name, dot, column = attribute.partition(".")
        if not dot or not column:
            return f'Write "{attribute}" as table.column.', None, None
        table = self.catalogue.table(name)
        if table is None:
            hint = did_you_mean(name, self.catalogue.tables)
            return f'There is no table "{name}".{hint}', None, None
        hint = did_you_mean(column, table.columns)
        return f'{table.name} has no column "{column}".{hint}', table, None

    def attribute(self, attribute: str, event: str) -> tuple[str, str]:
        """(fault or "", the column's type or "") of an attribute in a rule or in a where."""
        text, table, column = self.find(attribute)
        if table is None or column is None:
            return text, ""
        if event:
            if table.name not in self.reached(event):
                return f"{event} does not lead to {table.name} by any join of the catalogue.", ""
        elif not table.one_per_customer:
            if not table.customer:
                return f"{table.name} is not about customers. Use it in the where of an event.", ""
            return f"{table.name} has many rows a customer. Write it as event: {table.name}.", ""
        return "", type_of(table, column)

    def event(self, name: str) -> str:
        """The fault of an event's table, or ''."""
        table = self.catalogue.table(name)
        if table is None:
            return f'There is no table "{name}".{did_you_mean(name, self.catalogue.tables)}'
        if table.one_per_customer:
            return (
                f"{table.name} has one row a customer. Write it as attribute: {table.name}.COLUMN."
            )
        if customer_of(table, self.catalogue) is None:
            return f"{table.name} does not say which customer a row belongs to."
        return ""

    def has_time(self, name: str) -> bool:
        table = self.catalogue.table(name)
        return table is not None and time_of(table, self.catalogue) is not None

    def measured(self, name: str, measure: str, of: str) -> tuple[str, str]:
        """(fault or "", type of the result or "") of a measure other than the count."""
        event = self.catalogue.table(name)
        if event is None:
            return "", ""
        if measure in ("first", "last"):
            time = time_of(event, self.catalogue)
            if time is None:
                return f"{event.name} has no column that says when it was.", ""
            return "", self.catalogue.tables[time.table].columns[time.column].type
        if not of:
            value = event.meaning("order_value")
            if measure == "most_frequent":
                return "", ""  # said already
            if value is None:
                return f"{event.name} has no value column. Say which number is meant.", ""
            return _number(event, value)
        text, table, column = self.find(of)
        if table is None or column is None:
            return text, ""
        if table.name not in self.reached(name):
            return f"{event.name} does not lead to {table.name} by any join of the catalogue.", ""
        if measure in OF_A_NUMBER:
            return _number(table, column)
        return "", type_of(table, column)

    def reached(self, event: str) -> frozenset[str]:
        if event not in self._reached:
            table = self.catalogue.table(event)
            names = frozenset(paths(table, self.catalogue)) if table else frozenset[str]()
            self._reached[event] = names
        return self._reached[event]


def _number(table: CatalogueTable, column: Column) -> tuple[str, str]:
    if type_of(table, column) != "number":
        return f"{table.name}.{column.name} is not a number.", ""
    return "", "number"


def type_of(table: CatalogueTable, column: Column) -> str:
    """The type as rules see it: customer ids are text, whatever the warehouse holds them as."""
    is_customer = column.name.lower() == table.customer.lower() or column.semantic == "customer_id"
    return "text" if is_customer else column.type


def result_type(criterion: Mapping[str, Any], catalogue: Catalogue) -> str:
    """The type of what a criterion compares, '' when its column is gone or not chosen yet.

    criterion: as JSON, complete or not.
    """
    measure = criterion.get("measure", "count") if "event" in criterion else ""
    if not measure or measure == "most_frequent":
        found = catalogue.find(str(criterion.get("of" if measure else "attribute", "")))
        return type_of(*found) if found else ""
    if measure in ("first", "last"):
        table = catalogue.table(str(criterion["event"]))
        column = table.meaning("order_time") if table else None
        return column.type if column and column.type in ("date", "time") else "time"
    return "number"


def matches_blanks(criterion: Mapping[str, Any], catalogue: Catalogue) -> bool:
    """Whether a criterion holds for customers, or for an event's rows, without a value.

    criterion: as JSON, complete or not. How often and how much in all is never blank.
    """
    operator = str(criterion.get("operator", ""))
    measure = criterion.get("measure", "count") if "event" in criterion else ""
    type = result_type(criterion, catalogue)
    if not type or operator == "is_not_blank" or measure in ("count", "total"):
        return False
    return bool(opposite(operator, type))
