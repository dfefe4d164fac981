"""The files of a manifest's lists: customer ids, emails or phones in their first column."""

from __future__ import annotations

import codecs
import errno
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from manifests.document import List
from manifests.errors import join
from segments import lists
from segments.list_text import UnreadableListError, first_column_of
from segments.rules import Fault


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
        kept = None
        try:
            kept = lists.distinct(first_column(folder / entry.file)) if entry.file else None
        except FileNotFoundError:
            pass
        except UnreadableListError as error:
            faults.append(Fault(join(entry.at, "file"), str(error)))
        except OSError as error:
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
    """Raises OSError, and UnreadableListError for what is no CSV in UTF-8."""
    if path.exists() and not path.is_file():  # a pipe or a device may never end
        raise OSError(errno.EINVAL, "it is not a file")
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise UnreadableListError("It is written in UTF-16. Save it as CSV in UTF-8.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from first_column_of(file)
    except UnicodeDecodeError:
        raise UnreadableListError("It is not text in UTF-8. Save it as CSV in UTF-8.") from None


def unreadable(error: OSError) -> str:
    return f"The file cannot be read: {(error.strerror or 'no reason given').lower()}."
