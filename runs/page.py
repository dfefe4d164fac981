"""The run page's content: the sentence on top, the trail, waterfalls and deliveries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone

from campaigns import definition as definitions
from campaigns import figures as counted_figures
from campaigns.numbers import Step, steps
from core.formats import count, counted, moment
from runs import clearing, report, retrying, stopping
from runs.models import ENDED, Batch, BatchState, Delivery, DeliveryState, List, Run, RunState

VISIBLE = timedelta(hours=24)  # Attentive: how long a change can take to show there
QUICK = timedelta(minutes=5)
LOG_LINES = 50
NOT_SENT = (BatchState.READY, BatchState.SENDING, BatchState.UNSENT)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A list of the run with its counts (as ``report.delivery``) and the batches Attentive has."""

    delivery: Delivery
    counts: dict[str, Any]
    batches_sent: int
    batches: int
    next_try: datetime | None

    @property
    def to_send(self) -> int | None:
        kept, added = self.counts["kept"], self.counts["added"]
        return None if kept is None or added is None else kept + added


@dataclass(frozen=True, slots=True)
class Fall:
    """A waterfall down to what one destination is sent."""

    destination: str
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True)
class Page:
    """sentence: what happens, and whose move it is. tone: of its notice. failed: how many a
    retry would send. removable: whether there are test lists to remove; removal: what
    became of that. poll: the
    htmx trigger of the next look, '' when nothing will change. seen: changes with
    everything shown."""

    sentence: str
    tone: str
    trail: list[dict[str, str]]
    falls: list[Fall]
    rows: list[DeliveryRow]
    totals: dict[str, Any] | None
    equation: str
    failed: int
    removable: bool
    removal: str
    waiting: list[Delivery]
    log: list[Any]
    poll: str
    seen: str

    @property
    def sent(self) -> int:
        """Batches that Attentive has answered."""
        return sum(row.batches_sent for row in self.rows)

    @property
    def batches(self) -> int:
        return sum(row.batches for row in self.rows)


def page(run: Run) -> Page:
    """run: with its campaign and who started it. A constant number of queries."""
    now = timezone.now()
    deliveries = list(report.deliveries(run))
    batches = {
        row["delivery"]: row
        for row in Batch.objects.filter(delivery__run=run)
        .exclude(state=BatchState.REPLACED)
        .order_by()
        .values("delivery")
        .annotate(
            total=Count("pk"),
            left=Count("pk", filter=Q(state__in=NOT_SENT)),
            next_try=Min("due_at", filter=Q(state=BatchState.READY, attempt__gt=0)),
        )
    }
    rows = []
    for each in deliveries:
        made = batches.get(each.pk)
        total, left = (made["total"], made["left"]) if made else (0, 0)
        next_try = made["next_try"] if made else None
        if next_try and next_try <= now:
            next_try = None
        rows.append(DeliveryRow(each, report.delivery(each), total - left, total, next_try))
    totals = _totals([row.counts for row in rows])
    failed = retrying.failed(run)
    sentence, tone = _sentence(run, rows, failed)
    lists = [each.list for each in deliveries] if run.test else []
    log = list(run.log.order_by("-pk")[:LOG_LINES])
    shown = Page(
        sentence=sentence,
        tone=tone,
        trail=_trail(run, rows),
        falls=_falls(run),
        rows=rows,
        totals=totals,
        equation=equation(totals) if totals else "",
        failed=failed,
        removable=run.test
        and run.state in ENDED
        and any(not each.removal_due_at for each in lists),
        removal=clearing.words(lists),
        waiting=[row.delivery for row in rows if row.delivery.state == DeliveryState.WAITING],
        log=log,
        poll=_poll(run, lists, now),
        seen="",
    )
    return _with_seen(run, shown)


def equation(counts: dict[str, Any]) -> str:
    """The sums written out, "Added 4,210 = accepted 2,960 + ..."; '' while unknown."""
    if counts.get("added") is None or counts.get("kept") is None:
        return ""
    parts = [("accepted", "accepted"), ("unknown", "unknown"), ("failed", "failed")]
    if counts.get("not_reported"):
        parts.append(("not_reported", "not reported"))
    if counts.get("waiting"):
        parts.append(("waiting", "waiting"))
    if any(counts.get(key) is None for key, _ in parts):
        return ""
    told = " + ".join(f"{label} {count(counts[key])}" for key, label in parts)
    to_send = counts["kept"] + counts["added"]
    removed = f" Removed {count(counts['removed'])}, counted apart." if counts["removed"] else ""
    return (
        f"Kept {count(counts['kept'])} + added {count(counts['added'])} = {count(to_send)}."
        f"{removed} Added {count(counts['added'])} = {told}."
    )


SUMMED = (
    *("customers", "filtered", "no_identifier", "invalid", "duplicate", "kept", "added"),
    *("removed", "accepted", "unknown", "failed", "not_reported", "waiting"),
)


def _totals(rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Sums over the deliveries; a sum with an unknown part is unknown."""
    if not rows:
        return None
    return {
        key: None if any(row[key] is None for row in rows) else sum(row[key] for row in rows)
        for key in SUMMED
    }


def _sentence(run: Run, rows: Sequence[DeliveryRow], failing: int) -> tuple[str, str]:
    by = moment((run.sent_at or run.started_at) + VISIBLE)
    if run.stop_requested_at and run.state not in ENDED:
        flying = stopping.in_flight(run)
        return f"Stopping: {counted(flying, 'request')} in flight.", "warn"
    match run.state:
        case RunState.BUILDING:
            return "Nothing for you to do. Muster is finding out who is in it.", "info"
        case RunState.SENDING:
            return f"Nothing for you to do. In Attentive by {by}.", "info"
        case RunState.PROCESSING if run.problem:
            return run.problem, "warn"
        case RunState.PROCESSING:
            return (
                f"Nothing for you to do. Attentive is processing; in Attentive by {by} "
                "(usually 4 to 12 hours).",
                "info",
            )
        case RunState.WAITING:
            return run.problem or "This run waits for you.", "warn"
        case RunState.COMPLETE:
            return (
                f"Complete. The lists can be used in Attentive by {by}. "
                "Attentive sends only to people who opted in.",
                "good",
            )
        case RunState.PARTIAL:
            failed = sum(row.counts["failed"] or 0 for row in rows)
            if run.problem and not failed:
                return run.problem, "warn"
            people = counted(failed, "person,people")
            again = "Retry them, or leave them to the next run." if failing else ""
            said = (f"Partly delivered: {people} not taken by Attentive.", run.problem, again)
            return " ".join(filter(None, said)), "warn"
        case RunState.FAILED:
            return run.problem or "Failed. Nothing more is sent.", "bad"
        case _:
            sent = sum(row.batches_sent for row in rows)
            total = sum(row.batches for row in rows)
            if not sent:
                return "Stopped before anything was sent.", "warn"
            return (
                f"Stopped: {sent} of {counted(total, 'batch,batches')} are at Attentive and stay; "
                "the rest is not sent.",
                "warn",
            )


def _trail(run: Run, rows: Sequence[DeliveryRow]) -> list[dict[str, str]]:
    """Built > Split > Sent > Processing > Complete, with how long or how far."""

    def took(since: datetime | None, until: datetime | None) -> str:
        return f"{(until - since).total_seconds():.0f} s" if since and until else ""

    sent = sum(row.batches_sent for row in rows)
    total = sum(row.batches for row in rows)
    ended = run.state in ENDED
    parts = [
        ("Built", run.built_at, took(run.started_at, run.built_at)),
        ("Split", run.split_at, took(run.built_at, run.split_at)),
        (
            "Sent",
            run.sent_at,
            moment(run.sent_at) if run.sent_at else f"{sent} of {total} batches" if total else "",
        ),
        ("Processed", run.ended_at, ""),
        ("Complete", run.ended_at if run.state == RunState.COMPLETE else None, ""),
    ]
    trail = []
    current = True
    for label, done, note in parts:
        state = "done" if done else "now" if current and not ended else ""
        if not done:
            current = False
        trail.append({"label": label, "state": state, "note": note})
    if ended and run.state != RunState.COMPLETE:
        trail[-1] = {"label": str(RunState(run.state).label), "state": "mend", "note": ""}
    return trail


def _falls(run: Run) -> list[Fall]:
    if not run.figures or run.test:
        return []
    figures = counted_figures.from_json(run.figures)
    frozen = definitions.from_json(run.definition)
    falls = []
    for target in frozen.targets:
        rows = list(steps(figures.waterfall(target.id), target.identifier))
        falls.append(Fall(target.name, [_with_names(step, frozen, figures) for step in rows]))
    return falls


def _with_names(step: Step, frozen: Any, figures: counted_figures.Figures) -> Step:
    """The exclusions by name beside what they took out together."""
    if step.figure != "left_out":
        return step
    note = ", ".join(
        f"{each.name} {count(people)}"
        for each, people in zip(frozen.exclude, figures.excluded, strict=True)
    )
    return replace(step, note=note)


def _poll(run: Run, lists: Sequence[List], now: datetime) -> str:
    if any(each.removal_due_at and not each.removed_at for each in lists):
        return "every 2s"
    if run.state in ENDED:
        return ""
    return "every 2s" if now - run.started_at < QUICK else "every 15s"


def _with_seen(run: Run, shown: Page) -> Page:
    facts = [
        run.state,
        shown.sentence,
        shown.poll,
        shown.removal,
        shown.trail,
        [
            (row.delivery.state, row.counts, row.batches_sent, str(row.next_try))
            for row in shown.rows
        ],
        [entry.pk for entry in shown.log],
    ]
    text = json.dumps(facts, default=str)
    return replace(shown, seen=hashlib.sha256(text.encode()).hexdigest()[:16])
