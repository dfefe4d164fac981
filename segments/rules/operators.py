"""The operators of each type and the shape of value that each takes."""

from __future__ import annotations

from enum import Enum

UNITS = ("days", "weeks", "months", "years")
PERIODS = ("week", "month", "quarter", "year")
WHICH = ("any", "first", "last", "repeat")
MEASURES = (
    "count",
    "total",
    "average",
    "lowest",
    "highest",
    "first",
    "last",
    "most_frequent",
)
OF_A_NUMBER = ("total", "average", "lowest", "highest")


class Shape(Enum):
    """What an operator compares with."""

    ONE = "one value"
    MANY = "a list of values"
    PAIR = "two values, [low, high]"
    PATTERN = "a regular expression"
    SPAN = "{n, unit}"
    PERIOD = "week, month, quarter or year"
    NOTHING = "no value"


_EVERY = {"is_blank": Shape.NOTHING, "is_not_blank": Shape.NOTHING}
_MOMENTS = {
    "is_on": Shape.ONE,
    "is_not_on": Shape.ONE,
    "is_before": Shape.ONE,
    "is_on_or_before": Shape.ONE,
    "is_after": Shape.ONE,
    "is_on_or_after": Shape.ONE,
    "is_between": Shape.PAIR,
    "is_not_between": Shape.PAIR,
    "is_in_last": Shape.SPAN,
    "is_not_in_last": Shape.SPAN,
    "is_in_next": Shape.SPAN,
    "is_not_in_next": Shape.SPAN,
    "has_anniversary_in_next": Shape.SPAN,
    "has_anniversary_today": Shape.NOTHING,
    "is_in_this": Shape.PERIOD,
    "is_in_previous": Shape.PERIOD,
    **_EVERY,
}

# type (a value of warehouse.models.Type) -> operator -> shape, in the order a menu shows them
OPERATORS: dict[str, dict[str, Shape]] = {
    "text": {
        "is_in": Shape.MANY,
        "is_not_in": Shape.MANY,
        "is": Shape.ONE,
        "is_not": Shape.ONE,
        "contains": Shape.ONE,
        "does_not_contain": Shape.ONE,
        "starts_with": Shape.ONE,
        "does_not_start_with": Shape.ONE,
        "ends_with": Shape.ONE,
        "does_not_end_with": Shape.ONE,
        "matches": Shape.PATTERN,
        "does_not_match": Shape.PATTERN,
        **_EVERY,
    },
    "number": {
        "at_least": Shape.ONE,
        "at_most": Shape.ONE,
        "greater_than": Shape.ONE,
        "less_than": Shape.ONE,
        "is": Shape.ONE,
        "is_not": Shape.ONE,
        "between": Shape.PAIR,
        "is_not_between": Shape.PAIR,
        "is_in": Shape.MANY,
        "is_not_in": Shape.MANY,
        **_EVERY,
    },
    "date": _MOMENTS,
    "time": _MOMENTS,
    "yes_no": {"is_true": Shape.NOTHING, "is_false": Shape.NOTHING, **_EVERY},
}

# Each negative operator is the exact opposite of its positive, so it matches a blank.
OPPOSITE = {
    "is_not": "is",
    "is_not_in": "is_in",
    "does_not_contain": "contains",
    "does_not_start_with": "starts_with",
    "does_not_end_with": "ends_with",
    "does_not_match": "matches",
    "is_not_on": "is_on",
    "is_not_in_last": "is_in_last",
    "is_not_in_next": "is_in_next",
    "is_not_blank": "is_blank",
}


def opposite(operator: str, type: str) -> str:
    """The positive operator that a negative one turns round, or '' for a positive one."""
    if operator == "is_not_between":
        return "between" if type == "number" else "is_between"
    return OPPOSITE.get(operator, "")


# Shapes of every operator, whatever the type: all that is known without a catalogue.
SHAPES: dict[str, set[Shape]] = {}
for _operators in OPERATORS.values():
    for _name, _shape in _operators.items():
        SHAPES.setdefault(_name, set()).add(_shape)
