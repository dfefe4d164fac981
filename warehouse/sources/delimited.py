"""CSV files: read as text, every row and value looked at, then typed."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path

import duckdb

from core.formats import counted as in_words
from warehouse import detection, meanings
from warehouse.detection import Counts, trimmed
from warehouse.engines.wording import reason
from warehouse.errors import TableRefusedError
from warehouse.quoting import literal
from warehouse.sources import Plan, Runner, check_names, ending

SAMPLE = 20_000  # rows that rule types out before all rows are looked at
SHOWN = 5  # faulty rows that are told one by one
REJECTS = 1000  # faulty rows that are noted at all
COLUMNS = 100  # counted in one pass
DELIMITERS = ",;\t|"
HEADER_BYTES = 1 << 20
PIECE = 1 << 20

# What reading a gzip file raises that is cut off, changed or none.
DAMAGED = (OSError, EOFError, zlib.error)
TOO_SHORT = "It ends too early or is damaged. Export it again."

# What stands in rows rather than in a header.
EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
PHONE = r"\+[0-9][0-9 ().-]{6,}"
VALUE = rf"{detection.NUMBER}|0[0-9]+|{detection.DAY}({detection.CLOCK}{detection.ZONE}?)?"
YEAR = r"(19|20)[0-9]{2}"


@dataclass(frozen=True, slots=True)
class Source:
    """A CSV file with a good header."""

    path: Path
    names: Sequence[str]
    delimiter: str

    def text(self, *, rejects: bool = False) -> str:
        """The SQL that reads every value as text. rejects: note faulty rows, do not stop there."""
        columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in self.names)
        compression = "gzip" if ending(self.path) == ".csv.gz" else "none"
        noted = (
            f", ignore_errors = true, store_rejects = true, rejects_limit = {REJECTS}"
            if rejects
            else ""
        )
        return (
            f"read_csv({literal(str(self.path))}, columns = {{{columns}}}, header = true, "
            f"auto_detect = false, delim = {literal(self.delimiter)}, quote = '\"', "
            f"escape = '\"', nullstr = '', strict_mode = true, encoding = 'utf-8', "
            f"compression = '{compression}'{noted})"
        )


def plan(
    connection: duckdb.DuckDBPyConnection, path: Path, run: Runner
) -> Generator[float, None, Plan]:
    """Look at all of the file; yields the share done, returns how to make the table.

    Raises TableRefusedError with line and reason of the first faulty rows.
    """
    source = opened(path)
    try:
        if line := line_with_nul(path):
            raise TableRefusedError(f"Line {line:,}: it holds a NUL character. Export it again.")
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE sample AS "  # noqa: S608
            f"SELECT * FROM {source.text(rejects=True)} LIMIT {SAMPLE}"
        )
        _, sample = yield from counted(
            connection,
            "sample",
            source.names,
            [set(detection.FAMILIES)] * len(source.names),
            run=at_once(connection),
        )
        connection.execute("DROP TABLE sample")
        forget_rejects(connection)
        families = [
            set() if meanings.stays_text(name) else detection.possible(counts)
            for name, counts in zip(source.names, sample, strict=True)
        ]
        rows, counts = yield from counted(
            connection, source.text(rejects=True), source.names, families, run=run
        )
        faults = rejected(connection, path)
    except DAMAGED:
        raise TableRefusedError(TOO_SHORT) from None
    except duckdb.Error as error:
        raise TableRefusedError(trouble(path, error)) from None
    finally:
        forget_rejects(connection)
    if faults:
        raise TableRefusedError(*faults)
    if not rows:
        raise TableRefusedError("It has a header but no rows.")
    kinds = [detection.kind(name, found) for name, found in zip(source.names, counts, strict=True)]
    typed = list(zip(source.names, kinds, strict=True))
    return Plan(
        source.text(),
        [(name, detection.expression(name, kind)) for name, kind in typed],
        [f'"{name}": {kind.note}.' for name, kind in typed if kind.note],
    )


# The header


def opened(path: Path) -> Source:
    """Read the header. Raises TableRefusedError when there is none to go by."""
    try:
        with unpacked(path) as file:
            head = file.read(HEADER_BYTES)
    except PermissionError:
        raise TableRefusedError("It may not be read: give Muster's account the right.") from None
    except DAMAGED:
        raise TableRefusedError("It is damaged or no gzip file. Export it again.") from None
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TableRefusedError("It is written in UTF-16. Save it as CSV in UTF-8.")
    if not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise TableRefusedError("It is empty.")
    first = header(head)
    if re.fullmatch("sep=.", first):
        raise TableRefusedError("Line 1 is a note to Excel, not the columns' names. Take it out.")
    outside_quotes = re.sub(r'"[^"]*"', "", first)
    delimiter = max(DELIMITERS, key=outside_quotes.count)
    try:
        names = next(csv.reader([first], delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration):
        raise TableRefusedError("Line 1 is no header: name every column there.") from None
    names = [name.strip() for name in names]
    if is_data(names):
        raise TableRefusedError("Line 1 is data. Put a line with the columns' names above it.")
    check_names(names)
    return Source(path, names, delimiter)


def is_data(names: Sequence[str]) -> bool:
    """Whether a first line can only be a row: taken for a header, its customer would be lost.

    A number or a day may be the name of a column where another says what the rows are.
    """
    if any(re.fullmatch(EMAIL, name) or re.fullmatch(PHONE, name) for name in names):
        return True
    values = any(re.fullmatch(VALUE, name) and not re.fullmatch(YEAR, name) for name in names)
    return values and not any(map(meanings.is_known, names))


def unpacked(path: Path) -> BufferedIOBase:
    return gzip.open(path) if ending(path) == ".csv.gz" else path.open("rb")


def header(head: bytes) -> str:
    """The first record; a quoted name may go over several lines."""
    quoted, end = False, len(head)
    for position, byte in enumerate(head):
        if byte == ord('"'):
            quoted = not quoted
        elif byte in b"\r\n" and not quoted:
            end = position
            break
    try:
        return head[:end].decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TableRefusedError(f"Line 1: {NOT_UTF8}.") from None


# Counting what the values are


def at_once(connection: duckdb.DuckDBPyConnection) -> Runner:
    """For what is quick: no progress."""

    def run(sql: str) -> Iterator[float]:
        connection.execute(sql)
        yield 0.0

    return run


def counted(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    names: Sequence[str],
    families: Sequence[set[str]],
    *,
    run: Runner,
) -> Generator[float, None, tuple[int, list[Counts]]]:
    """The rows, and for each column how many of its values are what.

    One pass for so many columns at a time that DuckDB plans it quickly.
    """
    rows, found = 0, list[Counts]()
    for first in range(0, len(names), COLUMNS):
        span = slice(first, first + COLUMNS)
        passed = counting(source, names[span], families[span])
        for share in run(passed.sql):
            yield (first + share * len(names[span])) / len(names)
        rows, counts = passed.read(connection.execute("FROM counts").fetchall()[0])
        found += counts
    return rows, found


@dataclass(frozen=True, slots=True)
class Counting:
    """sql: makes the table ``counts``, one row. checks: of each column, by name."""

    sql: str
    checks: Sequence[Sequence[str]]

    def read(self, row: Sequence[int | None]) -> tuple[int, list[Counts]]:
        rows, *values = (value or 0 for value in row)
        left = iter(values)
        return rows, [{name: next(left) for name in column} for column in self.checks]


def counting(source: str, names: Sequence[str], families: Sequence[set[str]]) -> Counting:
    checks = [detection.checks(f"c{n}", families[n]) for n in range(len(names))]
    aggregates = ["count(*)", *(sql for column in checks for sql in column.values())]
    numbered = ", ".join(f"{sql} AS a{n}" for n, sql in enumerate(aggregates))
    values = ", ".join(f"{trimmed(name)} AS c{n}" for n, name in enumerate(names))
    return Counting(
        f"CREATE OR REPLACE TEMP TABLE counts AS SELECT {numbered} "  # noqa: S608
        f"FROM (SELECT {values} FROM {source})",
        [list(column) for column in checks],
    )


# Faulty rows

NOT_UTF8 = "a character is not UTF-8; save the file as CSV in UTF-8"
OPEN_QUOTE = "a quotation mark is out of place: a value in quotes must end with one"

REASONS = {
    "INVALID ENCODING": NOT_UTF8,
    "UNQUOTED VALUE": OPEN_QUOTE,
    "LINE SIZE OVER MAXIMUM": "it is longer than 2 MB; a quotation mark before it may be open",
}


def rejected(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """The first faulty rows in words; none when every row is sound."""
    rows = connection.execute(
        "SELECT line_byte_position, any_value(error_type ORDER BY error_type DESC), "
        "any_value(error_message ORDER BY error_type DESC) "
        "FROM reject_errors GROUP BY line_byte_position ORDER BY line_byte_position"
    ).fetchall()
    lines = line_numbers(path, [position for position, *_ in rows[:SHOWN]])
    faults = [
        f"Line {line:,}: {wording(kind, message)}."
        for line, (_, kind, message) in zip(lines, rows, strict=False)
    ]
    if len(rows) > SHOWN:
        more = len(rows) - SHOWN
        at_least = "at least " if len(rows) >= REJECTS else ""
        faults.append(f"And {at_least}{in_words(more, 'more faulty row')}.")
    return faults


def wording(kind: str, message: str) -> str:
    if found := re.fullmatch(r"Expected Number of Columns: (\d+) Found: (\d+)", message):
        expected, actual = found.groups()
        values, columns = in_words(int(actual), "value"), in_words(int(expected), "column")
        return f"it has {values} where the header names {columns}"
    return REASONS.get(kind, "it cannot be read")


def line_numbers(path: Path, positions: Sequence[int]) -> list[int]:
    """The lines, from 1, on which these bytes of the file stand; positions ascend."""
    lines: list[int] = []
    line, start = 1, 0
    with unpacked(path) as file:
        for piece in iter(lambda: file.read(PIECE), b""):
            while len(lines) < len(positions) and positions[len(lines)] < start + len(piece):
                before = piece[: positions[len(lines)] - start]
                lines.append(line + before.count(b"\n"))
            if len(lines) == len(positions):
                break
            line += piece.count(b"\n")
            start += len(piece)
    return lines + [line] * (len(positions) - len(lines))


def line_with_nul(path: Path) -> int:
    """The first line with a NUL character, which no text has, or 0."""
    start = 0
    with unpacked(path) as file:
        for piece in iter(lambda: file.read(PIECE), b""):
            if (found := piece.find(b"\0")) >= 0:
                return line_numbers(path, [start + found])[0]
            start += len(piece)
    return 0


def trouble(path: Path, error: duckdb.Error) -> str:
    """What stopped the reading as a whole."""
    if "GZIP" in str(error):
        return TOO_SHORT
    if line := mixed_line_end(path):
        return f"Line {line:,}: it ends another way than the first line. Save the file anew."
    return f"It cannot be read as CSV: {reason(error)}."


def mixed_line_end(path: Path) -> int:
    """The first line that ends with another of Windows' and Unix' ends than line 1, or 0."""
    with unpacked(path) as file:
        windows = file.readline().endswith(b"\r\n")
        others = (n for n, line in enumerate(file, 2) if line.endswith(b"\r\n") != windows)
        return next((n for n in others), 0)


def forget_rejects(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("DROP TABLE IF EXISTS reject_errors")
    connection.execute("DROP TABLE IF EXISTS reject_scans")
