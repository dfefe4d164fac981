"""CSV that spreadsheets open."""

import re

FORMULA = r"^[=+@\t\r-]"  # text that one would take for a formula: an apostrophe goes before it


def harmless(text: str) -> str:
    """The text as no spreadsheet takes it for a formula."""
    return f"'{text}" if re.match(FORMULA, text) else text
