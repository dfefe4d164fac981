"""Who was in a run, and what became of each: for people to read, and as a criterion."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
from django.conf import settings

from accounts import audit
from accounts.models import User
from campaigns import definition as definitions
from campaigns.definition import Definition
from core.spreadsheets import FORMULA
from runs import files, ledger, relations
from runs.models import ENDED, Batch, BatchState, Delivery, Run
from warehouse.catalogue import CatalogueTable, Column
from warehouse.query import Relation
from warehouse.scratch import scratch

TABLE = "campaign_recipients"
PIECE = 1_000_000  # characters
POPULATION = pa.schema(
    [
        ("customer_id", pa.string()),
        ("part", pa.int64()),
        ("group", pa.int64()),
        ("destination", pa.int64()),
        ("outcome", pa.string()),
        ("reason", pa.string()),
        ("identifier", pa.string()),
    ]
)
PLACES = pa.schema(
    [
        ("part", pa.int64()),
        ("group", pa.int64()),
        ("sub_audience", pa.string()),
        ("treatment_group", pa.string()),
        ("control", pa.bool_()),
    ]
)
DELIVERIES = pa.schema(
    [
        ("part", pa.int64()),
        ("group", pa.int64()),
        ("destination", pa.int64()),
        ("name", pa.string()),
        ("rest", pa.string()),  # what became of those whom no batch adds
    ]
)
FATES = pa.schema(
    [
        ("destination", pa.int64()),
        ("part", pa.int64()),
        ("group", pa.int64()),
        ("file", pa.string()),
        ("row_group", pa.int32()),
        ("first", pa.int32()),
        ("last", pa.int32()),
        ("fate", pa.string()),
    ]
)
RECIPIENTS = pa.schema(
    [
        ("customer_id", pa.string()),
        ("campaign", pa.string()),
        ("sub_audience", pa.string()),
        ("treatment_group", pa.string()),
        ("control", pa.bool_()),
        ("destination", pa.string()),
        ("sent_at", pa.timestamp("us", "UTC")),
    ]
)

ROWS = """
SELECT
    m.customer_id,
    p.sub_audience,
    coalesce(p.treatment_group, '') AS treatment_group,
    coalesce(p.control, false) AS control,
    coalesce(d.name, '') AS destination,
    CASE
        WHEN m.outcome <> 'send' THEN m.outcome
        ELSE coalesce(a.fate, d.rest)
    END AS outcome
FROM population m
LEFT JOIN places p ON p.part = m.part AND p."group" = m."group"
LEFT JOIN deliveries d
    ON d.part = m.part AND d."group" = m."group" AND d.destination = m.destination
LEFT JOIN (
    SELECT f.part, f."group", f.destination, b.identifier, f.fate
    FROM members b
    JOIN fates f ON f.file = b.filename AND f.row_group = b.row_group
        AND b.position BETWEEN f.first AND f.last
    WHERE b.operation = 'add'
) a ON m.outcome = 'send' AND a.part = m.part AND a."group" = m."group"
    AND a.destination = m.destination AND a.identifier = m.identifier
"""

TEXTS = ("customer_id", "sub_audience", "treatment_group", "destination")

SENT = """
SELECT
    customer_id, $campaign AS campaign, sub_audience, treatment_group, control, destination,
    $sent_at::TIMESTAMPTZ AS sent_at
FROM outcomes
WHERE outcome = 'sent' OR outcome = 'control' AND NOT $retry AND sub_audience IN (
    SELECT sub_audience FROM outcomes WHERE outcome = 'sent'
)
"""


def taken(run: Run, by: User | None, reason: str = "") -> None:
    """Write into the audit that somebody takes a run's people along; before the first leaves."""
    audit.record(
        by,
        audit.Action.EXPORTED,
        run.campaign,
        f"{run}: recipients",
        customers=(run.figures or {}).get("audience"),
        details="customer_id",
        reason=reason,
    )


def csv(run: Run, spreadsheet: bool = False) -> Iterator[str]:
    """A row for each customer, place and destination of a run, in pieces; no identifiers.

    A run that is not split yet has only the header. spreadsheet: text that one would
    take for a formula begins with an apostrophe.
    """
    rows = f"{ROWS} ORDER BY ALL"
    if spreadsheet:
        rows = f"SELECT * REPLACE ({', '.join(map(harmless, TEXTS))}) FROM ({rows})"  # noqa: S608
    folder = Path(settings.VAR_DIR) / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as rough:
        target = Path(rough) / "recipients.csv"
        with opened(run) as duck:
            relations.copy(duck, rows, target, {}, "csv")
        with target.open(encoding="utf-8", newline="") as file:
            yield from iter(partial(file.read, PIECE), "")


def harmless(column: str) -> str:
    return (
        f"CASE WHEN regexp_matches({column}, '{FORMULA}') "
        f"THEN chr(39) || {column} ELSE {column} END AS {column}"
    )


def store(run: Run) -> str:
    """Keep who was sent and who was held out, for measurement and as a criterion.

    Of a sub-audience of which nobody was sent nobody was held out either: there is nothing
    to compare them with. A retry notes only whom it sent: the rest its first run noted.
    """
    name = files.fresh(f"runs/{run.pk}", "recipients")
    sent_at = run.sent_at or run.moment
    with opened(run) as duck, files.written(name) as rough:
        duck.sql(ROWS).create_view("outcomes")
        named = definitions.from_json(run.definition).name
        retry = run.retry_of_id is not None
        values = {"campaign": named, "sent_at": sent_at, "retry": retry}
        relations.copy(duck, SENT, rough, values)
    return name


@contextmanager
def opened(run: Run) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB with all that ``ROWS`` reads."""
    definition = definitions.from_json(run.definition)
    with scratch() as duck:
        relations.view(duck, "population", [run.members], POPULATION)
        duck.register("places", places(definition))
        deliveries = list(run.deliveries.select_related("destination"))
        duck.register("deliveries", destinations_of(deliveries))
        duck.register("fates", fates(deliveries))
        drawn = [str(files.path(each.file)) for each in deliveries if known(each)]
        if drawn:
            duck.read_parquet(drawn, filename=True).create_view("members", replace=True)
        else:
            named = ledger.MEMBERS.append(pa.field("filename", pa.string()))
            duck.register("members", named.empty_table())
        yield duck


def places(definition: Definition) -> pa.Table:
    """The names of each sub-audience and treatment group; group -1 is none."""
    rows = [
        (part, index, each.name, group.name if group else "", bool(group and group.control))
        for part, each in enumerate(definition.parts)
        for index, group in [(-1, None), *enumerate(each.groups)]
    ]
    return relations.table(rows, PLACES)


def destinations_of(deliveries: list[Delivery]) -> pa.Table:
    return relations.table(
        [
            (each.part, each.group, each.destination_id, each.destination.name, rest(each))
            for each in deliveries
        ],
        DELIVERIES,
    )


def known(delivery: Delivery) -> bool:
    """Whether it can be told whom its batches are about."""
    return bool(delivery.file) and files.path(delivery.file).is_file()


def rest(delivery: Delivery) -> str:
    """What became of those to send whom no batch adds: the list had them already, once
    that is known. Where the file that tells is gone, everyone may have been sent."""
    if delivery.file and not known(delivery):
        return "sent" if delivery.batches.exclude(job_id="").exists() else "failed"
    if delivery.file:
        return "sent" if delivery.run.retry_of_id is None else "kept"
    return "failed" if delivery.state in ENDED else "waiting"


def fates(deliveries: list[Delivery]) -> pa.Table:
    """What became of the additions of each batch."""
    rows = [
        (
            delivery.destination_id,
            delivery.part,
            delivery.group,
            str(files.path(delivery.file)),
            batch.row_group,
            batch.offset,
            batch.offset + batch.size - 1,
            fate(batch),
        )
        for delivery in deliveries
        if known(delivery)
        for batch in delivery.batches.filter(operation=Batch.Operation.ADD)
        .exclude(state=BatchState.REPLACED)
        .iterator(2_000)
    ]
    return relations.table(rows, FATES)


def fate(batch: Batch) -> str:
    """sent: in a request that Attentive took."""
    if batch.job_id:
        return "sent"
    return "failed" if batch.state in (BatchState.FAILED, BatchState.UNSENT) else "waiting"


def catalogue_table() -> CatalogueTable:
    """What Muster has sent so far, as customer data: an event for each person and run."""
    columns = [
        Column("customer_id", "text", "customer_id", "Customer id"),
        Column("campaign", "text", "", "Campaign"),
        Column("sub_audience", "text", "", "Sub-audience"),
        Column("treatment_group", "text", "", "Treatment group"),
        Column("control", "yes_no", "", "Held out"),
        Column("destination", "text", "", "Destination"),
        Column("sent_at", "time", "order_time", "Sent at"),
    ]
    return CatalogueTable(
        TABLE,
        {each.name: each for each in columns},
        customer="customer_id",
        label="Campaign activity",
    )


def relation() -> Relation:
    """The recipients of all runs that have ended, tests left out."""
    names = Run.objects.real().exclude(recipients="").values_list("recipients", flat=True)
    paths = [path for path in map(files.path, names) if path.exists()]
    return paths or RECIPIENTS.empty_table()
