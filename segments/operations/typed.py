"""What the editor's controls sent, as what a rule holds.

What cannot be read is refused with EditRefusedError, which says what to write instead.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from core.edits import EditRefusedError
from core.typed import whole
from segments.rules.values import day, moment
from segments.sheets.operands import PRESETS

Values = Sequence[str]


def at(values: Values, place: int) -> str:
    """What the control at a place sent, '' when there is none."""
    return values[place] if place < len(values) else ""


def first(values: Values) -> str:
    return at(values, 0).strip()


def one_of(word: str, words: Container[str]) -> str:
    if word not in words:
        raise EditRefusedError("Choose one from the list.")
    return word


def single(text: str, type: str) -> str | int | float | None:
    """One value of the type; None for a number that is not written yet."""
    text = text.strip()
    if type != "number":
        return text
    if not text:
        return None
    try:
        number = float(text.replace(",", "").replace(" ", ""))
    except ValueError:
        number = float("nan")
    if number != number or abs(number) == float("inf"):
        raise EditRefusedError(f"“{text}” is not a number. Write digits, such as 1250 or 12.5.")
    return int(number) if number == int(number) and "." not in text else number


def whole_number(text: str) -> int | None:
    """From 0 on, with or without commas; None when nothing is written yet."""
    text = text.strip().replace(",", "")
    if not text:
        return None
    if not text.isdecimal():
        raise EditRefusedError(f"“{text}” is not a whole number. Write one such as 30.")
    number = whole(text)
    if number is None:
        raise EditRefusedError("This number is too large. Write one such as 30.")
    return number


def date(text: str) -> str:
    """A day as 2026-12-31, '' when nothing is written yet."""
    if text.strip() and day(text.strip()) is None:
        raise EditRefusedError(f"“{text}” is not a date. Write one as 2026-12-31.")
    return text.strip()


def when(kind: str = "date", text: str = "") -> Any:
    """A moment from its kind (a key of operands.MOMENTS or PRESETS) and what stands beside."""
    text = text.strip()
    if kind in PRESETS:
        return dict(PRESETS[kind][1])
    if kind == "today":
        return "today"
    # The kind may just have been chosen anew, the text still be that of the one before.
    dated = day(text) is not None or moment(text) is not None
    if kind in ("days_ago", "days_from_now"):
        return {kind: None if dated else whole_number(text)}
    if not text or text.isdecimal():
        return {"time": ""} if kind == "time" else ""
    if not dated:
        raise EditRefusedError(f"“{text}” is not a date. Write one as 2026-12-31.")
    if kind == "time":
        return text.replace("T", " ") if moment(text) else f"{text} 00:00"
    return text[: len("2026-12-31")]
