"""What a column of a CSV file holds, told from all of its values and without damage to one.

A column is a number, a date, a time or a yes/no only when *every* value in it is written so.
Digits that are no amounts stay text: leading zeros, a plus sign, names of ids and phones, and
columns whose values mostly have ten digits or more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from warehouse import meanings
from warehouse.quoting import SPACE, identifier

WHOLE = r"-?(0|[1-9][0-9]*)"
NUMBER = rf"{WHOLE}(\.[0-9]+)?|-?\.[0-9]+|-?[0-9](\.[0-9]+)?[eE][+-][0-9]+"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK = r"[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6}0*)?)?"
ZONE = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)"

LONG = 10  # digits from which a whole number is rather an id or a phone
EXACT = 15  # digits that every reader of numbers keeps
SCALE = 6  # digits after the point that are kept exactly

# Aggregates over the trimmed text $v, by the family of types that they decide on.
FAMILIES: dict[str, dict[str, str]] = {
    "number": {
        "number": f"count_if(regexp_full_match($v, '{NUMBER}'))",
        "whole": f"count_if(regexp_full_match($v, '{WHOLE}'))",
        "long": f"count_if(length($v) >= {LONG})",
        "power": "count_if(contains(lower($v), 'e'))",
        "integral": "max(length(split_part(ltrim($v, '-'), '.', 1)))",
        "scale": "max(length(split_part($v, '.', 2)))",
        "bits": "count_if($v IN ('0', '1'))",
    },
    "time": {
        "date": f"count_if(regexp_full_match($v, '{DAY}') AND $v >= '0001' "
        "AND try_cast($v AS DATE) IS NOT NULL)",
        "clock": f"count_if(regexp_full_match($v, '{DAY}({CLOCK})?') AND $v >= '0001' "
        "AND try_cast($v AS TIMESTAMP) IS NOT NULL)",
        "zoned": f"count_if(regexp_full_match($v, '{DAY}{CLOCK}{ZONE}') AND $v >= '0001' "
        "AND try_cast($v AS TIMESTAMPTZ) IS NOT NULL)",
    },
    "word": {
        "true": "count_if(lower($v) IN ('true', 'false'))",
        "yes": "count_if(lower($v) IN ('yes', 'no'))",
        "y": "count_if(lower($v) IN ('y', 'n'))",
        "t": "count_if(lower($v) IN ('t', 'f'))",
        "t_no": "count_if(lower($v) = 'f')",
    },
}


# How many values of a column passed each check; a family that was ruled out before is missing.
Counts: TypeAlias = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Kind:
    """A column's type in DuckDB. yes: the word for it; note: what must be said of the column."""

    native: str = "VARCHAR"
    yes: str = ""
    note: str = ""


def trimmed(name: str) -> str:
    """The text without white space around it; null where nothing is left."""
    return f"nullif(trim({identifier(name)}, {SPACE}), '')"


def checks(column: str, families: set[str]) -> dict[str, str]:
    """The aggregates, by name, that decide on the families for a column of trimmed text."""
    found = {"filled": f"count({column})"}
    for family in sorted(families):
        for name, aggregate in FAMILIES[family].items():
            found[name] = aggregate.replace("$v", column)
    return found


def possible(counts: Counts) -> set[str]:
    """The families that all values of a sample allow: no other can fit the whole column."""
    filled = counts["filled"]
    found = set()
    if counts["number"] == filled:
        found.add("number")
    if counts["clock"] + counts["zoned"] == filled:
        found.add("time")
    if filled in (counts["true"], counts["yes"], counts["y"], counts["t"]):
        found.add("word")
    return found


def kind(name: str, counts: Counts) -> Kind:
    """Decide on a column by the aggregates over all of its values."""
    filled = counts["filled"]
    if not filled or meanings.stays_text(name):
        return Kind()
    if counts.get("number") == filled:
        return number(name, counts)
    if counts.get("date") == filled:
        return Kind("DATE")
    if counts.get("clock") == filled:
        return Kind("TIMESTAMP")
    if counts.get("zoned") == filled:
        return Kind("TIMESTAMPTZ")
    if counts.get("clock", 0) + counts.get("zoned", 0) == filled:
        return Kind(note="some of its times carry a zone and some do not, so it stays text")
    for yes in ("true", "yes", "y"):
        if counts.get(yes) == filled:
            return Kind("BOOLEAN", yes)
    both = 0 < counts.get("t_no", 0) < filled
    if counts.get("t") == filled and (both or meanings.is_flag(name)):
        return Kind("BOOLEAN", "t")
    return Kind()


def number(name: str, counts: Counts) -> Kind:
    filled = counts["filled"]
    if counts["power"]:
        return Kind("DOUBLE")
    if counts["whole"] == filled:
        if counts["bits"] == filled and meanings.is_flag(name):
            return Kind("BOOLEAN", "1")
        if counts["long"] * 2 > filled or counts["integral"] > EXACT:
            return Kind()
        return Kind("BIGINT")
    if counts["scale"] <= SCALE and counts["integral"] + counts["scale"] <= EXACT:
        return Kind(f"DECIMAL(18, {counts['scale']})")
    return Kind("DOUBLE")


def expression(name: str, found: Kind) -> str:
    """The SQL that makes the column from its text."""
    if found.native == "VARCHAR":
        return identifier(name)
    if found.native == "BOOLEAN":
        return f"lower({trimmed(name)}) = '{found.yes}'"
    return f"CAST({trimmed(name)} AS {found.native})"
