"""When a campaign is due: wall-clock times of its zone, whatever the clocks do meanwhile."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim
from django.conf import settings

from core.formats import counted, zone_name

Delivery = dict[str, Any]  # as the manifest says it: {"when": "now"} and its like

WEEKDAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def at_once(delivery: Delivery) -> bool:
    """Whether a launch runs the campaign at once, and no schedule is set going."""
    return not delivery or delivery.get("when") == "now"


def after_load(delivery: Delivery) -> bool:
    return delivery.get("when") == "after_load"


def repeats(delivery: Delivery) -> bool:
    return "every" in delivery or "cron" in delivery or after_load(delivery)


def zone(delivery: Delivery) -> ZoneInfo:
    return ZoneInfo(delivery.get("time_zone") or settings.TIME_ZONE)


def next_due(delivery: Delivery, after: datetime, *, ran: int) -> datetime | None:
    """The first moment later than ``after`` at which a campaign is due, in its zone.

    ran: runs that the schedule has started so far. None when it is over, or there never
    was one. A time that the clocks leave out is due at the next one that there is; one that
    they show twice is due once, except in a cron expression whose hours or minutes begin
    with *, which counts hours and not the clock. The 31st is the last day of any month.
    For ``after_load`` it is ``after`` itself: due from then on, once the data is another.
    """
    most = delivery.get("runs") if repeats(delivery) else 1
    if most is not None and ran >= most:
        return None
    due = next(_moments(delivery, after.astimezone(zone(delivery))), None)
    if due is None or ("until" in delivery and due.date().isoformat() > delivery["until"]):
        return None
    return due


def _moments(delivery: Delivery, after: datetime) -> Iterator[datetime]:
    """Due moments later than ``after`` in order, whatever may end them."""
    if after_load(delivery):
        yield after
    elif "cron" in delivery:
        yield from _later(CronSim(delivery["cron"], after), after)
    elif "every" in delivery:
        clock = time.fromisoformat(delivery["at"])
        walls = (datetime.combine(day, clock) for day in _days(delivery, after.date() - DAY))
        yield from _later((_exists(wall, after) for wall in walls), after)
    elif "at" in delivery:
        yield from _later([_exists(datetime.fromisoformat(delivery["at"]), after)], after)


def _later(moments: Iterable[datetime], after: datetime) -> Iterator[datetime]:
    # Compared as instants: two times of one zone compare by the clock, which may show one twice.
    return (each for each in moments if each.astimezone(UTC) > after.astimezone(UTC))


def _exists(wall: datetime, here: datetime) -> datetime:
    """A wall-clock time as a moment of a zone: the first of two, the next one for none."""
    moment = wall.replace(tzinfo=here.tzinfo)
    while moment.astimezone(UTC).astimezone(here.tzinfo) != moment:
        moment += MINUTE
    return moment


def _days(delivery: Delivery, day: date) -> Iterator[date]:
    """The days from ``day`` on that a repeating delivery names."""
    while day.year < date.max.year:
        if _named(delivery, day):
            yield day
        day += DAY


def _named(delivery: Delivery, day: date) -> bool:
    match delivery["every"]:
        case "week":
            return list(WEEKDAYS)[day.weekday()] in _weekdays(delivery)
        case "month":
            last = calendar.monthrange(day.year, day.month)[1]
            return day.day == min(int(delivery["on"]), last)
    return True


def _weekdays(delivery: Delivery) -> list[str]:
    named = delivery["on"] if isinstance(delivery["on"], list) else [delivery["on"]]
    return [day for day in WEEKDAYS if day in named]


# In words


def sentence(delivery: Delivery) -> str:
    """When a campaign runs: "Every Monday and Thursday at 09:00, New York, until 31 December
    2026."."""
    words = [_words(delivery)]
    if not at_once(delivery) and not after_load(delivery):
        words.append(zone_name(str(zone(delivery))))
    if "until" in delivery:
        words.append(f"until {_date(date.fromisoformat(delivery['until']))}")
    if "runs" in delivery:
        words.append(counted(delivery["runs"], "run"))
    text = ", ".join(words) + "."
    if delivery.get("still_running") == "wait":
        text += " It waits for a run that is still going."
    return text


def _words(delivery: Delivery) -> str:
    if at_once(delivery):
        return "Once, as soon as you launch"
    if after_load(delivery):
        return "After each load of new data"
    if "cron" in delivery:
        return str(CronSim(delivery["cron"], datetime(2000, 1, 1)).explain())
    at = delivery["at"]
    match delivery.get("every"):
        case "day":
            return f"Every day at {at}"
        case "week":
            return f"Every {_listed([WEEKDAYS[day] for day in _weekdays(delivery)])} at {at}"
        case "month":
            on = int(delivery["on"])
            short = ", or the last day of a shorter month," if on > 28 else ""
            return f"Every month on day {on}{short} at {at}"
    moment = datetime.fromisoformat(at)
    return f"Once, on {_date(moment.date())} at {moment:%H:%M}"


def _listed(words: list[str]) -> str:
    return " and ".join([part for part in (", ".join(words[:-1]), words[-1]) if part])


def _date(day: date) -> str:
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"
