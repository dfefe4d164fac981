"""The people behind a figure of a draft, by the files that it was counted from.

A figure is named by words that an address can hold: keys, ids, outcomes, nothing of the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from campaigns import layout, previews
from campaigns.definition import Definition
from campaigns.split import (
    CONTROL,
    DUPLICATE,
    FILTERED,
    INVALID,
    NO_GROUP,
    NO_IDENTIFIER,
    SEND,
)
from core.errors import MusterError
from warehouse.scratch import scratch

# Of everyone: condition of the snapshot's rows.
OF_ALL = {
    "included": ("Included", "true"),
    "left_out": ("Left out", f"{layout.EXCLUDED} IS NOT NULL"),
    "audience": ("In the audience", f"{layout.EXCLUDED} IS NULL"),
}
# Of a destination, and of a group there: what becomes of them.
OUTCOMES = {
    "to_send": ("To send", SEND),
    "filtered": ("Not opted in", FILTERED),
    "no_identifier": ("Without a phone or email to send", NO_IDENTIFIER),
    "invalid": ("With a phone or email that is not valid", INVALID),
    "duplicate": ("With the same phone or email as another", DUPLICATE),
}


class NoSuchFigureError(MusterError):
    def __str__(self) -> str:
        return "This figure is no longer there: the campaign was edited. Load the page again."


@dataclass(frozen=True, slots=True)
class Behind:
    """label: who they are. file: where they are found, one of the two of ``previews``;
    condition: SQL of its rows; values: what the condition asks for."""

    label: str
    file: str
    condition: str
    values: Mapping[str, int | str]


def behind(definition: Definition, asked: Mapping[str, str]) -> Behind:
    """Whom a figure counts.

    asked: figure, a word of OF_ALL or OUTCOMES, or "exclusion" (at: its place), "several",
    "customers", "control", "no_group" or "elsewhere"; and whose it is: part or group, a key;
    destination, an id. Raises NoSuchFigureError.
    """
    figure = asked.get("figure", "")
    if figure in OF_ALL:
        label, condition = OF_ALL[figure]
        return Behind(label, previews.SNAPSHOT, condition, {})
    if figure == "exclusion":
        return _exclusion(definition, asked.get("at", ""))
    if figure == "several":
        doubled = 'SELECT customer_id FROM rows GROUP BY ALL HAVING count(DISTINCT "part") > 1'
        label = "In several sub-audiences"
        return Behind(label, previews.MEMBERS, f"customer_id IN ({doubled})", {})
    whose, conditions, values = _whose(definition, asked)
    what, more = _what(figure, definition, asked, values)
    label = f"{what}: {whose}" if whose else what
    return Behind(label, previews.MEMBERS, " AND ".join([*conditions, more]), values)


def _exclusion(definition: Definition, at: str) -> Behind:
    if not at.isdecimal() or int(at) >= len(definition.exclude):
        raise NoSuchFigureError
    label = f"Left out by {definition.exclude[int(at)].name}"
    return Behind(label, previews.SNAPSHOT, f"{layout.EXCLUDED} = $at", {"at": int(at)})


def _whose(
    definition: Definition, asked: Mapping[str, str]
) -> tuple[str, list[str], dict[str, int | str]]:
    """Of which sub-audience or group: in words, as conditions, and the values of these."""
    if key := asked.get("part"):
        for index, part in enumerate(definition.parts):
            if part.key == key:
                return part.name, ['"part" = $part'], {"part": index}
        raise NoSuchFigureError
    if key := asked.get("group"):
        for index, part in enumerate(definition.parts):
            for place, group in enumerate(part.groups):
                if group.key == key:
                    said = f"{part.name}, {group.name}" if group.name else part.name
                    conditions = ['"part" = $part', '"group" = $group']
                    return said, conditions, {"part": index, "group": place}
        raise NoSuchFigureError
    return "", [], {}


def _what(
    figure: str, definition: Definition, asked: Mapping[str, str], values: dict[str, int | str]
) -> tuple[str, str]:
    """What becomes of them: in words, and as a condition; its values are added to the others."""
    if figure == "control":
        return "Held out as control", f"outcome = '{CONTROL}'"
    if figure == "no_group":
        return "In no group", f"outcome = '{NO_GROUP}' AND \"group\" < 0"
    if figure == "customers" and "destination" not in asked:
        return "Customers", "true"
    target = next((t for t in definition.targets if str(t.id) == asked.get("destination")), None)
    if target is None:
        raise NoSuchFigureError
    values["destination"] = target.id
    if figure == "customers":
        return f"For {target.name}", "destination = $destination"
    if figure == "elsewhere":
        there = [
            f'("part" = {part} AND "group" = {place})'
            for part, row in enumerate(definition.parts)
            for place, group in enumerate(row.groups)
            if target.id in group.destinations and not group.control
        ]
        del values["destination"]
        others = f"NOT ({' OR '.join(there) or 'false'})"
        nowhere = f"(outcome = '{NO_GROUP}' AND \"group\" < 0)"
        return (
            f"Not sent to {target.name}",
            f"{others} AND outcome <> '{CONTROL}' AND NOT {nowhere}",
        )
    if figure not in OUTCOMES:
        raise NoSuchFigureError
    label, outcome = OUTCOMES[figure]
    values["outcome"] = outcome
    return f"{label} to {target.name}" if figure == "to_send" else label, (
        "destination = $destination AND outcome = $outcome"
    )


def number(folder: Path, found: Behind) -> int:
    """How many people they are; each counts once. Raises GoneError."""
    rows = _rows(found, "count(DISTINCT customer_id)")
    return int(_fetched(rows, _values(folder, found))[0][0])


def ids(folder: Path, found: Behind, after: str, before: str, most: int) -> list[str]:
    """Their ids in order, from behind ``after`` on, or back from in front of ``before``.

    Raises GoneError.
    """
    edge = "customer_id < $edge" if before else "customer_id > $edge"
    order = "DESC" if before else "ASC"
    sql = (
        f"{_rows(found, 'DISTINCT customer_id')} AND {edge} "
        f"ORDER BY customer_id {order} LIMIT {most:d}"
    )
    asked = {**_values(folder, found), "edge": before or after}
    return [str(row[0]) for row in _fetched(sql, asked)]


def _fetched(sql: str, values: Mapping[str, int | str]) -> list[tuple[Any, ...]]:
    with scratch() as duck:
        try:
            return duck.execute(sql, values).fetchall()
        except duckdb.IOException as error:
            raise previews.GoneError from error


def _rows(found: Behind, what: str) -> str:
    rows = "WITH rows AS (FROM read_parquet($file))"
    return f"{rows} SELECT {what} FROM rows WHERE ({found.condition})"  # noqa: S608


def _values(folder: Path, found: Behind) -> dict[str, int | str]:
    return {"file": str(folder / found.file), **found.values}
