"""The attributes in which segments differ most: how each spreads over their values, in one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import ibis

from segments.compile import Context, flags, ir
from segments.compile.operands import Operand
from segments.compile.text import is_blank, trimmed
from segments.numbers import asking
from segments.rules import type_of
from segments.wording.words import column_label
from warehouse.catalogue import Catalogue, Column
from warehouse.meanings import is_id
from warehouse.personal import is_personal

TOLD = 3  # attributes
VALUES = 30  # of an attribute: one with many more tells customers apart, not groups
LOOKED_AT = 12  # attributes that are asked about
KNOWN = 0.8  # the part of the customers that those values must be, or the attribute is left out
WHOLE = -1
LEAST = 0.02  # a smaller difference is not told


@dataclass(frozen=True, slots=True)
class Spread:
    """How segments spread over an attribute's values.

    shares: by value, "No value" and "Other values" among them, the part of each segment
    (0 to 1, None of an empty one). apart: how far the two farthest segments are: the part of
    one that would have to change its value to be spread as the other.
    """

    attribute: str
    label: str
    shares: Mapping[str, Sequence[float | None]]
    apart: float


def differing(rules: Sequence[Any], context: Context, key: str = "") -> list[Spread]:
    """The attributes in which customers of these rules differ most, the most first.

    Text and yes or no alone, no personal columns, no ids. key: a name by which
    engine().cancel stops the query. Raises as ``counting.count`` does.
    """
    asked = _asked(context.catalogue)
    if not asked:
        return []
    wanted = list(asked)
    found = asking.answer(
        ("differing", wanted), rules, context, lambda: _query(rules, wanted, context), key
    )
    wholes = next(tuple(map(int, row[3:])) for row in found.rows if row[0] == WHOLE)
    spreads = [
        _spread(attribute, label, [row[1:] for row in found.rows if row[0] == place], wholes)
        for place, (attribute, label) in enumerate(asked.items())
    ]
    told = [each for each in spreads if each is not None and each.apart >= LEAST]
    return sorted(told, key=lambda each: (-each.apart, each.label))[:TOLD]


def _asked(catalogue: Catalogue) -> dict[str, str]:
    """The attributes that may tell groups apart, with their labels: of columns of one name the
    base table's."""
    tables = [table for table in catalogue.tables.values() if table.one_per_customer]
    tables.sort(key=lambda table: (table.name != catalogue.base, table.name))
    found: dict[str, tuple[str, str]] = {}
    for table in tables:
        for column in table.columns.values():
            if type_of(table, column) in ("text", "yes_no") and _tells_groups(column):
                told = f"{table.name}.{column.name}", column_label(column, column.name)
                found.setdefault(column.name.lower(), told)
    return dict(list(found.values())[:LOOKED_AT])


def _tells_groups(column: Column) -> bool:
    return not (is_personal(column) or is_id(column.name) or "unique" in column.facts)


def _query(rules: Sequence[Any], attributes: Sequence[str], context: Context) -> ir.Table:
    """Rows of: the attribute's place, a value, its customers, those of each rule. The place
    WHOLE is that of all customers who match any."""
    named = {f"rule_{place}": rule for place, rule in enumerate(rules)}
    columns = {f"value_{place}": name for place, name in enumerate(attributes)}
    rows = flags(named, context, columns=columns)
    rows = rows.filter(ibis.or_(*(rows[name] for name in named)))
    whole = rows.mutate(value=ibis.null("string"))
    tables = [_counted(whole, WHOLE, whole.value, list(named))]
    tables += [_counted(rows, place, rows[name], list(named)) for place, name in enumerate(columns)]
    return ibis.union(*tables)


def _counted(rows: ir.Table, place: int, value: ir.Value, rules: Sequence[str]) -> ir.Table:
    """The most frequent values, each with its customers."""
    if value.type().is_string():
        text = Operand(value, "text")
        value = (~is_blank(text)).ifelse(trimmed(text), ibis.null("string"))
    else:
        value = value.ifelse("Yes", "No")
    ones = rows.select(value=value, **{rule: rows[rule].cast("int32") for rule in rules})
    sums = {rule: ones[rule].sum().cast("int64") for rule in rules}
    each = ones.group_by("value").agg(customers=ones.count(), **sums)
    most = each.order_by([ibis.desc(each.customers), each.value]).limit(VALUES)
    return most.select(ibis.literal(place, "int64").name("place"), "value", "customers", *rules)


def _spread(
    attribute: str, label: str, rows: Sequence[Sequence[Any]], wholes: Sequence[int]
) -> Spread | None:
    """None where the values tell customers apart."""
    count = len(wholes)
    inside = {
        "No value" if row[0] is None else str(row[0]): [int(n) for n in row[2:]] for row in rows
    }
    others = [n - sum(each[place] for each in inside.values()) for place, n in enumerate(wholes)]
    if sum(others) > (1 - KNOWN) * sum(wholes):
        return None
    if any(others):
        inside["Other values"] = others
    shares = {
        value: [n / of if of else None for n, of in zip(counts, wholes, strict=True)]
        for value, counts in inside.items()
    }
    apart = max(
        (_distance(shares, one, other) for one, other in combinations(range(count), 2)), default=0.0
    )
    return Spread(attribute, label, shares, apart)


def _distance(shares: Mapping[str, Sequence[float | None]], one: int, other: int) -> float:
    pairs = [(each[one], each[other]) for each in shares.values()]
    return sum(abs(a - b) for a, b in pairs if a is not None and b is not None) / 2
