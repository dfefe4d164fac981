"""An engine's own message, fit to be shown: without values of customers."""

from __future__ import annotations

import re

LITERAL = re.compile(r"'(?:[^']|'')*'")
ADDRESS = re.compile(r"\S+@\S+")
DIGITS = re.compile(r"\+?\d[\d\s().-]{5,}\d")


def reason(error: Exception) -> str:
    """The first line, with literals, addresses and long numbers taken out.

    Names of tables and columns stay: engines write them in double quotes.
    """
    lines = str(error).strip().splitlines()
    text = lines[0] if lines else type(error).__name__
    for pattern in (LITERAL, ADDRESS, DIGITS):
        text = pattern.sub("…", text)
    return text.rstrip(". ")[:300]
