"""How values read: one formatter each for counts, money, percents, deltas and dates.

Every function takes None for "not known" and answers UNKNOWN.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone

UNKNOWN = "-"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 604_800


def count(value: int | None) -> str:
    """52640 -> "52,640"."""
    return UNKNOWN if value is None else f"{value:,}"


def counted(value: int | None, noun: str) -> str:
    """A count with its noun: (1, "customer") -> "1 customer".

    noun: the singular, or "person,people" where an s does not make the plural.
    """
    one, _, many = noun.partition(",")
    return f"{count(value)} {one if value == 1 else many or one + 's'}"


def delta(value: int | None) -> str:
    """A change with its sign: "+1,204", "-310"; none is "0"."""
    if value is None:
        return UNKNOWN
    return f"{value:+,}" if value else "0"


def percent(fraction: float | None) -> str:
    """A part of one as a percent: 0.951 -> "95.1%".

    All is the only "100%" and nothing the only "0%": what rounds to them
    reads "99.9%" or "under 0.1%".
    """
    if fraction is None:
        return UNKNOWN
    if 0 < fraction < 0.001:
        return "under 0.1%"
    rounded = round(fraction * 100, 1)
    if rounded >= 100 and fraction < 1:
        rounded = 99.9
    return f"{rounded:.0f}%" if rounded == int(rounded) else f"{rounded:.1f}%"


def apart(value: float | None, other: float | None) -> str:
    """How far a value is from another: "+12%", "-10%", from tenfold on "12 times", "same".

    "" where either is not known or the other is 0.
    """
    if value is None or not other:
        return ""
    ratio = value / other
    if ratio >= 10:
        return f"{ratio:,.0f} times"
    percents = round((ratio - 1) * 100)
    return f"{percents:+d}%" if percents else "same"


def money(value: Decimal | float | None, currency: str = "USD") -> str:
    """27.9 -> "$27.90"; from 10,000 on short, with three digits: "$4.61M"."""
    if value is None:
        return UNKNOWN
    sign = "-" if value < 0 else ""
    symbol = SYMBOLS.get(currency, f"{currency} ")
    size = abs(Decimal(str(value)))
    if size < 10_000:
        return f"{sign}{symbol}{size:,.2f}"
    for unit, name in ((10**9, "B"), (10**6, "M"), (10**3, "K")):
        # 999,999 is 1M, not 1000K: the unit is chosen after rounding to three digits.
        if size >= unit * Decimal("0.9995"):
            return f"{sign}{symbol}{_three_digits(size / unit)}{name}"
    return f"{sign}{symbol}{size:,.0f}"


def _three_digits(value: Decimal) -> str:
    for places, limit in ((2, Decimal("9.995")), (1, Decimal("99.95"))):
        if value < limit:
            return f"{value:.{places}f}"
    return f"{value:,.0f}"


def day(value: date | datetime | None, today: date | None = None) -> str:
    """Short: "24 Nov", with its year when that is not this one; a moment in the active zone."""
    if value is None:
        return UNKNOWN
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    text = f"{value.day} {MONTHS[value.month - 1]}"
    return text if value.year == (today or timezone.localdate()).year else f"{text} {value.year}"


def moment(value: datetime | None, zone: str | None = None) -> str:
    """Short, never without its zone: "24 Nov 06:10 UTC" in the active one; with zone, in that
    one: "24 Nov 01:10, New York"."""
    if value is None:
        return UNKNOWN
    here = timezone.localtime(value, ZoneInfo(zone)) if zone else timezone.localtime(value)
    text = f"{day(here.date(), timezone.localdate())} {here:%H:%M}"
    return f"{text}, {zone_name(zone)}" if zone else f"{text} {here:%Z}"


def full_moment(value: datetime | None) -> str:
    """Unmistakable, for a tooltip: "24 Nov 2026 06:10:05 UTC"."""
    if value is None:
        return UNKNOWN
    here = timezone.localtime(value)
    return f"{here.day} {MONTHS[here.month - 1]} {here:%Y %H:%M:%S %Z}"


def ago(value: datetime | None, now: datetime | None = None) -> str:
    """How long since: "just now", "5 min ago", "2 h ago", "3 d ago"; after a week the day."""
    if value is None:
        return UNKNOWN
    seconds = ((now or timezone.now()) - value).total_seconds()
    if seconds >= WEEK:
        return day(value)
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{seconds // MINUTE:.0f} min ago"
    if seconds < DAY:
        return f"{seconds // HOUR:.0f} h ago"
    return f"{seconds // DAY:.0f} d ago"


def zone_name(zone: str) -> str:
    """America/New_York -> "New York"."""
    return zone.rpartition("/")[2].replace("_", " ")
