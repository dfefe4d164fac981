"""Who is in a segment: a page of customers at a time, and all of them as a file."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from core.spreadsheets import FORMULA
from segments import drafts
from segments.compile import Context, flags, ir, members, to_query
from segments.compile.functions import muster_in_order
from segments.numbers.explaining import told
from segments.wording import words
from warehouse.catalogue import Catalogue, CatalogueTable, Column
from warehouse.engines import engine
from warehouse.models import Semantic
from warehouse.personal import is_personal

PAGE = 50
MOST = 12  # columns
BATCH = 20_000  # rows of a file that are in memory at a time
FIRST = (
    *(Semantic.FULL_NAME, Semantic.GIVEN_NAME, Semantic.SURNAME),
    *(Semantic.EMAIL, Semantic.PHONE),
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A column of a table with one row a customer. name: "table.column"."""

    table: CatalogueTable
    column: Column

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column.name}"

    @property
    def label(self) -> str:
        return words.column_label(self.column, self.column.name)

    @property
    def number(self) -> bool:
        return self.column.type == "number"


@dataclass(frozen=True, slots=True)
class Page:
    """rows: each one's id, and columns with their texts. before, after: the ids from which the
    pages around it go on, '' where there is none."""

    rows: Sequence[tuple[str, Sequence[tuple[Chosen, str]]]]
    before: str
    after: str


def chosen(names: Iterable[str], catalogue: Catalogue) -> list[Chosen]:
    """Those of "table.column" that can be shown, at most MOST, each once."""
    found: dict[str, Chosen] = {}
    for name in names:
        place = catalogue.find(name)
        if place and place[0].one_per_customer and place[1].name != place[0].customer:
            made = Chosen(*place)
            found.setdefault(made.name, made)
    return list(found.values())[:MOST]


def usual(rule: Any, catalogue: Catalogue) -> list[Chosen]:
    """What is shown unasked: name and contacts, and what the rule asks about."""
    tables = [catalogue.table("merged_customers"), catalogue.table(catalogue.base)]
    names = []
    for semantic in FIRST:
        known = ((table, table.meaning(semantic)) for table in tables if table)
        names += [f"{table.name}.{column.name}" for table, column in known if column][:1]
    asked = [str(node["attribute"]) for node in drafts.walk(rule) if node.get("attribute")]
    return chosen([*names, *asked], catalogue)


def page(
    rule: Any,
    columns: Sequence[Chosen],
    context: Context,
    *,
    after: str = "",
    before: str = "",
    begins: str = "",
    unmasked: bool = False,
    key: str = "",
) -> Page:
    """The customers that match, in the order of their ids, from behind ``after`` on, or the
    last of those in front of ``before``.

    begins: how the id begins. key: a name by which engine().cancel stops the queries.
    Raises RuleError, WarehouseError.
    """
    found = members(rule, context)
    place = muster_in_order(found.customer_id)
    if begins:
        found = found.filter(found.customer_id.startswith(begins))
    if before:
        found = found.filter(place < muster_in_order(ibis.literal(before)))
    elif after:
        found = found.filter(place > muster_in_order(ibis.literal(after)))
    found = found.order_by(place.desc() if before else place).limit(PAGE + 1)
    ids = [str(row[0]) for row in _fetched(found, context, key)]
    return listed(ids, columns, context, after=after, before=before, unmasked=unmasked, key=key)


def listed(
    ids: Sequence[str],
    columns: Sequence[Chosen],
    context: Context,
    *,
    after: str = "",
    before: str = "",
    unmasked: bool = False,
    key: str = "",
) -> Page:
    """A page of the customers that were found, in the order in which they were looked for: up
    from ``after``, or down from ``before``.

    ids: one more than PAGE where there are more. Raises WarehouseError.
    """
    more, ids = len(ids) > PAGE, ids[:PAGE]
    if before:
        ids = ids[::-1]
    rows = _rows(ids, columns, context, unmasked, key)
    ends = (ids[0], ids[-1]) if ids else ("", "")
    return Page(
        rows,
        before=ends[0] if (more if before else after) else "",
        after=ends[1] if (before or more) else "",
    )


def _rows(
    ids: Sequence[str], columns: Sequence[Chosen], context: Context, unmasked: bool, key: str
) -> list[tuple[str, list[tuple[Chosen, str]]]]:
    if not ids:
        return []
    wanted = {f"value_{place}": each.name for place, each in enumerate(columns)}
    rows = flags({}, context, columns=wanted)
    rows = rows.filter(rows.customer_id.isin(list(ids)))
    found = {str(row[0]): row[1:] for row in _fetched(rows, context, key)}
    blank = [None] * len(columns)
    return [
        (
            who,
            [
                (each, told(value, each.column, context.clock, unmasked))
                for each, value in zip(columns, found.get(who, blank), strict=True)
            ],
        )
        for who in ids
    ]


def _fetched(rows: ir.Table, context: Context, key: str) -> list[tuple[Any, ...]]:
    source = engine()
    return source.fetch(to_query(rows, context, source.dialect, key), key)


# As a file


def exportable(columns: Iterable[Chosen], unmasked: bool) -> list[Chosen]:
    """The columns that may leave: personal ones only with those who may see them."""
    return [each for each in columns if unmasked or not is_personal(each.column)]


def csv(rule: Any, columns: Sequence[Chosen], context: Context) -> Iterator[bytes]:
    """A row for each customer that matches, in pieces; text that a spreadsheet would take for
    a formula begins with an apostrophe.

    The query has begun to answer when this returns. Raises RuleError, WarehouseError; one
    that comes later ends the pieces.
    """
    wanted = {f"value_{place}": each.name for place, each in enumerate(columns)}
    rows = flags({}, context, columns=wanted, among=rule)
    source = engine()
    batches = source.stream(to_query(rows, context, source.dialect), BATCH)
    first = next(batches)
    headers = _headers(columns)
    return (
        _piece(batch.rename_columns(headers), header=place == 0)
        for place, batch in enumerate(chain([first], batches))
    )


def _headers(columns: Sequence[Chosen]) -> list[str]:
    names = [each.column.name for each in columns]
    return [
        "customer_id",
        *(each.name if names.count(each.column.name) > 1 else each.column.name for each in columns),
    ]


def _piece(batch: pa.RecordBatch, header: bool) -> bytes:
    columns = [_harmless(column) for column in batch.columns]
    made = pa.table(columns, names=batch.schema.names)
    text = io.BytesIO()
    pa.csv.write_csv(made, text, pa.csv.WriteOptions(include_header=header))
    return text.getvalue()


def _harmless(column: pa.Array) -> pa.Array:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    formula = pc.match_substring_regex(column, FORMULA)
    return pc.if_else(formula, pc.binary_join_element_wise("'", column, ""), column)
