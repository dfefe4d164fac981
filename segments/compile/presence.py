"""Which of some values no row of a column has, as rules compare text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import ibis
import pyarrow as pa

from segments.compile import folding, ir, text
from segments.compile.context import Context
from segments.compile.operands import Operand, operand, value_of, warehouse_table
from warehouse.catalogue import CatalogueTable, Column

GIVEN = "muster_given"


def absent(
    table: CatalogueTable, column: Column, values: Sequence[str] | list[Path], context: Context
) -> ir.Table:
    """A table with the text column ``value``: the values, folded and each once, that no row has.

    values: texts, or the files of an uploaded list as ``lists.relation`` gives them.
    """
    rows = warehouse_table(table)
    held = text.folded(operand(value_of(rows, table, column), table, column), ignore_case=True)
    present = held.name("value").as_table()
    given = _given(values, context)
    return given.anti_join(present, given.value == present.value).distinct()


def _given(values: Sequence[str] | list[Path], context: Context) -> ir.Table:
    if values and isinstance(values[0], Path):
        context.relations[GIVEN] = [each for each in values if isinstance(each, Path)]
        stored = ibis.table({"value": "string"}, name=GIVEN)
        return text.folded(Operand(stored.value, "text"), ignore_case=True).name("value").as_table()
    folded = sorted({folding.folded(str(each)) for each in values} - {""})
    context.relations[GIVEN] = pa.table({"value": pa.array(folded, pa.string())})
    return ibis.table({"value": "string"}, name=GIVEN)
