"""Sending the failed part of a run again: of the same audience those who failed, nobody else."""

from __future__ import annotations

import duckdb
import pyarrow as pa
from django.db.models import Sum

from accounts.models import User
from campaigns import definition as definitions
from core.failpoints import hit
from runs import diff, ledger, relations, report
from runs.diff import Difference
from runs.launch import LaunchRefusedError, RunGoingError, closed, refusals, store
from runs.models import Batch, BatchState, Delivery, Run, RunState
from runs.tools import Tools, production

# Of a batch with a stored result those who failed by it; of one that was refused, or never
# sent, everybody.
NARROW = """
DELETE FROM difference WHERE identifier NOT IN (
    SELECT m.identifier
    FROM failed_members m
    JOIN failed_batches b ON b.row_group = m.row_group AND m.position BETWEEN b.first AND b.last
    LEFT JOIN failed_results r ON r.identifier = m.identifier
    WHERE b.whole OR r.outcome = 'failed'
)
"""


FAILED_BATCHES = pa.schema(
    [
        ("row_group", pa.int32()),
        ("first", pa.int32()),
        ("last", pa.int32()),
        ("whole", pa.bool_()),
    ]
)


class NothingFailedError(LaunchRefusedError):
    def __init__(self) -> None:
        super().__init__(
            ["There is nothing to send again: nobody failed, or a later run sent them."]
        )


def failed(run: Run) -> int:
    """How many people a retry would send or remove; 0 where there is nothing to retry.

    Only the latest run of a campaign can be retried: a later one has its own audience.
    """
    if run.test or run.state not in (RunState.PARTIAL, RunState.FAILED) or not run.members:
        return 0
    if run.campaign.archived or run.campaign.runs.real().filter(number__gt=run.number).exists():
        return 0
    known = Batch.objects.filter(delivery__run=run).exclude(state=BatchState.REPLACED)
    of_batches = known.aggregate(people=Sum("failed", default=0))["people"]
    undrawn = report.deliveries(run).filter(file="")
    return int(of_batches) + sum(report.changes(each)["failed"] or 0 for each in undrawn)


def retry(run: Run, by: User | None = None, tools: Tools | None = None) -> Run:
    """Store a run that sends the failed part of another again, and have it carried out.

    It has the other's definition, moment and audience. Raises LaunchRefusedError.
    """
    tools = tools or production()
    if run.campaign.runs.going().exists():
        raise RunGoingError()
    if not failed(run):
        raise NothingFailedError()
    definition = definitions.from_json(run.definition)
    if reasons := closed(definition, by) or refusals(definition, tools):
        raise LaunchRefusedError(reasons)
    made = store(run.campaign, definition, by, None, tools, retry_of=run)
    hit("enqueue.before")
    tools.enqueue("build_run", made.pk, 0.0)
    hit("enqueue.after")
    return made


def narrow(duck: duckdb.DuckDBPyConnection, delivery: Delivery) -> Difference | None:
    """Leave of the difference in ``duck`` only those who failed in the run that is retried.

    None, and nothing changed, where this is no retry, or it is not known whom its
    delivery was about: then all are sent whom the list is not known to hold.
    """
    if delivery.run.retry_of_id is None:
        return None
    earlier = Delivery.objects.filter(run=delivery.run.retry_of_id, list=delivery.list_id).first()
    if earlier is None or not earlier.file or not ledger.there(earlier.file):
        return None
    batches = list(earlier.batches.exclude(state=BatchState.REPLACED).filter(failed__gt=0))
    results = [each.results for each in batches if each.results and ledger.there(each.results)]
    relations.view(duck, "failed_members", [earlier.file], ledger.MEMBERS)
    relations.view(duck, "failed_results", results, ledger.RESULTS)
    rows = [
        (each.row_group, each.offset, each.offset + each.size - 1, each.results not in results)
        for each in batches
    ]
    duck.register("failed_batches", relations.table(rows, FAILED_BATCHES))
    duck.execute(NARROW)
    return diff.counted(duck)
