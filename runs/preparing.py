"""From a snapshot to requests ready to be made: compare, draw the batches, see to the list."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import IntegrityError, transaction

from core.errors import MusterError
from core.failpoints import hit
from destinations import credentials
from destinations.connector import Connector
from destinations.errors import (
    AnswerLostError,
    AnswerUnreadableError,
    CredentialRefusedError,
    HostNotAllowedError,
    SlowDownError,
    UnavailableError,
)
from runs import (
    backoff,
    batches,
    diff,
    files,
    finishing,
    leases,
    lists,
    log,
    progress,
    recovery,
    retrying,
)
from runs.diff import Difference, Place
from runs.models import Batch, BatchState, Delivery, DeliveryState
from runs.tools import Tools
from warehouse.scratch import scratch

OTHER_DELIVERY = 15.0  # seconds until a delivery looks again whether its list is free
BLOCKED = 60.0
BROKE_DOWN = (
    "A worker broke down over this list. Muster tries again by itself; if this stays, "
    "ask an admin to look at the worker and its disk."
)
AT_ONCE = 1_000  # rows in one INSERT

logger = logging.getLogger(__name__)


def prepare(delivery_id: int, tools: Tools) -> None:
    """Make a delivery's batches and its list, then let it begin. Safe to call at any time."""
    now = tools.now()
    turn = Delivery.objects.to_prepare(now)
    delivery = Delivery.objects.claim(turn, delivery_id, leases.until(tools), BROKE_DOWN)
    if delivery is None:
        return
    hit("diff.claimed")
    with leases.kept(delivery, tools), suppress(leases.LeaseLostError):
        attempt(delivery, tools)


def attempt(delivery: Delivery, tools: Tools) -> None:
    try:
        steps(delivery, tools)
    except leases.LeaseLostError:
        raise
    except CredentialRefusedError as error:
        refuse(delivery, error, tools)
    except (
        SlowDownError,
        UnavailableError,
        AnswerLostError,
        AnswerUnreadableError,
        HostNotAllowedError,
    ) as error:
        asked = error.retry_after if isinstance(error, SlowDownError) else None
        delay = backoff.retry(delivery.attempt, tools.chance(), asked)
        put_off(delivery, delay, str(error), tools)
    except MusterError as error:
        finishing.fail(delivery, str(error), tools)
    except Exception as error:
        # Only the kind of error: its text may hold a customer's values.
        logger.error("Preparing %s broke down: %s", delivery.pk, type(error).__name__)
        delay = backoff.retry(delivery.attempt, tools.chance())
        put_off(delivery, delay, BROKE_DOWN, tools)


def steps(delivery: Delivery, tools: Tools) -> None:
    """From a delivery that nothing is stored of to one that sends, or put off with the reason."""
    if problem := progress.blocked(delivery):
        put_off(delivery, BLOCKED, problem, tools)
        return
    if list_is_busy(delivery):
        put_off(delivery, OTHER_DELIVERY, "An earlier run is still filling this list.", tools)
        return
    connector = tools.connect(delivery.destination)
    recovery.ledger_again(delivery, tools)
    if not delivery.file and not drawn(delivery, connector, tools):
        return
    lists.ensure(delivery.list, delivery.segment_name, connector, tools)
    start(delivery, tools)


def list_is_busy(delivery: Delivery) -> bool:
    """Another delivery of the same list is sending, or its jobs still go on."""
    others = Delivery.objects.filter(list=delivery.list_id).exclude(pk=delivery.pk)
    return others.filter(state__in=(DeliveryState.SENDING, DeliveryState.PROCESSING)).exists()


def drawn(delivery: Delivery, connector: Connector, tools: Tools) -> bool:
    """Store the batches; False when a person must first say whether to remove so many."""
    place = Place(delivery.part, delivery.group, delivery.destination_id)
    remove = delivery.removal_approved is not False
    with scratch() as duck:
        difference = diff.compare(
            duck,
            delivery.run.members,
            place,
            delivery.list.ledger,
            tools.now(),
            remove=remove,
        )
        difference = retrying.narrow(duck, delivery) or difference
        hit("diff.compared")
        limit = delivery.destination.removal_limit
        if delivery.removal_approved is None and difference.removes_many(limit):
            ask(delivery, difference, tools)
            return False
        external_id = delivery.list.external_id
        name = files.fresh(f"runs/{delivery.run_id}/deliveries", str(delivery.pk))
        with files.written(name, "diff") as rough:
            made = list(
                batches.draw(
                    duck,
                    rough,
                    delivery.destination.batch_size,
                    lambda kind, values: connector.body(external_id, kind, values),
                )
            )
    store(delivery, name, difference, made, tools)
    return True


def store(
    delivery: Delivery,
    name: str,
    difference: Difference,
    made: Sequence[batches.Drawn],
    tools: Tools,
) -> None:
    """Store all batches of a delivery at once. name: the file that they are drawn in."""
    now = tools.now()
    with transaction.atomic():
        keep(
            delivery,
            file=name,
            kept=difference.kept,
            added=difference.added,
            removed=difference.removed,
        )
        Batch.objects.bulk_create(
            (
                Batch(
                    delivery=delivery,
                    number=each.row_group,
                    row_group=each.row_group,
                    operation=each.operation,
                    size=each.size,
                    body_hash=each.body_hash,
                    waits_until=each.waits_until,
                    due_at=each.waits_until or now,
                )
                for each in made
            ),
            batch_size=AT_ONCE,
        )
    delivery.file = name
    hit("diff.committed")


def keep(delivery: Delivery, **fields: object) -> None:
    """Change the delivery while it is this worker's. Raises LeaseLostError when it is not."""
    mine = Delivery.objects.filter(
        pk=delivery.pk, state=DeliveryState.PREPARING, attempt=delivery.attempt
    )
    if not mine.update(**fields):
        raise leases.LeaseLostError()


def start(delivery: Delivery, tools: Tools) -> None:
    """Let the requests begin. The database allows one delivery a list at a time."""
    now = tools.now()
    try:
        with transaction.atomic():
            keep(delivery, state=DeliveryState.SENDING, lease_until=None, problem="", due_at=now)
    except IntegrityError:
        put_off(delivery, OTHER_DELIVERY, "An earlier run is still filling this list.", tools)
        return
    ready = Batch.objects.filter(delivery=delivery, state=BatchState.READY, waits_until=None)
    first = list(
        ready.order_by("number").values_list("pk", flat=True)[
            : progress.window(delivery.destination)
        ]
    )
    Batch.objects.filter(pk__in=first).update(nudged_at=now)
    hit("enqueue.before")
    for pk in first:
        tools.enqueue("send_batch", pk, 0.0)
    hit("enqueue.after")
    progress.delivery_sent(delivery, tools)


def put_off(delivery: Delivery, delay: float, problem: str, tools: Tools) -> None:
    due_at = tools.now() + timedelta(seconds=delay)
    keep(delivery, lease_until=None, due_at=due_at, problem=problem)
    tools.enqueue("prepare_delivery", delivery.pk, delay)
    progress.run_moves(delivery.run_id, tools)


def refuse(delivery: Delivery, error: CredentialRefusedError, tools: Tools) -> None:
    """The credential is used no more until somebody replaces it."""
    credentials.refused(delivery.destination.credential, tools.now())
    put_off(delivery, BLOCKED, str(error), tools)


def ask(delivery: Delivery, difference: Difference, tools: Tools) -> None:
    """Leave it to a person whether so many are removed."""
    percent = difference.removed * 100 // difference.listed
    problem = (
        f"{intcomma(difference.removed)} of the {intcomma(difference.listed)} people on "
        f'"{delivery.segment_name}" would be removed: {percent}%, more than the limit of '
        f"{delivery.destination.removal_limit}%. Remove them, or keep them."
    )
    keep(
        delivery,
        state=DeliveryState.WAITING,
        lease_until=None,
        kept=difference.kept,
        added=difference.added,
        removed=difference.removed,
        problem=problem,
    )
    log.write(delivery.run_id, problem, tools)
    progress.run_moves(delivery.run_id, tools)
