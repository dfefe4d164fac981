"""When files of earlier runs are gone for good: what can still be known of a list.

Batches stand in the database, so that a ledger can be drawn up again from the files of
its deliveries. Of a delivery whose own file is gone only whom it may have touched is
known: they are maybe, are added again when they should be there and removed when not.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb
import pyarrow as pa

from core.errors import MusterError
from core.formats import counted
from runs import diff, files, ledger, log, relations
from runs.diff import Place
from runs.models import Delivery, List
from runs.tools import Tools
from warehouse.scratch import scratch


class HistoryLostError(MusterError):
    """Data: the list's name, the number of the run whose file is gone."""

    def __init__(self, name: str, run: int):
        super().__init__(name, run)
        self.name = name
        self.run = run

    def __str__(self) -> str:
        return (
            f'Nothing was sent: Muster no longer knows who is on "{self.name}", as its ledger '
            f"and the file of run {self.run} are gone from VAR_DIR. Ask an admin to restore them "
            "from a backup. Without one, archive the segment in Attentive, then delete the "
            "treatment group in the campaign and add it again: it fills a new segment."
        )


def ledger_again(delivery: Delivery, tools: Tools) -> None:
    """Draw a list's ledger up again if its file is gone.

    Raises HistoryLostError when that of an earlier delivery is gone too.
    """
    filled = delivery.list
    if not filled.ledger or files.path(filled.ledger).is_file():
        return
    with scratch() as duck:
        replay(duck, filled, tools.now())
        drawn = ledger.save(duck, filled, f"{delivery.pk}-again", "SELECT * FROM previous", {})
    moved = List.objects.filter(pk=filled.pk, ledger=filled.ledger).update(
        ledger=drawn.path, held=drawn.held, maybe=drawn.maybe
    )
    if not moved:
        files.discard(drawn.path)
    filled.refresh_from_db(fields=["ledger", "held", "maybe"])
    if moved:
        people = counted(drawn.held + drawn.maybe, "person,people")
        log.write(
            delivery.run_id,
            f'The ledger of "{filled.name}" was gone. It was drawn up again from earlier '
            f"runs: {people}.",
            tools,
        )


def replay(duck: duckdb.DuckDBPyConnection, filled: List, now: datetime) -> None:
    """Leave as ``previous`` in ``duck`` what all ended deliveries of a list did, in order."""
    empty = ledger.SCHEMA.empty_table()
    duck.register("nothing", empty)
    duck.execute("CREATE TEMP TABLE previous AS FROM nothing")
    for each in filled.deliveries.ended().exclude(file="").select_related("run", "destination"):
        try:
            ledger.changes(duck, each)
        except relations.FileLostError:
            raise HistoryLostError(filled.name, each.run.number) from None
        duck.execute(f"CREATE TEMP TABLE following AS {ledger.FOLD}", {"now": now})
        duck.execute("DROP TABLE previous; ALTER TABLE following RENAME TO previous")


def fold(duck: duckdb.DuckDBPyConnection, delivery: Delivery, now: datetime) -> None:
    """As ``ledger.fold``, for a delivery whose own file is gone.

    Whom it was to add and to remove follows from the run's members and the list's ledger.
    Raises FileLostError when those are gone too.
    """
    place = Place(delivery.part, delivery.group, delivery.destination_id)
    remove = delivery.removal_approved is not False
    diff.compare(duck, delivery.run.members, place, delivery.list.ledger, now, remove=remove)
    duck.sql(
        "SELECT identifier, operation, 0::INT AS row_group, 0::INT AS position FROM difference"
    ).create_view("members", replace=True)
    begun = delivery.batches.filter(begun__gt=0).exists()
    until = now + timedelta(hours=delivery.destination.settle_hours)
    row = (0, 0, 0, "open", until) if begun else (0, 0, 0, "untouched", None)
    duck.register("facts", relations.table([row], ledger.FACTS))
    duck.register("results", pa.Table.from_batches([], ledger.RESULTS))
