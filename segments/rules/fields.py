"""Single fields of a rule's nodes: a name, a word of a few, a whole number.

What is wrong is added to ``faults``; path: where the node stands in the rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.nearest import did_you_mean
from segments.rules.faults import Faults, listed
from segments.rules.operators import UNITS
from segments.rules.values import plain

FURTHEST = 100_000  # of relative days: what calendars can still hold


def count(json: Any, path: str, faults: Faults) -> int | None:
    """A whole number from 0 on, None for anything else."""
    if isinstance(json, int) and not isinstance(json, bool) and 0 <= json <= FURTHEST:
        return json
    faults.add(path, f"Write a whole number from 0 to {FURTHEST}, not {shown(json)}.")
    return None


def unit(json: Any, path: str, faults: Faults) -> str:
    """days, weeks, months or years; '' for anything else."""
    if json in UNITS:
        return str(json)
    faults.add(path, f"Write {listed(UNITS)}, not {shown(json)}.{did_you_mean(str(json), UNITS)}")
    return ""


def name(json: Mapping[str, Any], key: str, path: str, faults: Faults) -> str | None:
    """A text that is not empty, None for anything else."""
    value = plain(json.get(key))
    if isinstance(value, str) and value:
        return value
    faults.add(at(path, key), f"Write a name, not {in_words(value)}.")
    return None


def yes_no(json: Mapping[str, Any], key: str, path: str, default: bool, faults: Faults) -> bool:
    value = json.get(key, default)
    if isinstance(value, bool):
        return value
    faults.add(at(path, key), f"Write true or false, not {in_words(value)}.")
    return default


def word(
    json: Mapping[str, Any],
    key: str,
    path: str,
    words: tuple[str, ...],
    default: str,
    faults: Faults,
) -> str:
    value = json.get(key)
    if value is None:
        return default
    if value not in words:
        hint = did_you_mean(str(value), words) or f" Use {listed(words)}."
        faults.add(at(path, key), f'"{value}" is not known here.{hint}')
        return default
    return str(value)


def at(path: str, key: Any) -> str:
    """The path of what stands under a key."""
    return f"{path}.{key}" if path else str(key)


def in_words(value: Any) -> str:
    """What a value is, in words: "a list"."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes or no"
        case str():
            return "a text" if value else "an empty text"
        case int() | float():
            return "a number"
        case list() | tuple():
            return "a list"
    return "a mapping"


def shown(value: Any) -> str:
    """A value as faults quote it."""
    return f'"{value}"' if isinstance(value, str) else str(value)
