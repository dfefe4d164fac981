"""A run in numbers: what pages, ``launch --json`` and ``run --json`` show."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, Sum

from campaigns import figures
from runs.models import ENDED, Batch, BatchState, Run, RunState

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
    drawn = bool(of.file)
    told = {outcome: getattr(of, f"{outcome}_people") for outcome in OUTCOMES}
    return {
        "sub_audience": of.sub_audience,
        "treatment_group": of.treatment_group,
        "destination": of.destination.name,
        "segment_name": of.segment_name,
        "external_id": of.list.external_id,
        "identifier": of.list.identifier,
        "customers": of.customers,
        "no_identifier": of.no_identifier,
        "invalid": of.invalid,
        "duplicate": of.duplicate,
        "filtered": of.filtered,
        "kept": of.kept,
        "added": of.added,
        "removed": of.removed,
        **{outcome: people if drawn else None for outcome, people in told.items()},
        "waiting": of.added - sum(told.values()) if drawn else None,
        "batches": of.batches_made if drawn else None,
    }
