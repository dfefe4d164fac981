"""The frozen audience: what the warehouse says of each customer, streamed to a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from campaigns import audience, layout
from campaigns.definition import Definition
from core.files import Hook, ignore, replacing
from warehouse import catalogue
from warehouse.engines import engine

TRIES = 3


def build(
    definition: Definition,
    moment: datetime,
    path: Path,
    hook: Hook = ignore,
    key: str = "",
    only: Sequence[str] | None = None,
) -> str:
    """Write the campaign's snapshot; returns the data version it was read at.

    The columns are those of ``layout``. The file appears whole or not at all.
    hook: called with "queried", "written", "synced" and "renamed". key: a name by
    which the engine can cancel the query. only: the ids of customers to ask about, None
    for all. Raises WarehouseError, RuleError.
    """
    version, batches = _read(definition, moment, key, only)
    hook("queried")
    schema = _schema(definition)
    # Nobody searches by a text, so that its least and greatest value need not be found.
    repeating = [field.name for field in schema if not pa.types.is_string(field.type)]
    with (
        replacing(path, hook) as rough,
        pq.ParquetWriter(
            rough, schema, use_dictionary=repeating, write_statistics=repeating
        ) as writer,
        ThreadPoolExecutor(1) as beside,
    ):
        # While one batch is written, the engine makes the next.
        written: Future[None] | None = None
        for batch in batches:
            if written:
                written.result()
            written = beside.submit(writer.write_batch, batch.select(schema.names).cast(schema))
        if written:
            written.result()
    return version


def _read(
    definition: Definition, moment: datetime, key: str, only: Sequence[str] | None
) -> tuple[str, Iterator[pa.RecordBatch]]:
    """The data version and all batches of it: begun again when a load came between.

    The query too: it leaves out work by what is known of the values of that version.
    """
    warehouse = engine()
    for _ in range(TRIES):
        version = warehouse.version()
        query = audience.query(definition, catalogue.current(), moment, warehouse.dialect, only)
        batches = iter(warehouse.stream(query, key=key))
        first = next(batches)
        if warehouse.version() == version:
            break
    return version, chain([first], batches)


def _schema(definition: Definition) -> pa.Schema:
    kinds = {layout.CUSTOMER: pa.string(), layout.EXCLUDED: pa.int32(), layout.PART: pa.int32()}
    values = {layout.value(i): pa.string() for i in range(len(layout.sources(definition)))}
    return pa.schema(
        [(name, (kinds | values).get(name, pa.bool_())) for name in layout.columns(definition)]
    )
