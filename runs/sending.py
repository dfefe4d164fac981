"""One batch, one request: claim, exchange, settle.

The claim stores that a request begins before any byte leaves; what came of it is
stored after. A worker that dies in between leaves a batch of which nobody knows
whether Attentive took it: it is sent again, the same bytes, and its members count as
maybe until the repeat has ended and time has passed.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
from django.db import transaction
from django.db.models import F, Max

from core.errors import MusterError
from core.failpoints import hit
from destinations import credentials
from destinations.connector import Connector
from destinations.errors import (
    AnswerLostError,
    CredentialRefusedError,
    HostNotAllowedError,
    JobUnknownError,
    ListMissingError,
    SlowDownError,
    TooLargeError,
    UnavailableError,
)
from runs import backoff, batches, leases, log, progress
from runs.models import Batch, BatchState, Delivery, List
from runs.tools import Tools

FIRST_POLL = 5.0
NEW_LIST = timedelta(minutes=2)  # a list just made may be unknown for so long
WITHOUT_JOB = 5  # answers that took the request but named no job

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request. answered: whether the destination told; job_id: '' if it
    took nothing."""

    answered: bool
    job_id: str = ""
    error: MusterError | None = None


def send(batch_id: int, tools: Tools) -> None:
    """Send a batch, if it is its turn. Safe to call at any time, any number of times."""
    try:
        seen = Batch.objects.with_all().get(pk=batch_id)
    except Batch.DoesNotExist:
        return
    if not due(seen, tools.now()):
        return
    if progress.blocked(seen.delivery):
        progress.run_moves(seen.delivery.run_id, tools)
        return
    try:
        connector = tools.connect(seen.delivery.destination)
        body = batches.body(seen, connector)
    except (MusterError, OSError, pa.ArrowException) as error:
        give_up(seen, error, tools)
        return
    batch = claim(seen, tools)
    if batch is not None:
        settle(batch, exchange(batch, connector, body, tools), connector, tools)


def due(batch: Batch, now: datetime) -> bool:
    """Whether claiming is worth a try; the claim itself decides."""
    if batch.state == BatchState.SENDING:
        return batch.lease_until is not None and batch.lease_until < now
    return batch.state == BatchState.READY and batch.due_at <= now


def claim(seen: Batch, tools: Tools) -> Batch | None:
    """Store that a request begins; None when the batch is another worker's."""
    hit("send.claimed")
    now = tools.now()
    lease_until = leases.until(tools)
    if not Batch.objects.claim(seen, now, lease_until):
        return None
    hit("send.intent")
    seen.state = BatchState.SENDING
    seen.attempt += 1
    seen.begun += 1
    seen.lease_until = lease_until
    return seen


def exchange(batch: Batch, connector: Connector, body: bytes, tools: Tools) -> Outcome:
    """The request itself; the database is not touched.

    A worker that was frozen past its lease keeps silent: another has the batch.
    """
    hit("send.connected")
    if batch.lease_until is None or tools.now() >= batch.lease_until:
        return Outcome(answered=True, error=LateError())
    try:
        job_id = connector.send("add" if batch.operation == "add" else "remove", body)
    except AnswerLostError as error:
        return Outcome(answered=False, error=error)
    except MusterError as error:
        return Outcome(answered=True, error=error)
    except Exception as error:
        # Only the kind of error: its text may hold a customer's values.
        logger.error("Sending batch %s broke down: %s", batch.pk, type(error).__name__)
        return Outcome(answered=False, error=BrokeDownError())
    hit("send.answered")
    return Outcome(answered=True, job_id=job_id)


class BrokeDownError(MusterError):
    def __str__(self) -> str:
        return (
            "A worker broke down over this request. Muster sends it again; if this stays, "
            "ask an admin to look at the worker."
        )


class LateError(MusterError):
    def __str__(self) -> str:
        return "The worker was held up. Another one sends the batch."


def settle(batch: Batch, outcome: Outcome, connector: Connector, tools: Tools) -> None:
    """Store what came of the request, unless the batch is no longer this worker's."""
    now = tools.now()
    answered = {"answered": F("answered") + 1} if outcome.answered else {}
    match outcome.error:
        case None:
            sent(batch, outcome.job_id, now, tools)
        case CredentialRefusedError() as error:
            refuse(batch, error, now, tools)
        case TooLargeError() if batch.size > 1:
            halve(batch, connector, now, tools)
        case JobUnknownError() as error if batch.begun - batch.answered >= WITHOUT_JOB:
            fail(batch, error, tools, **answered)
        case ListMissingError() as error if is_new(batch.delivery.list, now):
            again(batch, error, tools, **answered)
        case (
            SlowDownError()
            | UnavailableError()
            | HostNotAllowedError()
            | AnswerLostError()
            | LateError()
            | BrokeDownError()
        ) as error:
            again(batch, error, tools, **answered)
        case error:
            fail(batch, error, tools, **answered)
    hit("send.committed")


def is_new(filled: List, now: datetime) -> bool:
    return filled.made_at is not None and now - filled.made_at < NEW_LIST


def mine(batch: Batch) -> Any:
    """The batch, while this attempt is the current one."""
    return Batch.objects.filter(pk=batch.pk, state=BatchState.SENDING, attempt=batch.attempt)


def sent(batch: Batch, job_id: str, now: datetime, tools: Tools) -> None:
    stored = mine(batch).update(
        state=BatchState.SENT,
        answered=F("answered") + 1,
        job_id=job_id,
        sent_at=now,
        lease_until=None,
        due_at=now + timedelta(seconds=FIRST_POLL),
        problem="",
    )
    if stored:
        tools.enqueue("follow_batch", batch.pk, FIRST_POLL)
        progress.next_batch(batch, tools)
        progress.delivery_sent(batch.delivery, tools)


def again(batch: Batch, error: MusterError, tools: Tools, **answered: Any) -> None:
    """Put the batch back; its next attempt sends the same bytes."""
    asked = error.retry_after if isinstance(error, SlowDownError) else None
    delay = backoff.retry(batch.attempt, tools.chance(), asked)
    stored = mine(batch).update(
        state=BatchState.READY,
        lease_until=None,
        due_at=tools.now() + timedelta(seconds=delay),
        problem=str(error),
        **answered,
    )
    if stored:
        tools.enqueue("send_batch", batch.pk, delay)


def fail(batch: Batch, error: MusterError, tools: Tools, **answered: Any) -> None:
    stored = mine(batch).update(
        state=BatchState.FAILED,
        lease_until=None,
        ended_at=tools.now(),
        accepted=0,
        unknown=0,
        failed=batch.size,
        not_reported=0,
        problem=str(error),
        **answered,
    )
    if stored:
        failed(batch, error, tools)


def give_up(seen: Batch, error: Exception, tools: Tools) -> None:
    """A batch whose request cannot even be made."""
    stored = Batch.objects.filter(pk=seen.pk, state=seen.state, attempt=seen.attempt).update(
        state=BatchState.FAILED,
        attempt=F("attempt") + 1,
        lease_until=None,
        ended_at=tools.now(),
        accepted=0,
        unknown=0,
        failed=seen.size,
        not_reported=0,
        problem=words(error),
    )
    if stored:
        failed(seen, error, tools)


def failed(batch: Batch, error: Exception, tools: Tools) -> None:
    log.write(batch.delivery.run, f"Batch {batch.number} failed. {words(error)}", tools)
    progress.next_batch(batch, tools)
    progress.delivery_sent(batch.delivery, tools)


def words(error: Exception) -> str:
    if isinstance(error, MusterError):
        return str(error)
    return "Its file cannot be read. Ask an admin to look at the disk under VAR_DIR."


def refuse(batch: Batch, error: CredentialRefusedError, now: datetime, tools: Tools) -> None:
    """The credential is used no more until somebody replaces it; the batch waits for that."""
    credential = batch.delivery.destination.credential
    with transaction.atomic():
        credentials.refused(credential, now)
        mine(batch).update(
            state=BatchState.READY,
            answered=F("answered") + 1,
            lease_until=None,
            due_at=now,
            problem=str(error),
        )
    progress.run_moves(batch.delivery.run_id, tools)


def halve(batch: Batch, connector: Connector, now: datetime, tools: Tools) -> None:
    """Two smaller batches take the place of one that the destination finds too large."""
    fresh = batches.halves(batch, connector)
    with transaction.atomic():
        # One worker at a time: each half has a number of its own.
        list(Delivery.objects.filter(pk=batch.delivery_id).select_for_update().values_list("pk"))
        stored = mine(batch).update(
            state=BatchState.REPLACED,
            answered=F("answered") + 1,
            lease_until=None,
            ended_at=now,
            problem=str(TooLargeError()),
        )
        if not stored:
            return
        highest = batch.delivery.batches.aggregate(highest=Max("number"))["highest"]
        for number, half in enumerate(fresh, start=highest + 1):
            half.number = number
            half.due_at = half.nudged_at = now
            half.begun = batch.begun - batch.answered - 1  # what was lost may still be applied
        Batch.objects.bulk_create(fresh)
    for half in fresh:
        tools.enqueue("send_batch", half.pk, 0.0)
    progress.next_batch(batch, tools)
