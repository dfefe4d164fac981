"""The controls of a criterion's operator and value, and what each of them holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segments.rules.operators import OPERATORS, PERIODS, UNITS, Shape
from segments.rules.values import moment
from segments.sheets import options
from segments.sheets.options import Option
from segments.wording import words

MOMENTS = {
    "date": "the date",
    "time": "the time",
    "days_ago": "days ago",
    "days_from_now": "days from now",
    "today": "today",
}
# Kinds that are picked and stand as a kind above with its days.
PRESETS: dict[str, tuple[str, dict[str, int]]] = {
    "yesterday": ("yesterday", {"days_ago": 1}),
    "tomorrow": ("tomorrow", {"days_from_now": 1}),
    "week": ("a week ago", {"days_ago": 7}),
    "month": ("30 days ago", {"days_ago": 30}),
    "quarter": ("90 days ago", {"days_ago": 90}),
    "year": ("a year ago", {"days_ago": 365}),
}
# Operators of a menu that compare with an uploaded list; in the rule they are those of a list
# of values.
OF_A_LIST = {"is_in list": "is a member of", "is_not_in list": "is not a member of"}


@dataclass(frozen=True, slots=True)
class Operand:
    """The controls of a value. kind: the template's branch; parts: what each control holds."""

    kind: str
    parts: Sequence[Any] = ()
    options: Sequence[Option] = ()
    column: str = ""  # "table.column" whose values can be picked
    numbers: bool = False  # such values are numbers: no list holds them
    after: str = ""


def operator_of(node: Mapping[str, Any]) -> str:
    return str(node.get("operator", "at_least" if "event" in node else ""))


def operators(node: Mapping[str, Any], type: str, lists: Sequence[str]) -> list[Option]:
    """The menu of operators; lists: the names of uploaded lists."""
    current = operator_of(node)
    listed = isinstance(node.get("value"), Mapping) and "list" in node["value"]
    chosen = f"{current} list" if listed else current
    known = [(each, words.OPERATORS[each]) for each in OPERATORS.get(type, {})]
    if type == "text" and (lists or listed):
        known[2:2] = OF_A_LIST.items()
    found = list(options.chosen(known, chosen))
    if type and not any(each["selected"] for each in found):
        found.insert(0, {"value": current, "text": current, "selected": True})
    return found


def operand(
    node: Mapping[str, Any], type: str, column: str, lists: Sequence[str]
) -> Operand | None:
    """The controls of the value, None where the operator takes none."""
    shape = OPERATORS.get(type, {}).get(operator_of(node))
    value = node.get("value", 1 if "event" in node else None)
    count = "event" in node and node.get("measure", "count") == "count"
    after = ("time" if value == 1 else "times") if count else ""
    if shape is Shape.MANY:
        if isinstance(value, Mapping):
            return _list(str(value.get("list") or ""), lists, column)
        values = value if isinstance(value, list | tuple) else []
        return _several(values, type, column, after)
    if shape is Shape.PAIR and type == "number":
        return Operand("numbers", [_blank(each) for each in _two(value)], after=after)
    if shape is Shape.PAIR:
        return Operand("moments", [_moment(each, type) for each in _two(value)])
    if shape is Shape.SPAN:
        span = value if isinstance(value, Mapping) else {}
        return Operand("span", [_blank(span.get("n"))], units(str(span.get("unit"))))
    if shape is Shape.PERIOD:
        periods = [(each, each) for each in PERIODS]
        return Operand("period", options=list(options.chosen(periods, str(value))))
    if shape is Shape.ONE and type in ("date", "time"):
        return Operand("moments", [_moment(value, type)])
    if shape is Shape.ONE and operator_of(node) in ("is", "is_not") and _real(type, column):
        return _one(value, type, column)
    if shape is Shape.ONE and type == "number":
        return Operand("numbers", [_blank(value)], after=after)
    if shape in (Shape.ONE, Shape.PATTERN):
        return Operand("text", [_blank(value)])
    return None


def typed(
    node: Mapping[str, Any], type: str, column: str, held: Sequence[str], lists: Sequence[str]
) -> Operand | None:
    """The controls as they were left, for an edit that was refused. held: what they sent."""
    shape = OPERATORS.get(type, {}).get(operator_of(node))
    if shape is Shape.SPAN:
        return Operand("span", held[:1], units(held[1] if len(held) > 1 else ""))
    if type in ("date", "time"):
        pairs = [held[i : i + 2] for i in range(0, len(held), 2)]
        return Operand("moments", [_shown(type, kind, *rest) for kind, *rest in pairs])
    if shape is Shape.MANY:
        return _several(held, type, column)
    if type == "number" and not (operator_of(node) in ("is", "is_not") and column):
        return Operand("numbers", list(held))
    return operand({**node, "value": next(iter(held), "")}, type, column, lists)


def units(unit: str) -> list[Option]:
    return list(options.chosen([(each, each) for each in UNITS], unit))


def _several(values: Sequence[Any], type: str, column: str, after: str = "") -> Operand:
    return Operand("many", values, _picked(values), _real(type, column), type == "number", after)


def _one(value: Any, type: str, column: str) -> Operand:
    values = [] if value in (None, "") else [value]
    return Operand("one", values, _picked(values), _real(type, column), type == "number")


def _real(type: str, column: str) -> str:
    """The column whose real values are offered: words and numbers."""
    return column if type in ("text", "number") else ""


def _picked(values: Sequence[Any]) -> list[Option]:
    return [{"value": str(each), "text": str(each), "selected": True} for each in values]


def _list(name: str, lists: Sequence[str], column: str) -> Operand:
    return Operand("list", [name], options.named(name, name in lists), column)


def _two(value: Any) -> list[Any]:
    values = list(value) if isinstance(value, list | tuple) else []
    return [*values, None, None][:2]


def _blank(value: Any) -> Any:
    return "" if value is None else value


def _moment(value: Any, type: str) -> dict[str, Any]:
    if value == "today":
        return _shown(type, "today")
    if isinstance(value, Mapping):
        kind = next((each for each in ("days_ago", "time") if each in value), "days_from_now")
        return _shown(type, kind, _blank(value.get(kind)))
    text = str(value or "")
    return _shown(type, "time" if moment(text) else "date", text.replace(" ", "T", 1))


def _shown(type: str, kind: str, text: Any = "") -> dict[str, Any]:
    return {"kinds": list(_kinds(type, kind)), "kind": kind, "text": text}


def _kinds(type: str, kind: str) -> Iterator[Option]:
    known = [(each, text) for each, text in MOMENTS.items() if type == "time" or each != "time"]
    if kind == "time" and type != "time":
        known.append((kind, MOMENTS[kind]))  # it was written in a file
    known += [(each, text) for each, (text, _) in PRESETS.items()]
    return options.chosen(known, kind)
