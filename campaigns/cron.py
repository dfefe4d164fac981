"""Cron expressions: five fields, checked before they are stored."""

from __future__ import annotations

import re
from collections.abc import Sequence

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

# What each field is called, its lowest and highest value, and the names it may use.
FIELDS: tuple[tuple[str, int, int, Sequence[str]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, MONTHS),
    ("day of the week", 0, 7, DAYS),
)
ITEM = re.compile(r"(?P<all>\*)|(?P<first>\w+)(?:-(?P<last>\w+))?")


def fault(expression: str) -> str:
    """What is wrong with a cron expression, as a sentence; '' when nothing is.

    One that is well formed and never comes due, as the 31st of February, is wrong too.
    """
    words = expression.split()
    if len(words) != len(FIELDS):
        return (
            f'"{expression}" has {len(words)} fields. Write five: minute, hour, '
            'day of the month, month, day of the week, as "0 9 * * 1".'
        )
    values = []
    for word, (name, low, high, names) in zip(words, FIELDS, strict=True):
        found = field(word, low, high, names)
        if not found:
            return f'"{word}" is no {name}. Write {low} to {high}, *, lists, ranges or steps.'
        values.append(found)
    _, _, days, months, _ = values
    any_weekday = words[4].startswith("*")
    if any_weekday and min(days) > max(LONGEST_MONTHS[month - 1] for month in months):
        return f'"{expression}" names a day that none of its months has.'
    return ""


def field(word: str, low: int, high: int, names: Sequence[str]) -> set[int]:
    """The values that one field names; none when it cannot be read."""
    found: set[int] = set()
    for part in word.lower().split(","):
        item, slash, step = part.partition("/")
        match = ITEM.fullmatch(item)
        if not match or (slash and not (step.isascii() and step.isdigit() and int(step))):
            return set()
        if match["all"]:
            first, last = low, high
        else:
            first = number(match["first"], low, names)
            last = number(match["last"], low, names) if match["last"] else first
            if slash and not match["last"]:
                last = high
        if not low <= first <= last <= high:
            return set()
        found.update(range(first, last + 1, int(step) if slash else 1))
    return found


def number(word: str, low: int, names: Sequence[str]) -> int:
    """The value of a number or name; -1 when it is neither."""
    if word in names:
        return names.index(word) + low
    return int(word) if word.isascii() and word.isdigit() else -1
