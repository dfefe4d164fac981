"""From a job's id to what became of each member of a batch."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db.models import F

from core.errors import MusterError
from core.failpoints import hit
from destinations import credentials
from destinations.connector import Connector, Job, Result
from destinations.errors import (
    CredentialRefusedError,
    JobMissingError,
    ResultMissingError,
    SlowDownError,
)
from destinations.obstacles import obstacle
from runs import backoff, batches, files, log, progress
from runs.ledger import RESULTS
from runs.models import Batch, BatchState
from runs.tools import Tools

KEPT_BY_ATTENTIVE = timedelta(days=14)  # Attentive API v2, Bulk Status: up to 2 weeks
PATIENCE = 8  # looks at a job or a result that is not there
BROKE_DOWN = (
    "A worker broke down over this job. Muster looks again by itself; if this stays, "
    "ask an admin to look at the worker and its disk."
)

LOST = (
    "The job ended, but the file that says whom it was about is gone from VAR_DIR. "
    "The next run sends them again."
)

ACCEPTED = "accepted"
UNKNOWN = "unknown"
FAILED = "failed"
NOT_REPORTED = "not_reported"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Counts:
    """People of a batch. exceptions: whom the job did not accept, and how."""

    accepted: int
    unknown: int
    failed: int
    not_reported: int
    exceptions: dict[str, str]


def follow(batch_id: int, tools: Tools) -> None:
    """Look at a batch's job, if it is time. Looking changes nothing there, so that it
    needs no claim: of two that look at once, one stores what it saw."""
    batch = Batch.objects.to_follow(tools.now()).with_all().filter(pk=batch_id).first()
    if batch is None:
        return
    if obstacle(batch.delivery.destination):
        progress.run_moves(batch.delivery.run_id, tools)
        return
    hit("follow.claimed")
    try:
        look(batch, tools)
    except Exception as error:
        # Only the kind of error: its text may hold a customer's values.
        logger.error("Following batch %s broke down: %s", batch.pk, type(error).__name__)
        look_again(batch, batch.job_status, BROKE_DOWN, tools)


def look(batch: Batch, tools: Tools) -> None:
    try:
        connector = tools.connect(batch.delivery.destination)
        job = connector.job(batch.job_id)
        hit("follow.answered")
        if not job.ended:
            look_again(batch, job.status, "", tools)
            return
        counts = read(batch, job, connector)
    except CredentialRefusedError as error:
        refuse(batch, error, tools)
    except FileNotFoundError:
        members_lost(batch, job.status, tools)
    except (JobMissingError, ResultMissingError) as error:
        missing(batch, error, tools)
    except MusterError as error:
        asked = error.retry_after if isinstance(error, SlowDownError) else None
        look_again(batch, batch.job_status, str(error), tools, asked)
    else:
        end(batch, job, counts, tools)


def read(batch: Batch, job: Job, connector: Connector) -> Counts:
    """What became of each member, by the job's result.

    A job that ended without success did what its result says and failed the rest.
    Raises ResultMissingError when a job that succeeded has no result.
    """
    members = batches.values(batch)
    if job.succeeded:
        lines = connector.results(job.result_url)
        hit("follow.opened")
        return match(members, outcomes(lines), NOT_REPORTED)
    if job.result_url:
        with suppress(ResultMissingError):
            return match(members, outcomes(connector.results(job.result_url)), FAILED)
    return match(members, (), FAILED)


def outcomes(lines: Iterable[Result]) -> Iterator[tuple[str, str]]:
    """(identifier, outcome) of each line that tells whom it is about."""
    for number, line in enumerate(lines):
        if number == 1:
            hit("follow.halfway")
        if line.identifier is not None:
            yield line.identifier, outcome(line.code)


def outcome(code: int | None) -> str:
    if code is None:
        return NOT_REPORTED
    if 200 <= code < 300:
        return ACCEPTED
    return UNKNOWN if code == 404 else FAILED


def match(members: Iterable[str], lines: Iterable[tuple[str, str]], rest: str) -> Counts:
    """Give each member one outcome; the first line about someone counts.

    rest: the outcome of members whom no line names. Lines about others are ignored.
    """
    told = dict.fromkeys(members)
    for identifier, what in lines:
        if identifier in told and told[identifier] is None:
            told[identifier] = what
    final = {identifier: what or rest for identifier, what in told.items()}
    counted = Counter(final.values())
    return Counts(
        counted[ACCEPTED],
        counted[UNKNOWN],
        counted[FAILED],
        counted[NOT_REPORTED],
        {identifier: what for identifier, what in final.items() if what != ACCEPTED},
    )


def end(batch: Batch, job: Job, counts: Counts, tools: Tools, problem: str = "") -> None:
    """Store a job's end and its counts, unless another worker has done so."""
    name = store(batch, counts)
    stored = mine(batch).update(
        state=BatchState.DONE if job.succeeded else BatchState.FAILED,
        attempt=F("attempt") + 1,
        polls=F("polls") + 1,
        job_status=job.status[:50],
        ended_at=tools.now(),
        results=name,
        accepted=counts.accepted,
        unknown=counts.unknown,
        failed=counts.failed,
        not_reported=counts.not_reported,
        problem=problem or ("" if job.succeeded else f"Attentive ended the job: {job.status}."),
    )
    if not stored:
        files.discard(name)
        return
    hit("follow.committed")
    if not job.succeeded:
        log.write(
            batch.delivery.run_id,
            f"Batch {batch.number}: Attentive ended its job, {job.status}.",
            tools,
        )
    progress.delivery_sent(batch.delivery, tools)


def store(batch: Batch, counts: Counts) -> str:
    """The file of those whom the job did not accept; '' when it accepted everyone."""
    if not counts.exceptions:
        return ""
    name = files.fresh(f"runs/{batch.delivery.run_id}/results", str(batch.pk))
    columns = [list(counts.exceptions), list(counts.exceptions.values())]
    with files.written(name) as rough:
        pq.write_table(pa.table(columns, schema=RESULTS), rough)
    return name


def mine(batch: Batch) -> Any:
    """The batch as it was seen, while nobody has stored anything since."""
    return Batch.objects.filter(
        pk=batch.pk, state=BatchState.SENT, attempt=batch.attempt, polls=batch.polls
    )


def look_again(
    batch: Batch,
    status: str,
    problem: str,
    tools: Tools,
    asked: float | None = None,
    polls: int | None = None,
) -> None:
    """polls: how many looks to count from now on; one more than before when left out."""
    now = tools.now()
    age = now - (batch.sent_at or now)
    if age >= KEPT_BY_ATTENTIVE:
        never_told(batch, "", "Attentive's job did not end within two weeks.", tools)
        return
    looks = batch.polls + 1 if polls is None else polls
    delay = backoff.poll(looks, age, asked)
    # The attempt too, as looks may be counted anew and then tell no two apart.
    stored = mine(batch).update(
        attempt=F("attempt") + 1,
        polls=looks,
        job_status=status[:50],
        due_at=now + timedelta(seconds=delay),
        problem=problem,
    )
    if stored:
        tools.enqueue("follow_batch", batch.pk, delay)


def missing(batch: Batch, error: MusterError, tools: Tools) -> None:
    """A job or a result that is not there may come; after some looks it is given up."""
    if batch.problem != str(error):
        look_again(batch, batch.job_status, str(error), tools, polls=0)
    elif batch.polls < PATIENCE:
        look_again(batch, batch.job_status, str(error), tools)
    else:
        ended = isinstance(error, ResultMissingError)
        never_told(batch, "COMPLETED" if ended else "", str(error), tools)


def never_told(batch: Batch, status: str, problem: str, tools: Tools) -> None:
    """Follow a job no longer: what became of its members stays unknown.

    status: '' when nobody saw the job end, so that it may still go on.
    """
    try:
        members = batches.values(batch)
    except FileNotFoundError:
        members_lost(batch, status, tools)
        return
    counts = match(members, (), NOT_REPORTED)
    job = Job(batch.job_id, status, ended=True, succeeded=True)
    end(batch, job, counts, tools, problem)


def members_lost(batch: Batch, status: str, tools: Tools) -> None:
    """A job has ended, but whom it was about is gone: they all stay maybe."""
    stored = mine(batch).update(
        state=BatchState.FAILED,
        attempt=F("attempt") + 1,
        polls=F("polls") + 1,
        job_status=status[:50],
        ended_at=tools.now(),
        accepted=0,
        unknown=0,
        failed=0,
        not_reported=batch.size,
        problem=LOST,
    )
    if stored:
        log.write(batch.delivery.run_id, f"Batch {batch.number}: {LOST}", tools)
        progress.delivery_sent(batch.delivery, tools)


def refuse(batch: Batch, error: CredentialRefusedError, tools: Tools) -> None:
    credentials.refused(batch.delivery.destination.credential, tools.now())
    log.write(batch.delivery.run_id, str(error), tools)
    progress.run_moves(batch.delivery.run_id, tools)
