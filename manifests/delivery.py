"""When a campaign runs, as a manifest says it: its delivery and its launch date."""

from __future__ import annotations

from datetime import date, time
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from campaigns import cron
from core.nearest import did_you_mean
from manifests.section import Section, shown
from segments.rules import Fault

NOW = {"when": "now"}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KEYS = ("when", "at", "every", "on", "cron", "time_zone", "until", "runs", "still_running")
REPEATING = ("until", "runs", "still_running")
MOST = 32_767


def delivery(value: Any, path: str, faults: list[Fault]) -> dict[str, Any]:
    """The delivery as it is stored, defaults left out; faults are added to ``faults``."""
    if value is None:
        return dict(NOW)
    section = Section(value, path, KEYS, faults)
    kinds = [key for key in ("when", "every", "cron") if key in section]
    if len(kinds) > 1:
        section.fault("", f"has both {kinds[0]} and {kinds[1]}. Keep one of the two.")
    elif "when" in section:
        when(section)
    elif "every" in section:
        every(section)
    elif "cron" in section:
        refuse(section, ("at", "on"), "belongs to every. The cron expression says it all.")
        problem = cron.fault(section.text("cron", "* * * * *", required=True))
        if problem:
            section.fault("cron", problem)
    elif "at" in section:
        refuse(section, ("on", *REPEATING), "belongs to a repeating delivery.")
        moment(section)
    elif isinstance(value, dict):
        section.fault("", "says no time. Write when: now, at, every, cron or when: after_load.")
    limits(section)
    return dict(section.values)


def repeats(stored: Any) -> bool:
    """Whether a stored delivery runs more than once."""
    return "every" in stored or "cron" in stored or stored.get("when") == "after_load"


def when(section: Section) -> None:
    value = section.values["when"]
    if value not in ("now", "after_load"):
        section.fault("when", f"must be now or after_load, not {shown(value)}.")
    refuse(section, ("at", "on"), "goes with every, not with when.")
    if value == "now":
        refuse(section, ("time_zone", *REPEATING), "says nothing about a run now. Take it out.")


def every(section: Section) -> None:
    value = section.values["every"]
    days = section.values.get("on")
    if value == "week":
        listed = days if isinstance(days, list) else [days]
        if not listed or any(day not in WEEKDAYS for day in listed):
            section.fault("on", f"must be days of the week, as [mon, thu], not {shown(days)}.")
        elif len(set(listed)) < len(listed):
            section.fault("on", "names a day twice. Take one out.")
    elif value == "month":
        section.whole("on", 1, 1, 31, required=True)
    elif value == "day":
        refuse(section, ("on",), "goes with every: week or every: month.")
    else:
        section.fault("every", f"must be day, week or month, not {shown(value)}.")
    clock(section)


def clock(section: Section) -> None:
    value = section.text("at", required=True)
    if value and not is_clock(value):
        section.fault("at", f'must be a time of day, as "09:00", not {shown(value)}.')


def moment(section: Section) -> None:
    value = section.text("at", required=True)
    day, _, clock_time = value.partition(" ")
    if value and not (is_date(day) and is_clock(clock_time)):
        section.fault("at", f'must be a day and time, as "2026-12-01 09:00", not {shown(value)}.')


@cache
def time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def limits(section: Section) -> None:
    zone = section.text("time_zone")
    if zone and zone not in time_zones():
        section.fault("time_zone", f'"{zone}" is no time zone.{did_you_mean(zone, time_zones())}')
    if "until" in section and "runs" in section:
        section.fault("runs", "stands beside until. Keep one of the two.")
    if "until" in section and not is_date(section.values["until"]):
        section.fault(
            "until", f"must be a date, as 2026-12-31, not {shown(section.values['until'])}."
        )
    if "runs" in section:
        section.whole("runs", 1, 1, MOST, required=True)
    if "still_running" in section and section.values["still_running"] not in ("skip", "wait"):
        section.fault(
            "still_running", f"must be skip or wait, not {shown(section.values['still_running'])}."
        )


def refuse(section: Section, keys: tuple[str, ...], text: str) -> None:
    for key in keys:
        if key in section:
            section.fault(key, text)


def messages_from(value: Any, path: str, repeating: bool, faults: list[Fault]) -> Any:
    """The launch date as it is stored: a date, {"days": N} or null."""
    if value is None:
        return None
    if isinstance(value, dict):
        Section(value, path, ("days",), faults).whole("days", 0, 0, MOST, required=True)
        return value
    if not is_date(value):
        faults.append(
            Fault(path, f"must be a date, as 2026-12-02, or {{days: 1}}, not {shown(value)}.")
        )
    elif repeating:
        faults.append(
            Fault(
                path,
                "A repeating campaign has no one date. Say how many days after each run, "
                "as {days: 1}.",
            )
        )
    return value


def is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def is_clock(value: str) -> bool:
    try:
        return time.fromisoformat(value).strftime("%H:%M") == value
    except ValueError:
        return False
