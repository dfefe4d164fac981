"""An engine's own message, fit to be shown: without values of customers."""

from __future__ import annotations

import re

LITERAL = re.compile(r"'(?:[^']|'')*'")
ADDRESS = re.compile(r"\S+@\S+")
DIGITS = re.compile(r"\+?\d[\d\s().-]{5,}\d")
QUOTED = re.compile(r'"[^"]*"')
DATA_EXCEPTION = "22"  # the class of SQLSTATE in which PostgreSQL quotes the value it cannot read


def reason(error: Exception) -> str:
    """The first line, with literals, addresses and long numbers taken out.

    Names of tables and columns stay: engines write them in double quotes, as PostgreSQL does
    with the values that it cannot read.
    """
    lines = str(error).strip().splitlines()
    text = lines[0] if lines else type(error).__name__
    patterns = [LITERAL, ADDRESS, DIGITS]
    if (getattr(error, "sqlstate", None) or "").startswith(DATA_EXCEPTION):
        patterns.append(QUOTED)
    for pattern in patterns:
        text = pattern.sub("…", text)
    return text.rstrip(". ")[:300]
