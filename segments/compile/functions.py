"""Functions that engines spell differently: marks in an expression, put into words by dialects."""

from __future__ import annotations

import ibis


@ibis.udf.scalar.builtin
def muster_trim(text: str) -> str:  # type: ignore[empty-body]
    """The text without the six white spaces of ASCII around it."""


@ibis.udf.scalar.builtin
def muster_lower(text: str) -> str:  # type: ignore[empty-body]
    """Lower case letter by letter, whatever the database's locale."""


@ibis.udf.scalar.builtin
def muster_matches(text: str, pattern: str) -> bool:  # type: ignore[empty-body]
    """Whether the expression is found anywhere in the text, upper and lower case told apart."""


@ibis.udf.scalar.builtin
def muster_matches_any_case(text: str, pattern: str) -> bool:  # type: ignore[empty-body]
    """Whether the expression is found anywhere in the text, in whatever case."""


@ibis.udf.scalar.builtin
def muster_in_order(text: str) -> str:  # type: ignore[empty-body]
    """The text, sorted by code point whatever the database's locale."""
