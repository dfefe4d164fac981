"""CSV that spreadsheets open."""

FORMULA = r"^[=+@\t\r-]"  # text that one would take for a formula: an apostrophe goes before it
