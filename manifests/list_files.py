"""The files of a manifest's lists: customer ids, emails or phones in their first column."""

from __future__ import annotations

import csv
import errno
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from manifests.document import List
from manifests.errors import Fault, join
from segments import lists

# What the first line of a file says when it is a heading and no value.
HEADINGS = frozenset(
    ["customerid", "customer", "id", "email", "emailaddress", "phone", "phonenumber", "value"]
)


@dataclass(frozen=True, slots=True)
class ListFiles:
    """lists: with digest and size where the file is there; values: by name, never shown."""

    lists: tuple[List, ...]
    values: Mapping[str, Sequence[str]] = field(repr=False)
    faults: tuple[Fault, ...]


def read(entries: Iterable[List], folder: Path) -> ListFiles:
    """Read the files that are there; one that is not keeps the stored list."""
    found: list[List] = []
    values: dict[str, Sequence[str]] = {}
    faults: list[Fault] = []
    for entry in entries:
        try:
            kept = lists.distinct(first_column(folder / entry.file)) if entry.file else None
        except FileNotFoundError:
            kept = None
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            kept = None
            faults.append(Fault(join(entry.at, "file"), unreadable(error)))
        if kept == []:
            text = f'"{entry.file}" holds no values. Its first column is the one that is read.'
            faults.append(Fault(join(entry.at, "file"), text))
        elif kept:
            values[entry.name] = kept
            entry = replace(entry, digest=lists.digest_of(kept), size=len(kept))
        found.append(entry)
    return ListFiles(tuple(found), values, tuple(faults))


def first_column(path: Path) -> Iterator[str]:
    if path.exists() and not path.is_file():  # a pipe or a device may never end
        raise OSError(errno.EINVAL, "it is not a file")
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.reader(file)):
            if row and not (number == 0 and is_heading(row[0])):
                yield row[0]


def is_heading(text: str) -> bool:
    return re.sub(r"[^a-z]", "", text.lower()) in HEADINGS and not re.search(r"[0-9@]", text)


def unreadable(error: Exception) -> str:
    """Why a file cannot be read, without a word of what it holds."""
    if isinstance(error, OSError):
        return f"The file cannot be read: {(error.strerror or 'no reason given').lower()}."
    return "The file is not CSV in UTF-8. Save it as that."
