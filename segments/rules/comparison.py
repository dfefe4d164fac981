"""What a criterion compares with: its operator and its value."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from core.nearest import did_you_mean
from segments.rules import fields
from segments.rules.faults import Faults, listed
from segments.rules.fields import at, in_words, shown
from segments.rules.nodes import InList, Relative, Scalar, Span, Value
from segments.rules.operators import OPERATORS, PERIODS, SHAPES, Shape
from segments.rules.patterns import problem
from segments.rules.values import day, is_number, moment, plain


@dataclass(frozen=True, slots=True)
class Comparison:
    """Reads operators and values.

    type: of what is compared, '' when the catalogue is not asked; lists: the names of
    uploaded lists, None when they are not asked; faults: where what is wrong is added.
    """

    type: str
    lists: Collection[str] | None
    faults: Faults

    def read(self, json: Mapping[str, Any], path: str, of: str) -> tuple[str, Value]:
        """Operator and value; the operator is '' when one of them cannot be read.

        json: the criterion; of: what is compared, in words.
        """
        operator = plain(json.get("operator"))
        known = OPERATORS[self.type] if self.type else SHAPES
        if operator is None:
            self.faults.add(at(path, "operator"), f"Say how it compares: {listed(known)}.")
            return "", None
        if not isinstance(operator, str) or operator not in known:
            hint = did_you_mean(str(operator), known) or f" Use {listed(known)}."
            what = f"{of} is {_a_type(self.type)}; " if self.type else ""
            self.faults.add(
                at(path, "operator"), f'{what}"{operator}" is not an operator of it.{hint}'
            )
            return "", None
        shapes = {OPERATORS[self.type][operator]} if self.type else SHAPES[operator]
        known_faults = len(self.faults)
        value = self._value(json.get("value"), at(path, "value"), operator, shapes)
        return ("" if len(self.faults) > known_faults else operator), value

    def _value(self, json: Any, path: str, operator: str, shapes: set[Shape]) -> Value:
        shape = next(iter(shapes))
        if shape is Shape.NOTHING:
            if json is not None:
                self.faults.add(path, f"{operator} takes no value. Leave it out.")
            return None
        if json is None:
            self.faults.add(path, f"{operator} compares with {shape.value}. Write it as value.")
            return None
        if shape is Shape.SPAN:
            return self._span(json, path)
        if shape is Shape.PERIOD:
            if json not in PERIODS:
                self.faults.add(
                    path, f"{operator} takes {listed(PERIODS)}.{did_you_mean(str(json), PERIODS)}"
                )
                return None
            return str(json)
        if shape is Shape.MANY:
            return self._many(json, path, operator)
        if shape is Shape.PAIR:
            return self._pair(json, path, operator)
        if isinstance(json, list | tuple):
            self.faults.add(path, f"{operator} compares with one value, not with a list.")
            return None
        value = self._scalar(json, path)
        if shape is Shape.PATTERN and isinstance(value, str) and (text := problem(value)):
            self.faults.add(path, f"It is no regular expression that can be read (RE2): {text}.")
        return value

    def _many(self, json: Any, path: str, operator: str) -> Value:
        if isinstance(json, Mapping):
            name = json.get("list")
            if set(json) != {"list"} or not isinstance(name, str):
                self.faults.add(
                    path, "Write a list of values, or {list: NAME} for an uploaded list."
                )
                return None
            if self.type not in ("", "text"):
                self.faults.add(path, f"Uploaded lists hold text; this is {_a_type(self.type)}.")
            elif self.lists is not None and name not in self.lists:
                self.faults.add(
                    at(path, "list"), f'There is no list "{name}".{did_you_mean(name, self.lists)}'
                )
            return InList(name)
        if not isinstance(json, list | tuple):
            self.faults.add(path, f"{operator} compares with a list of values. Write it as [...].")
            return None
        if not json:
            self.faults.add(path, "The list is empty. Name at least one value.")
            return None
        values = [self._scalar(each, f"{path}[{index}]") for index, each in enumerate(json)]
        return tuple(value for value in values if value is not None)

    def _pair(self, json: Any, path: str, operator: str) -> Value:
        if not isinstance(json, list | tuple) or len(json) != 2:
            count = f", not {len(json)}" if isinstance(json, list | tuple) else ""
            self.faults.add(path, f"{operator} compares with two values, [low, high]{count}.")
            return None
        low, high = (self._scalar(each, f"{path}[{index}]") for index, each in enumerate(json))
        if low is None or high is None:
            return None
        if _backwards(low, high):
            self.faults.add(
                path, f"It ends ({json[1]}) before it begins ({json[0]}). Turn the two round."
            )
        return (low, high)

    def _scalar(self, json: Any, path: str) -> Scalar | None:
        json = plain(json)
        if self.type == "number":
            if is_number(json):
                return json  # type: ignore[no-any-return]
            self.faults.add(path, f"Write a number, not {in_words(json)}.")
            return None
        if self.type == "text":
            if isinstance(json, str):
                return json
            self.faults.add(path, f'Write a text, as "{json}" in quotes, not {in_words(json)}.')
            return None
        if isinstance(json, Mapping):
            return self._relative(json, path)
        if self.type in ("date", "time"):
            if isinstance(json, str) and (json == "today" or day(json) or moment(json)):
                return json
            self.faults.add(
                path,
                f"{shown(json)} is no date or time. Write 2026-12-31, 2026-12-31 09:00, today, "
                "{days_ago: N} or {days_from_now: N}.",
            )
            return None
        if isinstance(json, str) or is_number(json):
            return json  # type: ignore[no-any-return]
        self.faults.add(path, f"Write a text, a number or a date, not {in_words(json)}.")
        return None

    def _relative(self, json: Mapping[str, Any], path: str) -> Relative | None:
        if set(json) not in ({"days_ago"}, {"days_from_now"}):
            self.faults.add(path, "Write {days_ago: N} or {days_from_now: N}.")
            return None
        ago = "days_ago" in json
        key = "days_ago" if ago else "days_from_now"
        n = fields.count(json[key], at(path, key), self.faults)
        return None if n is None else Relative(-n if ago else n, ago)

    def _span(self, json: Any, path: str) -> Span | None:
        if not isinstance(json, Mapping) or set(json) != {"n", "unit"}:
            self.faults.add(path, "Write {n: 30, unit: days}.")
            return None
        n = fields.count(json["n"], at(path, "n"), self.faults)
        unit = fields.unit(json["unit"], at(path, "unit"), self.faults)
        return Span(n, unit) if n is not None and unit else None

    def ignores_case(self, json: Mapping[str, Any], path: str) -> bool:
        """Whether upper and lower case are the same to the criterion."""
        if "ignore_case" in json and self.type not in ("", "text"):
            self.faults.add(
                at(path, "ignore_case"),
                f"Only text has upper and lower case; this is {_a_type(self.type)}.",
            )
        return fields.yes_no(json, "ignore_case", path, True, self.faults)


def _a_type(type: str) -> str:
    return {
        "text": "a text",
        "number": "a number",
        "date": "a date",
        "time": "a date and time",
        "yes_no": "a yes or no",
    }[type]


def _backwards(low: Scalar, high: Scalar) -> bool:
    """Whether a pair surely ends before it begins."""
    match low, high:
        case Relative(), Relative():
            return low.offset > high.offset
        case "today", Relative():
            return high.offset < 0
        case Relative(), "today":
            return low.offset > 0
        case str(), str():
            first, last = moment(low), moment(high)
            if first and last and (first.tzinfo is None) == (last.tzinfo is None):
                return first > last
            if day(low[:10]) and day(high[:10]) and not (first and last):
                return low[:10] > high[:10]
            return False
        case ((int() | float()), (int() | float())):
            return low > high
    return False
