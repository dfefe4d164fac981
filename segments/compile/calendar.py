"""Days, weeks and years of the brand's calendar, around a fixed now."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from segments.rules.nodes import Between, Last, Relative, Scalar
from segments.rules.values import day as read_day
from segments.rules.values import moment as read_moment

FIRST = date(1, 1, 2)  # a day that every engine and every zone can still hold
FINAL = date(9999, 12, 30)


@dataclass(frozen=True, slots=True)
class Clock:
    """now: an aware moment; zone: the brand's."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def start(self, day: date) -> datetime:
        """The first moment of a calendar day, in UTC."""
        return self.moment(datetime.combine(day, time()))

    def moment(self, local: datetime) -> datetime:
        """A moment in UTC; without a zone it is read in the brand's."""
        aware = local if local.tzinfo else local.replace(tzinfo=self.zone)
        try:
            return aware.astimezone(UTC)
        except OverflowError:  # the first or last day that there is, seen from another zone
            return aware.replace(tzinfo=UTC)

    def reading(self, moment: datetime) -> tuple[datetime, bool]:
        """The brand's clock at a moment, to compare times without zone with.

        While the clock shows an hour for the second time, a reading of that hour
        means the first: then the end of that hour, and True. All readings below it
        are before the moment, it and all above are after.
        """
        local = moment.astimezone(self.zone)
        reading = local.replace(tzinfo=None)
        if not local.fold:
            return reading, False
        reading = reading.replace(second=0, microsecond=0)
        while _ambiguous(reading, self.zone):
            reading += timedelta(minutes=1)
        return reading, True

    def value(self, value: Scalar) -> date | datetime:
        """What a rule compares with: a day, or a moment in UTC."""
        if isinstance(value, Relative):
            return self.days_away(value.offset)
        if value == "today":
            return self.today
        text = str(value)
        moment = read_moment(text)
        if moment is not None:
            return self.moment(moment)
        found = read_day(text)
        if found is None:
            raise ValueError(text)  # refused when the rule was read
        return found

    def days_away(self, days: int) -> date:
        return shifted(self.today, days, "days")

    def back(self, n: int, unit: str) -> date:
        """The day that *in the last n units* reaches back to."""
        return shifted(self.today, -n, unit)

    def ahead(self, n: int, unit: str) -> date:
        """The last day of *in the next n units*."""
        return shifted(self.today, n, unit)

    def period(self, unit: str, previous: bool) -> tuple[date, date]:
        """First and last day of this or the previous week, month, quarter or year."""
        today = self.today
        if unit == "week":
            first = today - timedelta(days=today.weekday() + (7 if previous else 0))
            return first, first + timedelta(days=6)
        months = {"month": 1, "quarter": 3, "year": 12}[unit]
        index = (today.year * 12 + today.month - 1) // months * months
        if previous:
            index -= months
        first = date(index // 12, index % 12 + 1, 1)
        return first, shifted(first, months, "months") - timedelta(days=1)

    def bounds(self, period: Last | Between) -> tuple[date | None, date | None]:
        """First and last day of an event's period, both included; None: no bound but now."""
        if isinstance(period, Last):
            return self.back(period.n, period.unit), None
        return read_day(period.start), read_day(period.end)


def shifted(day: date, n: int, unit: str) -> date:
    """The day n units later; a day that the month lacks becomes its last one."""
    if unit in ("days", "weeks"):
        ordinal = day.toordinal() + n * (7 if unit == "weeks" else 1)
        return date.fromordinal(min(max(ordinal, FIRST.toordinal()), FINAL.toordinal()))
    months = day.year * 12 + day.month - 1 + n * (12 if unit == "years" else 1)
    year, month = months // 12, months % 12 + 1
    if year < FIRST.year or (year, month) == (1, 1):
        return FIRST
    if year > FINAL.year:
        return FINAL
    return min(date(year, month, min(day.day, monthrange(year, month)[1])), FINAL)


def anniversaries(first: date, last: date) -> tuple[int, int] | None:
    """The window as month * 100 + day of its ends; None when it holds every day of a year.

    The end may be less than the start: then the window runs over new year. A 29
    February falls on the 28th in a year without one.
    """
    if (last - first).days >= 365:
        return None
    end = last.month * 100 + last.day
    if end == 228 and monthrange(last.year, 2)[1] == 28:
        end = 229
    return first.month * 100 + first.day, end


def _ambiguous(reading: datetime, zone: ZoneInfo) -> bool:
    first = reading.replace(tzinfo=zone, fold=0).utcoffset()
    return first != reading.replace(tzinfo=zone, fold=1).utcoffset()
