"""What is wrong with a segment's SQL, in words beside its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import MusterError


@dataclass(frozen=True, slots=True)
class Problem:
    """line, column: from 1 where the words apply; 0 for the whole statement."""

    text: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"Line {self.line}, column {self.column}: {self.text}" if self.line else self.text


class SqlError(MusterError):
    """SQL that does not give customers."""


class SqlRefusedError(SqlError):
    """SQL that is not run. problems: every one found."""

    def __init__(self, problems: Sequence[Problem]):
        super().__init__(problems)
        self.problems = list(problems)

    def __str__(self) -> str:
        return " ".join(str(problem) for problem in self.problems)


class SqlFailedError(SqlError):
    """SQL that the engine could not run. reason: without values of customers."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"The warehouse could not run this SQL: {self.reason}."


class SqlTooLongError(SqlError):
    def __init__(self, seconds: int):
        super().__init__(seconds)
        self.seconds = seconds

    def __str__(self) -> str:
        return (
            f"This SQL took longer than {self.seconds} seconds and was stopped. Join on keys, "
            "read fewer rows, or ask an admin for more time."
        )


class SqlTooLargeError(SqlError):
    def __str__(self) -> str:
        return (
            "This SQL needs more memory or disk space than a segment may take. "
            "Read fewer rows or columns, or aggregate before joining."
        )
