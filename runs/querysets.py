"""Which rows are whose turn. States move by compare-and-set: no row changed, not mine."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Lower

if TYPE_CHECKING:
    from campaigns.models import Campaign
    from runs.models import Batch, Delivery, List, Panel, Run  # noqa: F401

ENDED = ("complete", "partial", "failed", "stopped")  # of runs and deliveries
GOING = ("ready", "sending", "sent")  # of batches


class PanelQuerySet(QuerySet["Panel"]):
    def with_size(self) -> PanelQuerySet:
        """Panels by name with ``size``: how many people each has."""
        return self.annotate(size=Count("people")).order_by(Lower("name"))


class ListQuerySet(QuerySet["List"]):
    def to_remove(self, now: datetime) -> ListQuerySet:
        """Lists that somebody asked to remove, whose turn it is."""
        return self.filter(removal_due_at__lte=now, removed_at=None)


class RunQuerySet(QuerySet["Run"]):
    def going(self) -> RunQuerySet:
        return self.exclude(state__in=ENDED)

    def real(self) -> RunQuerySet:
        """No tests: those count in no total."""
        return self.filter(test=False)

    def measurable(self, campaign: Campaign) -> RunQuerySet:
        """The campaign's runs whose groups are fixed for good, the latest first. A retry has
        those of the run that it retries."""
        ended = self.real().filter(campaign=campaign, retry_of=None).exclude(recipients="")
        return ended.select_related("campaign").order_by("-number")

    def to_build(self, now: datetime) -> RunQuerySet:
        """Runs whose building nobody is at."""
        return self.filter(free(now), Q(retry_at=None) | Q(retry_at__lte=now), state="building")

    def claim(self, pk: int, now: datetime, lease_until: datetime) -> Run | None:
        """Take the building of a run; None when another has it."""
        turn = self.to_build(now).filter(pk=pk)
        if (attempt := taken(turn, lease_until=lease_until)) is None:
            return None
        return self.select_related("campaign").filter(pk=pk, attempt=attempt).first()


class DeliveryQuerySet(QuerySet["Delivery"]):
    def ended(self) -> DeliveryQuerySet:
        """Those over, in the order in which they were."""
        return self.filter(state__in=ENDED).order_by("ended_at", "pk")

    def going(self) -> DeliveryQuerySet:
        return self.exclude(state__in=ENDED)

    def with_all(self) -> DeliveryQuerySet:
        return self.select_related("run__campaign", "list", "destination__credential")

    def to_prepare(self, now: datetime) -> DeliveryQuerySet:
        return self.filter(free(now), state="preparing", due_at__lte=now)

    def to_finish(self, now: datetime) -> DeliveryQuerySet:
        """Deliveries of which no batch is going any more, still to be folded in."""
        from runs.models import Batch

        going = Batch.objects.filter(delivery=OuterRef("pk"), state__in=GOING)
        return self.filter(
            free(now), ~Exists(going), state__in=("sending", "processing"), due_at__lte=now
        )

    def claim(
        self, turn: DeliveryQuerySet, pk: int, lease_until: datetime, died: str
    ) -> Delivery | None:
        """Take a delivery whose turn it is; None when another has it.

        died: its problem from now on, where the worker before never gave it back.
        """
        problem = Case(When(lease_until=None, then=F("problem")), default=Value(died, TextField()))
        turn = turn.filter(pk=pk)
        if (attempt := taken(turn, lease_until=lease_until, problem=problem)) is None:
            return None
        return self.with_all().filter(pk=pk, attempt=attempt).first()


class BatchQuerySet(QuerySet["Batch"]):
    def going(self) -> BatchQuerySet:
        return self.filter(state__in=GOING)

    def with_all(self) -> BatchQuerySet:
        """What a request needs, in one query; not the run's long definition and figures."""
        return self.select_related(
            "delivery__run", "delivery__list", "delivery__destination__credential"
        ).defer("delivery__run__definition", "delivery__run__figures")

    def to_send(self, now: datetime) -> BatchQuerySet:
        """Batches whose request may begin: never begun, to repeat, or left by a dead worker.

        Only of runs that nobody stopped, to destinations that are on and take requests.
        """
        return self.filter(
            Q(state="ready", due_at__lte=now) | Q(state="sending", lease_until__lt=now),
            Exists(
                deliveries().filter(
                    state__in=("sending", "processing"),
                    run__stop_requested_at=None,
                    destination__enabled=True,
                    destination__credential__refused_at=None,
                )
            ),
        )

    def to_follow(self, now: datetime) -> BatchQuerySet:
        """Batches whose job should be looked at."""
        return self.filter(
            Exists(deliveries().filter(destination__credential__refused_at=None)),
            state="sent",
            due_at__lte=now,
        )

    def claim(self, seen: Batch, now: datetime, lease_until: datetime) -> bool:
        """Begin a request for a batch as it was seen; False when another was quicker.

        This stores the intent too: from now on nobody knows whether it was carried
        out, until its answer is stored. Every condition that another process may
        change is one of the row itself, or stands in the way of new rows only.
        """
        return (
            self.to_send(now)
            .filter(pk=seen.pk, attempt=seen.attempt)
            .update(
                state="sending",
                attempt=F("attempt") + 1,
                begun=F("begun") + 1,
                lease_until=lease_until,
            )
            == 1
        )


def taken(turn: QuerySet[Any], **fields: Any) -> int | None:
    """Take the one row of ``turn`` by its next attempt; None when another was quicker.

    The row is then read by that number: whoever was frozen in between, and taken over
    from, finds none, rather than the other's attempt for his own.
    """
    seen = turn.values_list("attempt", flat=True).first()
    if seen is None or not turn.filter(attempt=seen).update(attempt=seen + 1, **fields):
        return None
    return int(seen) + 1


def deliveries() -> DeliveryQuerySet:
    """The delivery of the batch that the outer query looks at.

    As a subquery, not a join: an UPDATE over a join tests the batch's own columns on
    an old version of the row under PostgreSQL, and two workers would both win.
    """
    from runs.models import Delivery

    return Delivery.objects.filter(pk=OuterRef("delivery_id")).order_by()


def free(now: datetime) -> Q:
    """Nobody holds the row, or its holder let the lease run out."""
    return Q(lease_until=None) | Q(lease_until__lt=now)
