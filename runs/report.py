"""A run in numbers: what pages, ``launch --json`` and ``run --json`` show."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, Sum

from campaigns import figures
from runs.models import ENDED, Batch, BatchState, Delivery, Run, RunState

OUTCOMES = ("accepted", "unknown", "failed", "not_reported")


def report(run: Run) -> dict[str, Any]:
    """The state of a run. A figure that is not known yet is null.

    Of each delivery customers = filtered + no_identifier + invalid + duplicate + kept
    + added, and added = accepted + unknown + failed + not_reported + waiting: people,
    additions only.
    """
    counted = figures.from_json(run.figures) if run.figures else None
    return {
        "run": run.pk,
        "campaign": run.definition["name"],
        "state": str(run.state),
        "audience": counted and counted.audience,
        "excluded": counted and counted.left_out,
        "deliveries": [delivery(each) for each in deliveries(run)],
        "control": counted and counted.control,
        "no_group": counted and counted.no_group,
    }


def share_done(run: Run) -> float:
    """How much of a run is done, 0 to 1: a tenth for building, half for sending."""
    if run.state in ENDED:
        return 1.0
    if run.state == RunState.BUILDING:
        return 0.0
    states = Batch.objects.filter(delivery__run=run).values_list("state")
    counts = dict(states.annotate(number=Count("pk")).order_by())
    total = sum(counts.values())
    if not total:
        return 0.1
    sent = counts.get(BatchState.SENT, 0)
    ended = total - sent - counts.get(BatchState.READY, 0) - counts.get(BatchState.SENDING, 0)
    return float(0.1 + (0.5 * sent + 0.9 * ended) / total)


def deliveries(run: Run) -> Any:
    """The run's deliveries with their batches' sums, in one query."""
    adding = Q(batches__operation=Batch.Operation.ADD)
    live = ~Q(batches__state=BatchState.REPLACED)
    return (
        run.deliveries.select_related("list", "destination")
        .annotate(
            batches_made=Count("batches", filter=live),
            **{
                f"{outcome}_people": Sum(f"batches__{outcome}", filter=adding & live, default=0)
                for outcome in OUTCOMES
            },
        )
        .order_by("part", "group", "destination_id")
    )


def delivery(of: Any) -> dict[str, Any]:
    """of: a Delivery as ``deliveries`` gives it."""
    return {
        "sub_audience": of.sub_audience,
        "treatment_group": of.treatment_group,
        "destination": of.destination.name,
        "segment_name": of.segment_name,
        "external_id": of.list.external_id,
        "identifier": identifier(of),
        "customers": of.customers,
        "no_identifier": of.no_identifier,
        "invalid": of.invalid,
        "duplicate": of.duplicate,
        "filtered": of.filtered,
        **changes(of),
    }


def identifier(of: Delivery) -> str:
    """What this run sends; the list may be sent another one by now."""
    targets = of.run.definition["targets"]
    return str(next(each["identifier"] for each in targets if each["id"] == of.destination_id))


def changes(of: Any) -> dict[str, int | None]:
    """What the list is sent. One that ended before it was compared kept nobody and failed
    to add everyone."""
    kept, added, removed = of.kept, of.added, of.removed
    told = {outcome: getattr(of, f"{outcome}_people") for outcome in OUTCOMES}
    batches = of.batches_made
    if not of.file and of.state in ENDED:
        left_out = of.filtered + of.no_identifier + of.invalid + of.duplicate
        kept, added, removed = 0, of.customers - left_out, 0
        told["failed"] = added
    elif not of.file:
        unknown = dict.fromkeys([*OUTCOMES, "waiting", "batches"])
        return {"kept": kept, "added": added, "removed": removed, **unknown}
    waiting = added - sum(told.values())
    counts = {"kept": kept, "added": added, "removed": removed}
    return {**counts, **told, "waiting": waiting, "batches": batches}
