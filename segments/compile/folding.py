"""Text as comparisons see it: white space around and case ignored; the Python side."""

WHITE = " \t\n\v\f\r"  # the six of ASCII


def trimmed(text: str) -> str:
    return text.strip(WHITE)


def folded(text: str) -> str:
    """Lower case letter by letter, as the engines have it: one letter becomes one letter."""
    return "".join("i" if letter == "İ" else letter.lower() for letter in trimmed(text))
