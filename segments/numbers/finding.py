"""Who is meant by a customer id, an email or a phone that somebody typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import ibis

from segments.compile import Context, everyone, ir, text, to_query
from segments.compile.folding import folded
from segments.compile.operands import as_text, customer_id, operand, value_of, warehouse_table
from warehouse import identifiers
from warehouse.catalogue import CatalogueTable, Column
from warehouse.engines import engine
from warehouse.models import Semantic

SHOWN = 20
LOOKED_AT = 5_000  # spellings that may be the phone: those that end alike
TAIL = 6  # digits: what every way to write a number ends with, before an extension
KEYS = ("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")  # letters of a keypad
DIGITS = tuple(  # as other scripts write them: Arabic, Persian, full width
    ("".join(chr(zero + n) for n in range(10)), "0123456789") for zero in (0x660, 0x6F0, 0xFF10)
)


@dataclass(frozen=True, slots=True)
class Found:
    """customers: their ids, at most SHOWN; more: there are others."""

    customers: list[str]
    more: bool = False


def find(typed: str, context: Context, key: str = "") -> Found:
    """The customers with that id, or with that email or phone in any column that means one.

    A phone is read as sending reads it, however it is written here or there. key: a name by
    which engine().cancel stops the query. Raises WarehouseError.
    """
    typed = typed.strip()
    if not typed or "\0" in typed:
        return Found([])
    phone = identifiers.phone(typed).identifier
    meant = _meant(list(_asked(typed, phone, context)), phone, context, key)
    return Found(meant[:SHOWN], len(meant) > SHOWN)


def holders(identifier: str, kind: str, source: str, context: Context, key: str = "") -> list[str]:
    """The customers whose ``source`` ("table.column") sending reads as that phone or email.

    kind: "phone" or "email". key: as above. Raises WarehouseError.
    """
    place = context.catalogue.find(source)
    if place is None:
        return []
    asked = _holding(*place, kind, identifier)
    return _meant([asked], identifier if kind == Semantic.PHONE else None, context, key)


def _meant(asked: list[ir.Table], phone: str | None, context: Context, key: str) -> list[str]:
    """The ids that are left once phones are read as sending reads them."""
    rows = ibis.union(*asked, distinct=True) if len(asked) > 1 else asked[0]
    rows = rows.semi_join(everyone(context), [("customer", "customer_id")])
    rows = rows.order_by("customer").limit(LOOKED_AT)
    source = engine()
    answers = source.fetch(to_query(rows, context, source.dialect), key)
    return sorted(
        {who for who, raw in answers if not raw or identifiers.phone(raw).identifier == phone}
    )


def _asked(typed: str, phone: str | None, context: Context) -> Iterator[ir.Table]:
    """Tables of customers who may be meant, and the spelling of a phone that is still to read."""
    people = everyone(context)
    itself = people.filter(people.customer_id == typed)
    yield itself.select(customer=itself.customer_id, raw=ibis.literal(""))
    for table, column in _contacts(context):
        if column.semantic == Semantic.EMAIL and "@" in typed:
            yield _holding(table, column, Semantic.EMAIL, typed)
        elif column.semantic == Semantic.PHONE and phone:
            yield _holding(table, column, Semantic.PHONE, phone)


def _holding(table: CatalogueTable, column: Column, kind: str, identifier: str) -> ir.Table:
    """Who has the email in a column, or what may be the phone, as it is written there."""
    rows = warehouse_table(table)
    raw = as_text(value_of(rows, table, column))
    if kind == Semantic.EMAIL:
        told = operand(raw, table, column)
        rows = rows.filter(text.folded(told, ignore_case=True) == folded(identifier))
        return rows.select(customer=customer_id(rows, table), raw=ibis.literal(""))
    rows = rows.filter(_digits(raw).contains(identifier[-TAIL:]))
    return rows.select(customer=customer_id(rows, table), raw=raw)


def _contacts(context: Context) -> Iterator[tuple[CatalogueTable, Column]]:
    for table in context.catalogue.tables.values():
        if table.one_per_customer and table.customer:
            for column in table.columns.values():
                if column.semantic in (Semantic.EMAIL, Semantic.PHONE):
                    yield table, column


def _digits(raw: ir.Value) -> ir.StringValue:
    """The digits of a phone, its letters as a keypad has them."""
    plain = raw.lower()
    letters, digits = ("".join(each[place] for each in (KEYS, *DIGITS)) for place in (0, 1))
    return plain.translate(letters, digits).re_replace(r"[^0-9]+", "")
