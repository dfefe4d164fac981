"""The runs that the campaigns page shows: those that go, wait for a person, or just failed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.db.models.fields.json import KT

from core.formats import counted
from runs.models import ENDED, Batch, BatchState, Delivery, Run, RunState
from runs.page import NOT_SENT

LATELY = timedelta(days=1)  # so long a failure is shown, unless the campaign ran again
MOST = 20  # the others are on the activity page
FIRST = (RunState.WAITING, RunState.FAILED)  # what somebody may have to do something about


@dataclass(frozen=True, slots=True)
class Going:
    """A run in the pane.

    name: as it was launched; words: what happens, or what it waits for. people: to send,
    None until every list is known.
    """

    run: Run
    name: str
    words: str
    sent: int
    batches: int
    people: int | None

    @property
    def stoppable(self) -> bool:
        return self.run.state not in ENDED and not self.run.stop_requested_at


@dataclass(frozen=True, slots=True)
class Pane:
    """more: whether others go that it does not show. states: changes when a run comes, goes or
    changes its state; seen: with everything shown."""

    rows: list[Going]
    more: bool
    states: str
    seen: str

    @property
    def said(self) -> str:
        """For those who do not see the pane."""
        failed = sum(each.run.state == RunState.FAILED for each in self.rows)
        waiting = sum(each.run.state == RunState.WAITING for each in self.rows)
        going = len(self.rows) - failed - waiting
        parts = ((going, "going"), (waiting, "waiting for you"), (failed, "failed"))
        told = [f"{counted(count, 'run')} {what}" for count, what in parts if count]
        return ", ".join(told) or "Nothing runs."


def pane(now: datetime) -> Pane:
    """A constant number of queries."""
    found = _shown(now)
    runs = sorted(found[:MOST], key=lambda run: (run.state not in FIRST, -run.pk))
    keys = [run.pk for run in runs]
    batches = {
        row["delivery__run"]: row
        for row in Batch.objects.filter(delivery__run__in=keys)
        .exclude(state=BatchState.REPLACED)
        .order_by()
        .values("delivery__run")
        .annotate(total=Count("pk"), left=Count("pk", filter=Q(state__in=NOT_SENT)))
    }
    people = {
        row["run"]: row["kept"] + row["added"] if row["known"] == row["lists"] else None
        for row in Delivery.objects.filter(run__in=keys)
        .order_by()
        .values("run")
        .annotate(
            lists=Count("pk"),
            known=Count("pk", filter=Q(kept__isnull=False, added__isnull=False)),
            kept=Sum("kept"),
            added=Sum("added"),
        )
    }
    rows = []
    for run in runs:
        made = batches.get(run.pk, {"total": 0, "left": 0})
        sent = made["total"] - made["left"]
        name: Any = run.name  # type: ignore[attr-defined]
        rows.append(Going(run, name, _words(run), sent, made["total"], people.get(run.pk)))
    states = [(run.pk, run.state) for run in runs]
    facts = [(each.words, each.sent, each.batches, each.people, each.stoppable) for each in rows]
    return Pane(rows, len(found) > MOST, _hash(states), f"{_hash(states)}-{_hash(facts)}")


def _shown(now: datetime) -> list[Run]:
    """Without what is large in a run; one more than the pane shows."""
    later = Run.objects.filter(campaign=OuterRef("campaign"), number__gt=OuterRef("number"))
    failed = Q(~Exists(later), state=RunState.FAILED, ended_at__gte=now - LATELY)
    shown = Run.objects.filter(~Q(state__in=ENDED) | failed, campaign__archived=False)
    found = shown.defer("definition", "figures").annotate(name=KT("definition__name"))
    return list(found.order_by("-pk")[: MOST + 1])


def _words(run: Run) -> str:
    if run.stop_requested_at and run.state not in ENDED:
        return "Stopping: what is at Attentive stays, the rest is not sent."
    usual = {
        RunState.BUILDING: "Muster is finding out who is in it.",
        RunState.WAITING: "It waits for you.",
        RunState.PROCESSING: "All is sent; Attentive usually takes 4 to 12 hours.",
        RunState.FAILED: "Nothing more is sent.",
    }
    return run.problem or usual.get(RunState(run.state), "")


def _hash(facts: Any) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:12]
