"""A delivery's difference as batches: one request's worth each, drawn once and for all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import MusterError
from destinations.connector import Connector
from runs import files
from runs.ledger import MEMBERS
from runs.models import Batch


class BatchDamagedError(MusterError):
    """The stored members no longer make the request that was drawn."""

    def __str__(self) -> str:
        return (
            "The file of this batch has changed since it was made, so it is not sent. "
            "Launch the campaign again."
        )


@dataclass(frozen=True, slots=True)
class Drawn:
    """A batch as it was written: a row group of the delivery's file."""

    operation: str
    row_group: int
    size: int
    body_hash: str
    waits_until: datetime | None


@dataclass(frozen=True, slots=True)
class Kin:
    """Members that may share a request: one operation, one kind of identifier, one time."""

    operation: str
    email: bool
    waits_until: datetime | None


# Additions first, so that a list is never empty in between; what waits comes last.
KINS = """
SELECT DISTINCT operation, contains(identifier, '@') AS email, waits_until
FROM difference ORDER BY waits_until NULLS FIRST, operation, email
"""
MEMBERS_OF = """
SELECT identifier FROM difference
WHERE operation = $operation AND contains(identifier, '@') = $email
    AND waits_until IS NOT DISTINCT FROM $waits_until::TIMESTAMPTZ
"""


def draw(
    duck: duckdb.DuckDBPyConnection,
    target: Path,
    size: int,
    body: Callable[[str, Sequence[str]], bytes],
) -> Iterator[Drawn]:
    """Write the difference that ``diff.compare`` left in ``duck``, a row group a batch.

    size: members a batch. body: (kind of identifier, values) to a request's bytes.
    The file is whole once the last batch was taken from the iterator.
    """
    kins = [Kin(*row) for row in duck.execute(KINS).fetchall()]
    row_group = 0
    with pq.ParquetWriter(target, MEMBERS, compression="zstd", use_dictionary=["operation"]) as to:
        for kin in kins:
            for values in _chunks(duck, kin, size):
                to.write_table(_rows(kin, row_group, values), row_group_size=size)
                content = body("email" if kin.email else "phone", values.to_pylist())
                yield Drawn(kin.operation, row_group, len(values), sha256(content), kin.waits_until)
                row_group += 1


def _chunks(duck: duckdb.DuckDBPyConnection, kin: Kin, size: int) -> Iterator[pa.Array]:
    """The identifiers in pieces of exactly ``size``, the last one smaller."""
    parameters = {
        "operation": kin.operation,
        "email": kin.email,
        "waits_until": kin.waits_until,
    }
    rest = pa.chunked_array([], pa.string())
    for read in duck.sql(MEMBERS_OF, params=parameters).to_arrow_reader(max(size, 50_000)):
        rest = pa.chunked_array([*rest.chunks, read.column(0)], pa.string())
        while len(rest) >= size:
            yield rest.slice(0, size).combine_chunks()
            rest = rest.slice(size)
    if len(rest):
        yield rest.combine_chunks()


def _rows(kin: Kin, row_group: int, values: pa.Array) -> pa.Table:
    count = len(values)
    return pa.table(
        [
            values,
            pa.repeat(pa.scalar(kin.operation), count),
            pa.repeat(pa.scalar(row_group, pa.int32()), count),
            pa.array(np.arange(count, dtype=np.int32)),
        ],
        schema=MEMBERS,
    )


def values(batch: Batch) -> list[str]:
    """The batch's identifiers, in the order in which they are sent."""
    file = pq.ParquetFile(files.path(batch.delivery.file))
    with file:
        rows = file.read_row_group(batch.row_group, columns=["identifier"])
    return list(rows.column(0).slice(batch.offset, batch.size).to_pylist())


def body(batch: Batch, connector: Connector) -> bytes:
    """The request's bytes, the same at every attempt.

    Raises BatchDamagedError when they are not those that were drawn.
    """
    content = request(batch.delivery.list.external_id, values(batch), connector)
    if sha256(content) != batch.body_hash:
        raise BatchDamagedError()
    return content


def request(external_id: str, members: Sequence[str], connector: Connector) -> bytes:
    kind = "email" if "@" in members[0] else "phone"
    return connector.body(external_id, kind, members)


def halves(batch: Batch, connector: Connector) -> list[Batch]:
    """Two batches of half the size, in place of one that was too large for a request.

    They carry the same members, each once; a batch of one member has no halves.
    """
    members = values(batch)
    middle = len(members) // 2
    return [
        Batch(
            delivery=batch.delivery,
            operation=batch.operation,
            row_group=batch.row_group,
            offset=batch.offset + start,
            size=len(part),
            body_hash=sha256(request(batch.delivery.list.external_id, part, connector)),
        )
        for start, part in ((0, members[:middle]), (middle, members[middle:]))
        if part
    ]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
