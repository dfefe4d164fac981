"""What a list is known to hold.

A ledger is a Parquet file with a row for each identifier that the list holds, may
hold, or that an earlier request may still touch:

    identifier  text
    state       held: an addition was accepted by its job's result, no removal begun
                maybe: an addition or removal was begun and its end is not known
                gone: not in the list, kept only while ``until`` lies ahead
    operation   the last operation that may still be going on, '' when none is
    until       the opposite operation must not begin before; null: no need to wait

It is written whole when a delivery ends. ``fold`` also answers for a delivery that
is going on: what it began counts as maybe.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
import pyarrow as pa

from runs import files, relations
from runs.models import Batch, BatchState, Delivery, List

SCHEMA = pa.schema(
    [
        ("identifier", pa.string()),
        ("state", pa.string()),
        ("operation", pa.string()),
        ("until", pa.timestamp("us", "UTC")),
    ]
)
MEMBERS = pa.schema(
    [
        ("identifier", pa.string()),
        ("operation", pa.string()),
        ("row_group", pa.int32()),
        ("position", pa.int32()),
    ]
)
RESULTS = pa.schema([("identifier", pa.string()), ("outcome", pa.string())])
FACTS = pa.schema(
    [
        ("row_group", pa.int32()),
        ("first", pa.int32()),
        ("last", pa.int32()),
        ("phase", pa.string()),
        ("until", pa.timestamp("us", "UTC")),
    ]
)


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of a batch's members.

    phase: untouched (no request of it can have been applied), running (one may be
    applied at any time), ended (its job ended, the results tell the rest), open (all
    is over or given up, and what was applied is not known). until: when a request
    whose answer was lost, or a job that was not seen to end, counts as over; null
    without such a request.
    """

    row_group: int
    first: int
    last: int
    phase: str
    until: datetime | None


def fact(batch: Batch, settle: timedelta) -> Fact:
    """settle: how long a lost request counts as going on once its repeat has ended."""
    lost = batch.begun > batch.answered
    unseen = batch.state == BatchState.DONE and not batch.job_status
    until = batch.ended_at + settle if (lost or unseen) and batch.ended_at else None
    return Fact(
        batch.row_group, batch.offset, batch.offset + batch.size - 1, _phase(batch, lost), until
    )


def _phase(batch: Batch, lost: bool) -> str:
    match batch.state:
        case BatchState.DONE if batch.results and not there(batch.results):
            return "open"
        case BatchState.DONE:
            return "ended"
        case BatchState.SENT | BatchState.SENDING:
            return "running"
        case BatchState.READY:
            return "running" if lost else "untouched"
        case _:
            return "open" if lost or batch.job_id else "untouched"


def facts(delivery: Delivery) -> list[Fact]:
    settle = timedelta(hours=delivery.destination.settle_hours)
    batches = delivery.batches.exclude(state=BatchState.REPLACED)
    return [fact(batch, settle) for batch in batches.iterator(2_000)]


# What before p, and what the delivery did, d. A refused addition or removal leaves what
# was before; 404 tells that the destination does not know the person, so that the list
# cannot hold her - unless a lost request may still be applied later, or it accepted her
# before: then it contradicts itself and is asked once more by the next run. Whom no
# request reached is as before, with all that she must still wait for.
FOLD = """
SELECT * FROM (
SELECT
    identifier,
    CASE
        WHEN done IS NULL THEN before
        WHEN done IN ('running', 'open', 'not_reported') THEN 'maybe'
        WHEN done = 'accepted' AND operation = 'add' THEN 'held'
        WHEN done = 'accepted' THEN 'gone'
        WHEN lost IS NOT NULL THEN 'maybe'
        WHEN done = 'unknown' AND operation = 'remove' AND before = 'held' THEN 'maybe'
        WHEN done = 'unknown' THEN 'gone'
        ELSE before
    END AS state,
    CASE WHEN until IS NULL THEN '' ELSE operation END AS operation,
    until
FROM (
    SELECT
        coalesce(d.identifier, p.identifier) AS identifier,
        coalesce(p.state, 'gone') AS before,
        d.done,
        d.until AS lost,
        coalesce(d.operation, p.operation) AS operation,
        greatest(
            d.until,
            CASE
                WHEN p.until > $now AND (d.operation IS NULL OR d.operation = p.operation)
                THEN p.until
            END
        ) AS until
    FROM previous p
    FULL JOIN (
        SELECT
            m.identifier,
            m.operation,
            f.until,
            CASE WHEN f.phase = 'ended' THEN coalesce(r.outcome, 'accepted') ELSE f.phase END
                AS done
        FROM members m
        JOIN facts f
            ON f.row_group = m.row_group AND m.position BETWEEN f.first AND f.last
            AND f.phase <> 'untouched'
        LEFT JOIN results r ON r.identifier = m.identifier
    ) d ON d.identifier = p.identifier
))
WHERE state <> 'gone' OR until IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Written:
    """A ledger's file, relative to VAR_DIR, and how many people it holds or may hold."""

    path: str
    held: int
    maybe: int


def fold(duck: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    """Bring what ``FOLD`` reads into ``duck``: the list's ledger and this delivery.

    Its list and batches are read as they are stored now; no file is changed.
    """
    relations.view(duck, "previous", [delivery.list.ledger], SCHEMA)
    changes(duck, delivery)


def changes(duck: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    """All that ``FOLD`` reads but the list's ledger of before."""
    relations.view(duck, "members", [delivery.file], MEMBERS)
    named = delivery.batches.exclude(results="").values_list("results", flat=True)
    relations.view(duck, "results", filter(there, named), RESULTS)
    rows = ((f.row_group, f.first, f.last, f.phase, f.until) for f in facts(delivery))
    duck.register("facts", relations.table(rows, FACTS))


def there(name: str) -> bool:
    return files.path(name).is_file()


def save(
    duck: duckdb.DuckDBPyConnection,
    filled: List,
    name: str,
    query: str,
    parameters: Mapping[str, object],
) -> Written:
    """Write a list's next ledger: the rows of a query, such as ``FOLD``."""
    name = files.fresh(f"ledgers/{filled.pk}", name)
    with files.written(name, "finish") as rough:
        relations.copy(duck, query, rough, parameters)
    held, maybe = duck.execute(
        "SELECT count(*) FILTER (state = 'held'), count(*) FILTER (state = 'maybe') "
        "FROM read_parquet(?)",
        [str(files.path(name))],
    ).fetchall()[0]
    return Written(name, held, maybe)
