"""Schedules: set going by a launch, carried out by the reconciler.

A due time is taken by compare-and-set on the campaign's row, in the transaction that stores
its run and sets the due time after it: at most one run for each, whoever looks how often.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from accounts import audit
from accounts.models import User
from campaigns import definition as definitions
from campaigns import preflight, schedule
from campaigns.definition import Definition
from campaigns.models import Campaign, Status
from core.failpoints import hit
from core.formats import moment
from runs import log
from runs.launch import LaunchRefusedError, checked, store
from runs.models import Run, RunState
from runs.progress import STATUSES
from runs.tools import Tools, production
from warehouse.engines import engine

GRACE = timedelta(hours=1)  # later than that a person decides whether it still runs


class ScheduleOverError(LaunchRefusedError):
    def __init__(self, timing: str):
        super().__init__(
            [f"Nothing is left of the schedule: {timing} Change its timing, or run it now."]
        )


def begin(campaign: Campaign, by: User | None = None, tools: Tools | None = None) -> Campaign:
    """Set a campaign's schedule going; one that goes already stays as it is.

    Returns the campaign with its ``next_due_at``. Raises LaunchRefusedError with all that
    would stop a launch now.
    """
    tools = tools or production()
    checked(campaign, tools, by)
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if campaign.next_due_at is not None:
            return campaign
        due = schedule.next_due(campaign.delivery, tools.now(), ran=0)
        if due is None:
            raise ScheduleOverError(campaign.timing)
        campaign.next_due_at = due
        campaign.status = Status.SCHEDULED
        campaign.scheduled_runs = 0
        campaign.missed_at = None
        campaign.loaded = version(campaign)
        campaign.save(
            update_fields=["next_due_at", "status", "scheduled_runs", "missed_at", "loaded"]
        )
        timing = f"Revision {campaign.revision}. {campaign.timing}"
        audit.record(by, audit.Action.SCHEDULED, campaign, details=timing)
    return campaign


def start(campaign: Campaign, tools: Tools) -> None:
    """Do what a campaign that is due asks for: start it, skip, wait, or ask a person."""
    now, due, delivery = tools.now(), campaign.next_due_at, campaign.delivery
    if due is None:
        return
    if over(campaign, due, now):
        end(campaign)
        return
    loaded = version(campaign)
    if schedule.after_load(delivery) and not is_new(campaign, loaded):
        return
    going = campaign.runs.going().order_by("-pk").first()
    if going and waits(delivery):
        return
    ran = campaign.scheduled_runs
    if going or campaign.runs.filter(due_at=due).exists():
        if take(campaign, now, ran, loaded) and going:
            log.write(going, f"{told(campaign, due)} was skipped: this run was going.", tools)
    elif not schedule.after_load(delivery) and now - since(campaign, due) > GRACE:
        take(campaign, now, ran, loaded, missed_at=due, status=Status.WAITING)
    else:
        run(campaign, due, now, loaded, tools)


def run(campaign: Campaign, due: datetime, now: datetime, loaded: str, tools: Tools) -> None:
    campaign = Campaign.objects.with_groups().get(pk=campaign.pk, next_due_at=due)
    reasons = [fault.text for fault in preflight.faults(campaign, look=True)]
    definition = definitions.freeze(campaign)
    with transaction.atomic():
        if not take(campaign, now, campaign.scheduled_runs + 1, loaded):
            return
        if reasons:
            refuse(campaign, definition, due, reasons, tools)
            return
        stored = store(campaign, definition, None, None, tools, due_at=due)
        hit("due.stored")
    hit("due.committed")
    tools.enqueue("build_run", stored.pk, 0.0)


def take(campaign: Campaign, now: datetime, ran: int, loaded: str, **fields: object) -> bool:
    """Take the due time and set the one that follows; False when another took it."""
    following = schedule.next_due(campaign.delivery, now, ran=ran)
    return Campaign.objects.claim(
        campaign, next_due_at=following, scheduled_runs=ran, loaded=loaded, **fields
    )


def refuse(
    campaign: Campaign, definition: Definition, due: datetime, reasons: list[str], tools: Tools
) -> None:
    """Store a run that did not begin, so that everybody sees why; the schedule goes on."""
    now = tools.now()
    last = campaign.runs.aggregate(last=Max("number"))["last"] or 0
    refused = Run.objects.create(
        campaign=campaign,
        number=last + 1,
        state=RunState.FAILED,
        definition=definitions.to_json(definition),
        moment=now,
        due_at=due,
        started_at=now,
        ended_at=now,
        problem="Not started. " + " ".join(reasons),
    )
    Campaign.objects.filter(pk=campaign.pk).update(status=Status.ERROR, missed_at=None)
    log.write(refused, "Its schedule could not start it: nothing was sent.", tools)


def over(campaign: Campaign, due: datetime, now: datetime) -> bool:
    """Whether the schedule ended before it came due: by its date, or by a change of it."""
    delivery = campaign.delivery
    after = now if schedule.after_load(delivery) else due - timedelta(seconds=1)
    if schedule.repeats(delivery):
        return schedule.next_due(delivery, after, ran=campaign.scheduled_runs) is None
    return False


def end(campaign: Campaign) -> None:
    """A schedule that is over without another run: the campaign shows how its last one went."""
    last = campaign.runs.real().first()
    status = STATUSES[RunState(last.state)] if last else Status.DRAFT
    Campaign.objects.claim(campaign, next_due_at=None, status=status)


def waits(delivery: schedule.Delivery) -> bool:
    """Whether a run that is still going is waited for. A single run is never skipped."""
    return not schedule.repeats(delivery) or delivery.get("still_running") == "wait"


def since(campaign: Campaign, due: datetime) -> datetime:
    """From when on a due run could have started: once the run it waited for had ended."""
    if not waits(campaign.delivery):
        return due
    ended = campaign.runs.aggregate(last=Max("ended_at"))["last"]
    return max(due, ended) if ended else due


def version(campaign: Campaign) -> str:
    """The data version now, where the schedule follows it; '' elsewhere."""
    return engine().version() if schedule.after_load(campaign.delivery) else ""


def is_new(campaign: Campaign, loaded: str) -> bool:
    """Whether neither the schedule nor the last run has seen this data version."""
    last = campaign.runs.real().exclude(data_version="").values_list("data_version", flat=True)
    return loaded not in (campaign.loaded, last.first())


def told(campaign: Campaign, due: datetime) -> str:
    if schedule.after_load(campaign.delivery):
        return "A run after new data"
    return f"The run due on {moment(due, campaign.delivery.get('time_zone'))}"
