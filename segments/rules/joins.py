"""Which tables an event leads to, along the catalogue's joins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from warehouse.catalogue import Catalogue, CatalogueTable


@dataclass(frozen=True, slots=True)
class Step:
    """From a row of ``table`` to the rows of ``to_table`` with ``to_column`` = its ``column``.

    back: to the many rows that name this one (an order's items); otherwise to the
    one row that this one names (an item's product).
    """

    table: str
    column: str
    to_table: str
    to_column: str
    back: bool


def paths(event: CatalogueTable, catalogue: Catalogue) -> Mapping[str, tuple[Step, ...]]:
    """Table name -> the shortest way to it; the event's own table is the empty way.

    A way first goes back (from an event to its details, and to theirs), then
    forward (to what a row names): orders <- order_items -> products. It never goes
    forward and then back, or an order would lead, by its product, to all orders.
    """
    return _paths(event.name, catalogue)


@lru_cache(maxsize=256)
def _paths(event: str, catalogue: Catalogue) -> Mapping[str, tuple[Step, ...]]:
    found: dict[str, tuple[Step, ...]] = {event: ()}
    queue: list[str] = [event]
    while queue:
        name = queue.pop(0)
        way = found[name]
        for step in _steps(name, catalogue, back=all(each.back for each in way)):
            if step.to_table not in found:
                found[step.to_table] = (*way, step)
                queue.append(step.to_table)
    return found


def _steps(name: str, catalogue: Catalogue, back: bool) -> list[Step]:
    table = catalogue.tables[name]
    steps = []
    for join in table.joins:
        target = catalogue.table(join.table)
        if target is not None:
            step = _step(table, join.column, target, join.to_column, back=False)
            steps += [step] if step else []
    if back:
        for other in catalogue.tables.values():
            for join in other.joins:
                if join.table.lower() == name.lower() and other.name != name:
                    step = _step(table, join.to_column, other, join.column, back=True)
                    steps += [step] if step else []
    return steps


def _step(
    table: CatalogueTable, column: str, to_table: CatalogueTable, to_column: str, back: bool
) -> Step | None:
    here, there = table.column(column), to_table.column(to_column)
    if here is None or there is None:
        return None
    return Step(table.name, here.name, to_table.name, there.name, back)


@dataclass(frozen=True, slots=True)
class Source:
    """A column and the way to its table from the event's own."""

    table: str
    column: str
    way: tuple[Step, ...] = ()


def customer_of(event: CatalogueTable, catalogue: Catalogue) -> Source | None:
    """Where an event says whose it is: its own column, or that of a row it names."""
    for name, way in paths(event, catalogue).items():
        table = catalogue.tables[name]
        column = table.column(table.customer) if table.customer else None
        if column and not table.one_per_customer and not any(step.back for step in way):
            return Source(name, column.name, way)
    return None


def time_of(event: CatalogueTable, catalogue: Catalogue) -> Source | None:
    """When an event was: its own time, or that of the row that says whose it is."""
    owner = customer_of(event, catalogue)
    places = [(event.name, ())] if owner is None else [(event.name, ()), (owner.table, owner.way)]
    for name, way in places:
        column = catalogue.tables[name].meaning("order_time")
        if column is not None and column.type in ("date", "time"):
            return Source(name, column.name, way)
    return None
