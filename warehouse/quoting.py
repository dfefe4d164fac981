"""Names and texts as SQL writes them."""

from __future__ import annotations

SPACE = r"E' \t\n\r\x0B\x0C'"  # the white space that is none of a value, as a literal


def identifier(name: str) -> str:
    """The name of a table or column in quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text between apostrophes."""
    return "'" + text.replace("'", "''") + "'"
