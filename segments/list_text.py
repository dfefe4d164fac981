"""The values of a list out of what was uploaded or pasted."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from io import TextIOWrapper
from typing import IO, TextIO

from core.errors import MusterError

# What the first line of a file says when it is a heading and no value.
HEADINGS = frozenset(
    ["customerid", "customer", "id", "email", "emailaddress", "phone", "phonenumber", "value"]
)
SEPARATORS = ",;\t|"
LONGEST = 1_000_000  # values of a list that is pasted or uploaded in the editor


class UnreadableListError(MusterError):
    """Why a file is no list, in words and without a word of what it holds."""


class TooLongError(MusterError):
    def __str__(self) -> str:
        return f"It holds more than {LONGEST:,} values. Split it into several lists."


def uploaded(file: IO[bytes]) -> list[str]:
    """The first column of an uploaded CSV. Raises UnreadableListError, TooLongError."""
    head = file.read(2)
    file.seek(0)
    if head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise UnreadableListError("It is written in UTF-16. Save it as CSV in UTF-8.")
    if head == b"PK":
        raise UnreadableListError("It is a spreadsheet. Save it as CSV in UTF-8.")
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        return _few(first_column_of(text))
    except UnicodeDecodeError:
        raise UnreadableListError("It is not text in UTF-8. Save it as CSV in UTF-8.") from None
    finally:
        text.detach()


def pasted(text: str) -> list[str]:
    """The values of a text: its lines, tabs and commas part them. Raises TooLongError."""
    return _few(part.strip() for part in re.split(r"[\n\r\t,;]+", text))


def _few(values: Iterator[str]) -> list[str]:
    found: dict[str, None] = {}
    for value in values:
        if value.strip():
            found[value.strip()] = None
        if len(found) > LONGEST:
            raise TooLongError
    return list(found)


def first_column_of(file: TextIO) -> Iterator[str]:
    """The first column of a CSV, whatever separates it, without a heading.

    Raises UnreadableListError.
    """
    separator = first_separator(file.readline())
    file.seek(0)
    rows = csv.reader(file, delimiter=separator, strict=True)
    try:
        for number, row in enumerate(rows):
            if row and not (number == 0 and is_heading(row[0])):
                yield row[0]
    except csv.Error:
        text = f"A quotation mark is out of place, in line {rows.line_num:,} or before it."
        raise UnreadableListError(text) from None


def first_separator(line: str) -> str:
    """What ends the first value of a line; the others may hold the other signs."""
    outside_quotes = re.sub(r'"[^"]*"', "", line)
    found = re.search(f"[{SEPARATORS}]", outside_quotes)
    return found.group() if found else ","


def is_heading(text: str) -> bool:
    return re.sub(r"[^a-z]", "", text.lower()) in HEADINGS and not re.search(r"[0-9@]", text)
