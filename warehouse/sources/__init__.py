"""Files of customer tables: which table a file is, what it holds, and what is wrong with it.

A file is looked at whole before anything is made of it. Every fault is a TableRefusedError:
a table with one faulty row is not loaded, so that nobody goes missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from warehouse.errors import TableRefusedError
from warehouse.quoting import identifier

ENDINGS = (".csv", ".csv.gz", ".parquet")
LONGEST = 200  # characters of a table's or a column's name, as the catalogue keeps them

# Runs SQL on the loader's connection and yields the share that is done, 0 to 1.
Runner: TypeAlias = Callable[[str], Iterator[float]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a table is made. columns: name and SQL expression; notes: what the user is told."""

    source: str
    columns: Sequence[tuple[str, str]]
    notes: Sequence[str] = ()

    @property
    def select(self) -> str:
        made = ", ".join(f"{sql} AS {identifier(name)}" for name, sql in self.columns)
        return f"SELECT {made} FROM {self.source}"  # noqa: S608


def ending(path: Path) -> str:
    """The file's kind by its name, or ''."""
    name = path.name.lower()
    return next((end for end in ENDINGS if name.endswith(end)), "")


def table_name(path: Path) -> str:
    """The table that a file holds: its name in lower case, with letters, digits and ``_``.

    Raises TableRefusedError when nothing is left of it.
    """
    stem = path.name[: len(path.name) - len(ending(path))]
    name = re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_")
    if not name:
        raise TableRefusedError("Its name has no letters; name the file after its table.")
    if len(name) > LONGEST - len("t_"):
        raise TableRefusedError(f"Its name is too long: {len(name)} characters.")
    return f"t_{name}" if name[0].isdigit() else name


def check_names(names: Sequence[str]) -> None:
    """Every column has a name of its own, whatever its case, that the catalogue can keep."""
    faults = [f"Column {n} {why}." for n, name in enumerate(names, 1) if (why := unfit(name))]
    seen: set[str] = set()
    for name in names:
        if name and name.lower() in seen:
            faults.append(f'Two columns are called "{name}"; names match without case.')
        seen.add(name.lower())
    if faults:
        raise TableRefusedError(*faults)


def unfit(name: str) -> str:
    """What is wrong with a column's name, or ''."""
    if not name.strip():
        return "has no name"
    if "\0" in name:
        return "has a name with a NUL character, which no database keeps"
    if len(name) > LONGEST:
        return f"has a name of {len(name)} characters; at most {LONGEST} are kept"
    return ""
