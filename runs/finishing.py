"""The end of a delivery and of a run: the ledger, the sums, the state."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, Sum

from campaigns import definition as definitions
from campaigns import figures
from campaigns.models import Campaign
from core.failpoints import hit
from core.formats import counted
from runs import backoff, files, leases, ledger, lists, log, progress, recipients, recovery
from runs.models import (
    ENDED,
    Batch,
    BatchState,
    Delivery,
    DeliveryState,
    List,
    Run,
    RunState,
)
from runs.querysets import BatchQuerySet
from runs.relations import FileLostError
from runs.tools import Tools
from warehouse.scratch import scratch

BROKE_DOWN = (
    "Everything is sent, but a worker broke down over the end of this delivery. Muster tries "
    "again by itself; if this stays, ask an admin to look at the worker and its disk."
)
NOT_NOTED = (
    "A worker broke down while it noted who was sent. Muster tries again by itself; if this "
    "stays, ask an admin to look at the worker and its disk. Stop ends the run without the note."
)
LEFT_BEHIND = (
    "No treatment group of this campaign fills {names} any more. Nobody is added there or "
    "removed: archive it in Attentive if nothing is to be sent to it."
)
SUMS = "The numbers of this delivery do not add up. Ask an admin to look at the run's log."

logger = logging.getLogger(__name__)


class PointerMovedError(Exception):
    """Another worker gave the list its next ledger."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Of a delivery's batches: people by operation and outcome, and batches not carried out."""

    added: int
    removed: int
    told: int  # additions with an outcome
    reached: int  # people whom a job that ended took, whatever became of them
    failed: int  # people, of both operations
    left: int  # people who should have been removed and were not
    unsent: int  # batches


def finish(delivery_id: int, tools: Tools) -> None:
    """Fold an ended delivery into its list's ledger. Safe to call at any time."""
    turn = Delivery.objects.to_finish(tools.now())
    delivery = Delivery.objects.claim(turn, delivery_id, leases.until(tools), BROKE_DOWN)
    if delivery is None:
        return
    hit("finish.claimed")
    with leases.kept(delivery, tools):
        try:
            written = fold(delivery, tools)
        except Exception as error:
            broke_down(delivery, error, tools)
            return
        hit("finish.ledger")
        ended = settle(delivery, written, tools)
    if ended:
        hit("finish.committed")
        end_run(delivery.run_id, tools)


def broke_down(delivery: Delivery, error: Exception, tools: Tools) -> None:
    """Try again in a while, and tell a person meanwhile. Nothing that was sent is lost."""
    # Only the kind of error: its text may hold a customer's values.
    logger.error("Finishing %s broke down: %s", delivery.pk, type(error).__name__)
    delay = backoff.retry(delivery.attempt, tools.chance())
    Delivery.objects.filter(pk=delivery.pk, attempt=delivery.attempt).update(
        due_at=tools.now() + timedelta(seconds=delay), lease_until=None, problem=BROKE_DOWN
    )
    tools.enqueue("finish_delivery", delivery.pk, delay)
    progress.run_moves(delivery.run_id, tools)


def fold(delivery: Delivery, tools: Tools) -> ledger.Written | None:
    """The list's next ledger; None when the delivery had nothing to send."""
    if not delivery.batches.exists():
        return None
    now = tools.now()
    recovery.ledger_again(delivery, tools)
    with scratch() as duck:
        if ledger.there(delivery.file):
            ledger.fold(duck, delivery)
        else:
            recovery.fold(duck, delivery, now)
        return ledger.save(duck, delivery.list, str(delivery.pk), ledger.FOLD, {"now": now})


def settle(delivery: Delivery, written: ledger.Written | None, tools: Tools) -> bool:
    """Store the end and the new ledger together; False when another worker did."""
    totals = totalled(delivery)
    state, problem = ending(delivery, totals)
    hit("finish.counts")
    before = delivery.list.ledger
    try:
        with transaction.atomic():
            mine = Delivery.objects.filter(
                pk=delivery.pk, state=delivery.state, attempt=delivery.attempt
            )
            if not mine.update(
                state=state, problem=problem, ended_at=tools.now(), lease_until=None
            ):
                raise PointerMovedError
            if written and not List.objects.filter(pk=delivery.list_id, ledger=before).update(
                ledger=written.path, held=written.held, maybe=written.maybe
            ):
                raise PointerMovedError
    except PointerMovedError:
        if written:
            files.discard(written.path)
        return False
    if written and before:
        files.discard(before)
    return True


def totalled(delivery: Delivery) -> Totals:
    """What became of everyone in its batches."""
    adding = Q(operation=Batch.Operation.ADD)
    sums = delivery.batches.exclude(state=BatchState.REPLACED).aggregate(
        # Not reported at all: its job ended, but whom it was about is lost.
        reached=Sum("size", filter=Q(state=BatchState.DONE) | Q(not_reported=F("size")), default=0),
        added=Sum("size", filter=adding, default=0),
        removed=Sum("size", filter=~adding, default=0),
        accepted=Sum("accepted", filter=adding, default=0),
        unknown=Sum("unknown", filter=adding, default=0),
        refused=Sum("failed", filter=adding, default=0),
        not_reported=Sum("not_reported", filter=adding, default=0),
        failed=Sum("failed", default=0),
    )
    return Totals(
        added=sums["added"],
        removed=sums["removed"],
        told=sums["accepted"] + sums["unknown"] + sums["refused"] + sums["not_reported"],
        reached=sums["reached"],
        failed=sums["failed"],
        left=sums["failed"] - sums["refused"],
        unsent=delivery.batches.filter(state=BatchState.UNSENT).count(),
    )


def ending(delivery: Delivery, totals: Totals) -> tuple[DeliveryState, str]:
    """The state of a delivery whose batches have all ended, and why it is not complete."""
    if not adds_up(delivery, totals):
        return DeliveryState.PARTIAL, SUMS
    if totals.unsent and delivery.run.stop_requested_at:
        return DeliveryState.STOPPED, ""
    if not totals.failed:
        return DeliveryState.COMPLETE, ""
    return (DeliveryState.PARTIAL if totals.reached else DeliveryState.FAILED), reason(
        delivery, totals
    )


def adds_up(delivery: Delivery, totals: Totals) -> bool:
    """Whether each customer of the delivery is counted once, from the split to the results."""
    counted = [
        delivery.filtered,
        delivery.no_identifier,
        delivery.invalid,
        delivery.duplicate,
        delivery.kept,
        delivery.added,
    ]
    return (
        None not in counted
        and delivery.customers == sum(each or 0 for each in counted)
        and delivery.added == totals.added == totals.told
        and delivery.removed == totals.removed
    )


def reason(delivery: Delivery, totals: Totals) -> str:
    """The words of the first batch that failed; else who is still on the list."""
    failed = delivery.batches.filter(state=BatchState.FAILED).exclude(problem="")
    if problem := failed.values_list("problem", flat=True).first():
        return problem
    if not totals.left:
        return ""
    people = counted(totals.left, "person,people")
    return (
        f'{people} could not be removed from "{delivery.segment_name}": Attentive refused. '
        "The next run tries again; until then they are on the list."
    )


def fail(delivery: Delivery, problem: str, tools: Tools) -> None:
    """End a delivery of which no request has begun."""
    now = tools.now()
    with transaction.atomic():
        stored = Delivery.objects.filter(
            pk=delivery.pk, state=delivery.state, attempt=delivery.attempt
        ).update(state=DeliveryState.FAILED, problem=problem, ended_at=now, lease_until=None)
        if not stored:
            return
        unsend(Batch.objects.filter(delivery=delivery, state=BatchState.READY), tools)
    log.write(delivery.run_id, f'"{delivery.segment_name}" failed. {problem}', tools)
    end_run(delivery.run_id, tools)


def unsend(batches: BatchQuerySet, tools: Tools) -> int:
    """Give batches up that no request is made for any more; how many there were."""
    return batches.update(
        state=BatchState.UNSENT,
        attempt=F("attempt") + 1,
        lease_until=None,
        ended_at=tools.now(),
        accepted=0,
        unknown=0,
        failed=F("size"),
        not_reported=0,
    )


def end_run(run_id: int, tools: Tools) -> None:
    """End a run once all its deliveries have; until then give it the state that follows."""
    run = Run.objects.select_related("campaign").get(pk=run_id)
    if run.state in ENDED or run.state == RunState.BUILDING:
        return
    deliveries = list(run.deliveries.all())
    if any(each.state not in ENDED for each in deliveries):
        progress.run_moves(run_id, tools)
        return
    try:
        name = "" if run.test else recipients.store(run)
    except FileLostError:
        name = ""
        log.write(run, "Who was sent is not noted: the file of the audience is gone.", tools)
    except Exception as error:
        # Only the kind of error: its text may hold a customer's values.
        logger.error("Ending run %s broke down: %s", run.pk, type(error).__name__)
        if not run.stop_requested_at:
            progress.move(run, RunState(run.state), tools, problem=NOT_NOTED)
            return
        name = ""
    state = ended(deliveries)
    problem = "" if state == RunState.COMPLETE else first_problem(deliveries)
    with transaction.atomic():
        moved = progress.move(
            run,
            state,
            tools,
            problem=problem,
            ended_at=tools.now(),
            recipients=name,
        )
        if moved and not run.test:
            people = figures.from_json(run.figures).to_send if run.figures else None
            Campaign.objects.filter(pk=run.campaign_id).update(
                people=people, last_run_at=tools.now()
            )
    if not moved:
        files.discard(name)
        return
    log.write(run, f"Ended: {state.label.lower()}.", tools)
    if run.test:
        return
    if names := lists.left_behind(run.campaign_id, definitions.from_json(run.definition)):
        log.write(run, LEFT_BEHIND.format(names=", ".join(f'"{each}"' for each in names)), tools)


def ended(deliveries: list[Delivery]) -> RunState:
    states = {each.state for each in deliveries}
    if DeliveryState.STOPPED in states:
        return RunState.STOPPED
    if states <= {DeliveryState.COMPLETE}:
        return RunState.COMPLETE
    return RunState.FAILED if states == {DeliveryState.FAILED} else RunState.PARTIAL


def first_problem(deliveries: list[Delivery]) -> str:
    return next((each.problem for each in deliveries if each.problem), "")
