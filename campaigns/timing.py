"""The timing of a campaign as the editor's controls say it, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from campaigns import cron, schedule
from campaigns.schedule import Delivery
from core.edits import EditRefusedError
from core.formats import day, zone_name
from core.typed import whole

KINDS = {
    "now": "Once, as soon as you launch",
    "at": "Once, at a time",
    "day": "Every day",
    "week": "Every week",
    "month": "Every month",
    "cron": "By a cron expression",
    "after_load": "After each load of new data",
}
ENDS = {"never": "never", "until": "on a day", "runs": "after a number of runs"}
GOING = {"skip": "skip that time", "wait": "wait for it"}
NINE = "09:00"
MONTH = timedelta(days=30)
VISIBLE = timedelta(hours=24)  # Attentive: a change can take this long to show there
SHOWN = 5  # next runs that are listed
REPEATING = ("until", "runs", "still_running")
MOST = 32_767  # runs, and so as a manifest says it

Fields = Mapping[str, Sequence[str]]  # what each control sent, by its name


@dataclass(frozen=True, slots=True)
class Timing:
    """What the controls hold. kind: a key of KINDS; on: the days of a week. launch: the day from
    which messages are expected; after: of a repeating one, how many days after each run."""

    kind: str = "now"
    day: str = ""
    clock: str = NINE
    on: Sequence[str] = ()
    month_day: str = "1"
    cron: str = ""
    zone: str = ""
    ends: str = "never"
    until: str = ""
    runs: str = ""
    going: str = "skip"
    launch: str = ""
    after: str = ""

    @property
    def repeats(self) -> bool:
        return self.kind not in ("now", "at")

    @property
    def has_zone(self) -> bool:
        return self.kind not in ("now", "after_load")


def shown(delivery: Delivery, messages: Any = None) -> Timing:
    """A stored delivery in the controls. messages: ``Campaign.messages_from``."""
    at = str(delivery.get("at", ""))
    on_day, _, clock = at.replace("T", " ").rpartition(" ")
    on = delivery.get("on", ())
    return Timing(
        kind=_kind(delivery),
        day=on_day,
        clock=clock or NINE,
        on=() if isinstance(on, int) else (on,) if isinstance(on, str) else tuple(on),
        month_day=str(on) if isinstance(on, int) else "1",
        cron=str(delivery.get("cron", "")),
        zone=str(schedule.zone(delivery)),
        ends="until" if "until" in delivery else "runs" if "runs" in delivery else "never",
        until=str(delivery.get("until", "")),
        runs=str(delivery.get("runs", "")),
        going=str(delivery.get("still_running", "skip")),
        launch=messages if isinstance(messages, str) else "",
        after=str(messages["days"]) if isinstance(messages, dict) else "",
    )


def typed(fields: Fields) -> Timing:
    """What the controls sent, right or wrong."""
    single = {name: fields[name][-1].strip() if fields.get(name) else "" for name in SINGLE}
    return Timing(on=tuple(fields.get("on", ())), **single)


SINGLE = [name for name in Timing.__dataclass_fields__ if name != "on"]


def delivery(said: Timing, before: Delivery, now: datetime) -> Delivery:
    """The delivery to store. A kind just chosen begins with what most people want.

    Raises EditRefusedError, in the words of the control.
    """
    if said.kind not in KINDS:
        raise EditRefusedError("Choose when it runs.")
    if said.kind != _kind(before):
        return _begun(said.kind, before, now)
    found: Delivery = _when(said)
    if said.has_zone:
        if said.zone not in zones():
            raise EditRefusedError("Choose a time zone from the list.")
        found["time_zone"] = said.zone
    if said.kind == "at" and schedule.next_due(found, now, ran=0) is None:
        raise EditRefusedError("This time has passed. Choose a later one.")
    if said.repeats:
        found |= _end(said, before, now)
        if said.going == "wait":
            found["still_running"] = "wait"
    return found


def messages_from(said: Timing, delivery: Delivery, now: datetime) -> Any:
    """From when messages are expected, as it is stored: a date, {"days": N} or None.

    delivery: the one stored with it. Raises EditRefusedError, in the words of the control.
    """
    if schedule.repeats(delivery):
        if not said.after:
            return None
        days = whole(said.after)
        if days is None or not 0 <= days <= MOST:
            raise EditRefusedError("The days after each run are a whole number from 0.")
        return {"days": days}
    if not said.launch:
        return None
    chosen, first = date.fromisoformat(_date(said.launch)), _first(delivery, now)
    if first and chosen < first.date():
        raise EditRefusedError(
            "Messages cannot go out before the lists are filled: "
            f"choose {day(first.date(), now.date())} or a later day."
        )
    return chosen.isoformat()


def too_early(messages: Any, delivery: Delivery, now: datetime) -> str:
    """Why the lists may not be whole in Attentive on the day of the first messages; '' when they
    will be, or nobody can know. messages: ``Campaign.messages_from``."""
    first = _first(delivery, now)
    if messages is None or first is None:
        return ""
    launch = (
        date.fromisoformat(messages)
        if isinstance(messages, str)
        else first.date() + timedelta(days=messages["days"])
    )
    whole_by = first + VISIBLE
    if whole_by.date() < launch or (whole_by.date(), whole_by.time()) == (launch, time()):
        return ""
    return (
        f"Messages are expected from {day(launch, now.date())}, and Attentive can take 24 hours "
        f"to show the lists: until {day(whole_by.date(), now.date())} {whole_by:%H:%M}."
    )


def _first(delivery: Delivery, now: datetime) -> datetime | None:
    """When it runs first, in its zone; None where nobody can know, or nothing is left of it."""
    here = now.astimezone(schedule.zone(delivery))
    if schedule.after_load(delivery):
        return None
    return here if schedule.at_once(delivery) else schedule.next_due(delivery, here, ran=0)


def next_runs(delivery: Delivery, now: datetime) -> list[str]:
    """The next due times by the clock of the schedule's zone: "Mon 30 Nov 09:00"; none where
    nobody can know them."""
    if schedule.at_once(delivery) or schedule.after_load(delivery):
        return []
    return [f"{due:%a} {day(due.date(), now.date())} {due:%H:%M}" for due in _due(delivery, now)]


@cache
def zones() -> dict[str, str]:
    """Time zones by name with how they read: "New York (America/New_York)"."""
    named = sorted(each for each in available_timezones() if "/" in each or each == "UTC")
    return {each: f"{zone_name(each)} ({each})" if "/" in each else each for each in named}


def _due(delivery: Delivery, now: datetime) -> Iterator[datetime]:
    after: datetime | None = now
    for ran in range(SHOWN):
        after = schedule.next_due(delivery, after, ran=ran) if after else None
        if after is None:
            return
        yield after


def _kind(delivery: Delivery) -> str:
    if schedule.at_once(delivery):
        return "now"
    if schedule.after_load(delivery):
        return "after_load"
    return "cron" if "cron" in delivery else str(delivery.get("every", "at"))


def _begun(kind: str, before: Delivery, now: datetime) -> Delivery:
    zone = str(schedule.zone(before))
    tomorrow = now.astimezone(schedule.zone(before)).date() + timedelta(days=1)
    clock = shown(before).clock
    begun: dict[str, Delivery] = {
        "now": {"when": "now"},
        "at": {"at": f"{tomorrow} {clock}"},
        "day": {"every": "day", "at": clock},
        "week": {"every": "week", "on": ["mon"], "at": clock},
        "month": {"every": "month", "on": 1, "at": clock},
        "cron": {"cron": "0 9 * * 1"},
        "after_load": {"when": "after_load"},
    }
    named = kind not in ("now", "after_load")
    going_on = REPEATING if schedule.repeats(begun[kind]) else ()
    kept = {key: before[key] for key in going_on if key in before}
    return begun[kind] | ({"time_zone": zone} if named else {}) | kept


def _when(said: Timing) -> Delivery:
    match said.kind:
        case "at":
            return {"at": f"{_date(said.day)} {_clock(said.clock)}"}
        case "day":
            return {"every": "day", "at": _clock(said.clock)}
        case "week":
            days = [each for each in schedule.WEEKDAYS if each in said.on]
            if not days:
                raise EditRefusedError("Choose at least one day of the week.")
            return {"every": "week", "on": days, "at": _clock(said.clock)}
        case "month":
            number = whole(said.month_day)
            if number is None or not 1 <= number <= 31:
                raise EditRefusedError("The day of the month is a number from 1 to 31.")
            return {"every": "month", "on": number, "at": _clock(said.clock)}
        case "cron":
            if problem := cron.fault(said.cron):
                raise EditRefusedError(problem)
            return {"cron": " ".join(said.cron.split())}
    return {"when": said.kind}


def _end(said: Timing, before: Delivery, now: datetime) -> dict[str, Any]:
    """until or runs; one just chosen begins with something to change."""
    if said.ends == "until":
        if not said.until and "until" not in before:
            return {"until": str(now.astimezone(schedule.zone(before)).date() + MONTH)}
        return {"until": _date(said.until)}
    if said.ends == "runs":
        if not said.runs and "runs" not in before:
            return {"runs": 5}
        number = whole(said.runs)
        if number is None or not 1 <= number <= MOST:
            raise EditRefusedError("The number of runs is a whole number from 1.")
        return {"runs": number}
    return {}


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise EditRefusedError("Choose a day.") from None


def _clock(text: str) -> str:
    try:
        return time.fromisoformat(text).strftime("%H:%M")
    except ValueError:
        raise EditRefusedError("Choose a time of day, such as 09:00.") from None
