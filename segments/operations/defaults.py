"""What a criterion begins with, and what is kept of it when it compares otherwise."""

from __future__ import annotations

from typing import Any

from segments.operations import typed
from segments.operations.draft import Node
from segments.rules.operators import OPERATORS, Shape

OPERATOR = {
    "text": "is_in",
    "number": "at_least",
    "date": "is_in_last",
    "time": "is_in_last",
    "yes_no": "is_true",
}
SPAN: dict[str, Any] = {"n": 30, "unit": "days"}
PERIOD: dict[str, Any] = {"last": 90, "unit": "days"}


def compare(criterion: Node, type: str, operator: str = "") -> None:
    """Give it an operator of the type, '' for the one that most people want, and no value."""
    criterion["operator"] = typed.one_of(operator, OPERATORS[type]) if operator else OPERATOR[type]
    criterion.pop("ignore_case", None)
    empty(criterion, OPERATORS[type][criterion["operator"]], None)


def empty(criterion: Node, shape: Shape, old: Shape | None) -> None:
    """Give it an empty value of that shape; what was typed goes on where it fits."""
    value = criterion.pop("value", None)
    if shape is Shape.MANY:
        kept = value if old in (Shape.ONE, Shape.PATTERN) and value not in (None, "") else None
        criterion["value"] = [kept] if isinstance(kept, str | int | float) else []
    elif shape is Shape.PAIR:
        criterion["value"] = [value if old is Shape.ONE and value != "" else None, None]
    elif shape is Shape.SPAN:
        criterion["value"] = dict(SPAN)
    elif shape is Shape.PERIOD:
        criterion["value"] = "month"
    elif shape in (Shape.ONE, Shape.PATTERN):
        first = value[0] if isinstance(value, list) and value else None
        criterion["value"] = value if old in (Shape.ONE, Shape.PATTERN) else first or ""
