"""Which days of orders count as what came of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from core.errors import MusterError
from core.formats import counted, day
from core.typed import whole
from runs.models import Run

DAYS = 7
MOST = 365


class WindowRefusedError(MusterError):
    """field: the one to mend, "from" or "days"."""

    def __init__(self, field: str, text: str):
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class Window:
    """So many days of the brand's zone from the first one on."""

    first: date
    days: int = DAYS

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)

    def sentence(self, today: date) -> str:
        """Which days these are, and whether more orders may come."""
        span = day(self.first) if self.days == 1 else f"{day(self.first)} to {day(self.last)}"
        told = f"Orders of {span}, in {settings.TIME_ZONE}."
        left = (self.last - today).days + 1
        if left <= 0:
            return told
        if self.first > today:
            return f"{told} The first of these days is still to come."
        return f"{told} {counted(left, 'day')} of them, with today, can still bring orders."


def launch_day(run: Run) -> date:
    """The day on which messages were to go out: as the campaign says, else that of the send."""
    sent = (run.sent_at or run.moment).astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    match run.campaign.messages_from:
        case str(day):
            return date.fromisoformat(day)
        case {"days": int(days)}:
            return sent + timedelta(days=days)
    return sent


def asked(fields: Mapping[str, str], run: Run) -> Window:
    """The window that ``from`` (a date) and ``days`` say, by default 7 days from the launch.

    Raises WindowRefusedError.
    """
    first, days = launch_day(run), DAYS
    if text := fields.get("from", "").strip():
        try:
            first = date.fromisoformat(text)
        except ValueError:
            raise WindowRefusedError("from", "This is not a date, as 2026-11-24.") from None
        if not 1900 <= first.year <= 9000:
            raise WindowRefusedError("from", "Choose a date of this century.")
    if text := fields.get("days", "").strip():
        number = whole(text)
        if number is None or not 1 <= number <= MOST:
            raise WindowRefusedError("days", f"Choose 1 to {MOST} days.")
        days = number
    return Window(first, days)
