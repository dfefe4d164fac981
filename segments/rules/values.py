"""Days, moments, numbers and texts as a rule writes them."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from typing import Any

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?\s?(Z|[+-]\d{2}:?\d{2})?", re.ASCII
)


def plain(value: Any) -> Any:
    """The value as JSON has it: a day or moment that YAML read becomes its ISO text again."""
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value


def is_number(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def day(text: str) -> date | None:
    """A calendar day written YYYY-MM-DD."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def moment(text: str) -> datetime | None:
    """A day with a time, as ``2026-12-01 09:00``; with a zone when one is written."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
