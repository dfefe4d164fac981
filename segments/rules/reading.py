"""From JSON to nodes, with every fault found on the way."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from core.nearest import did_you_mean
from segments.rules.checking import Columns
from segments.rules.faults import Fault, RuleError, listed
from segments.rules.nodes import (
    All,
    AnyOf,
    Attribute,
    Between,
    Event,
    InList,
    InSegment,
    Last,
    NoneOf,
    Relative,
    Rule,
    Scalar,
    Span,
    Sql,
    Value,
)
from segments.rules.operators import (
    MEASURES,
    OF_A_NUMBER,
    OPERATORS,
    PERIODS,
    SHAPES,
    UNITS,
    WHICH,
    Shape,
)
from segments.rules.patterns import problem
from segments.rules.values import day, is_number, moment, plain
from segments.sql.reading import problems
from warehouse.catalogue import Catalogue

GROUPS: dict[str, type[All] | type[AnyOf] | type[NoneOf]] = {
    "all": All,
    "any": AnyOf,
    "none": NoneOf,
}
_COMMON = ("off", "id")
KEYS: dict[str, tuple[str, ...]] = {
    **{word: (word, *_COMMON) for word in GROUPS},
    "attribute": ("attribute", "operator", "value", "ignore_case", *_COMMON),
    "event": (
        *("event", "where", "period", "which", "measure", "of"),
        *("operator", "value", "ignore_case", *_COMMON),
    ),
    "segment": ("segment", *_COMMON),
    "sql": ("sql", *_COMMON),
}
DEPTH = 50
FURTHEST = 100_000  # of relative days: what calendars can still hold


def parse(json: Any) -> Rule:
    """The nodes of a rule. Raises RuleError when it is not one, whatever the catalogue."""
    reader = Reader()
    rule = reader.rule(json, "")
    if rule is None or reader.faults:
        raise RuleError(reader.faults)
    return rule


def check(
    json: Any,
    catalogue: Catalogue,
    segments: Mapping[str, Any] | Collection[str] = (),
    lists: Collection[str] = (),
    name: str = "",
) -> list[Fault]:
    """Every fault of a rule, each with its path in the tree; none: it can be counted.

    segments: the rules by name (then circles are found too), or the names alone.
    lists: the names of lists. name: the rule's own, for a circle back to itself.
    What is off counts as absent: only its form is checked.
    """
    reader = Reader(Columns(catalogue), segments, lists, name)
    reader.rule(json, "")
    return reader.faults


class Reader:
    """Reads a tree once; columns: what the catalogue knows, None to look at the form alone."""

    def __init__(
        self,
        columns: Columns | None = None,
        segments: Mapping[str, Any] | Collection[str] = (),
        lists: Collection[str] = (),
        name: str = "",
    ):
        self.columns = columns
        self.segments = segments
        self.lists = lists
        self.name = name
        self.faults: list[Fault] = []

    def fault(self, path: str, text: str) -> None:
        self.faults.append(Fault(path, text))

    # Nodes

    def rule(self, json: Any, path: str, event: str = "", depth: int = 0) -> Rule | None:
        """One node. event: the table whose rows a ``where`` is about."""
        if not isinstance(json, Mapping):
            self.fault(path, f"A rule is a mapping, such as {{all: [...]}}; this is {_kind(json)}.")
            return None
        if depth > DEPTH:
            self.fault(path, f"Groups are nested more than {DEPTH} deep.")
            return None
        kind = self._kind_of(json, path)
        if not kind:
            return None
        for key in json:
            if key not in KEYS[kind]:
                hint = did_you_mean(str(key), KEYS[kind]) or f" It takes {listed(KEYS[kind][:-1])}."
                self.fault(
                    _at(path, key), f'"{key}" does not belong to a criterion "{kind}".{hint}'
                )
        off = self._yes_no(json, "off", path, default=False)
        columns, self.columns = self.columns, None if off else self.columns
        try:
            return self._node(kind, json, path, event, depth, off)
        finally:
            self.columns = columns

    def _kind_of(self, json: Mapping[str, Any], path: str) -> str:
        kinds = [key for key in KEYS if key in json]
        if len(kinds) == 1:
            return kinds[0]
        if kinds:
            self.fault(path, f"{listed(kinds).replace(' or ', ' and ')} cannot stand in one node.")
            return ""
        hint = next(filter(None, (did_you_mean(str(key), KEYS) for key in json)), "")
        self.fault(path, f"A rule has one of {listed(KEYS)}.{hint}")
        return ""

    def _node(
        self, kind: str, json: Mapping[str, Any], path: str, event: str, depth: int, off: bool
    ) -> Rule | None:
        id = str(json.get("id", ""))
        if kind in GROUPS:
            rules = json[kind]
            if not isinstance(rules, list | tuple):
                self.fault(_at(path, kind), f"Write a list of rules, not {_kind(rules)}.")
                return None
            nodes = [
                self.rule(each, f"{_at(path, kind)}[{index}]", event, depth + 1)
                for index, each in enumerate(rules)
            ]
            return GROUPS[kind](tuple(node for node in nodes if node is not None), off, id)
        if kind == "attribute":
            return self._attribute(json, path, event, off, id)
        if event:
            self.fault(
                path,
                f"What an event is about is told by attributes of {event} and the tables "
                f"it leads to; {kind} stands outside of where.",
            )
            return None
        if kind == "event":
            return self._event(json, path, depth, off, id)
        if kind == "sql":
            return self._sql(json, path, off, id)
        return self._segment(json, path, off, id)

    def _attribute(
        self, json: Mapping[str, Any], path: str, event: str, off: bool, id: str
    ) -> Attribute | None:
        attribute = self._text(json, "attribute", path)
        if attribute is None:
            return None
        type = ""
        if self.columns is not None:
            text, type = self.columns.attribute(attribute, event)
            if text:
                self.fault(_at(path, "attribute"), text)
        operator, value = self._comparison(json, path, type, attribute)
        ignore_case = self._ignore_case(json, path, type)
        return Attribute(attribute, operator, value, ignore_case, off, id) if operator else None

    def _event(
        self, json: Mapping[str, Any], path: str, depth: int, off: bool, id: str
    ) -> Event | None:
        table = self._text(json, "event", path)
        if table is None:
            return None
        columns = self.columns
        if columns is not None and (text := columns.event(table)):
            self.fault(_at(path, "event"), text)
            self.columns = None
        where = json.get("where")
        node = self.rule(where, _at(path, "where"), table, depth + 1) if where is not None else None
        period = self._period(json.get("period"), _at(path, "period"))
        which = self._word(json, "which", path, WHICH, "any")
        measure = self._word(json, "measure", path, MEASURES, "count")
        if self.columns is not None and not self.columns.has_time(table):
            for key, given in (("period", period), ("which", which != "any")):
                if given:
                    self.fault(_at(path, key), f"{table} has no column that says when it was.")
        of, type = self._of(json, path, table, measure)
        if measure == "count" and "operator" not in json and "value" in json:
            json = {**json, "operator": "at_least"}
        if "operator" in json or "value" in json:
            operator, value = self._comparison(json, path, type, measure.replace("_", " "))
        elif measure == "count":
            operator, value = "at_least", 1
        else:
            operator, value = "", None
            self.fault(_at(path, "operator"), f"Say what the {measure} is compared with.")
        ignore_case = self._ignore_case(json, path, type)
        if not operator:
            return None
        return Event(table, node, period, which, measure, of, operator, value, ignore_case, off, id)

    def _of(self, json: Mapping[str, Any], path: str, table: str, measure: str) -> tuple[str, str]:
        """The measured column and the type of the result ('' when the catalogue is not asked)."""
        of = ""
        if json.get("of") is not None:
            of = self._text(json, "of", path) or ""
            if measure in ("count", "first", "last"):
                self.fault(
                    _at(path, "of"),
                    f"{measure} is about the events themselves; "
                    f"of goes with {listed((*OF_A_NUMBER, 'most_frequent'))}.",
                )
        elif measure == "most_frequent":
            self.fault(_at(path, "of"), "Say which column's most frequent value is meant.")
        if measure == "count":
            return of, "number"
        if self.columns is None:
            return of, ""
        text, type = self.columns.measured(table, measure, of)
        if text:
            self.fault(_at(path, "of" if measure not in ("first", "last") else "measure"), text)
        return of, type

    def _period(self, json: Any, path: str) -> Last | Between | None:
        if json is None:
            return None
        if not isinstance(json, Mapping):
            self.fault(path, "Write {last: N, unit: days} or {from: DATE, to: DATE}.")
            return None
        keys = ("last", "unit") if "last" in json or "unit" in json else ("from", "to")
        for key in json:
            if key not in keys:
                hint = did_you_mean(str(key), ("last", "unit", "from", "to"))
                self.fault(
                    _at(path, key),
                    f'"{key}" does not belong to a period: '
                    f"{{last: N, unit: days}} or {{from: DATE, to: DATE}}.{hint}",
                )
        if keys == ("last", "unit"):
            n = self._count(json.get("last"), _at(path, "last"))
            unit = self._unit(json.get("unit"), _at(path, "unit"))
            return Last(n, unit) if n is not None and unit else None
        days = {}
        for key in keys:
            text = plain(json.get(key))
            text = "" if text is None else text
            if not isinstance(text, str) or (text and day(text) is None):
                self.fault(_at(path, key), f"{text} is not a date. Write one as 2026-12-31.")
                return None
            days[key] = text
        if not any(days.values()):
            self.fault(path, "Write {last: N, unit: days} or {from: DATE, to: DATE}.")
            return None
        if all(days.values()) and days["from"] > days["to"]:
            self.fault(
                path,
                f"It ends ({days['to']}) before it begins ({days['from']}). Change one of the two.",
            )
        return Between(days["from"], days["to"])

    def _segment(self, json: Mapping[str, Any], path: str, off: bool, id: str) -> InSegment | None:
        name = self._text(json, "segment", path)
        if name is None:
            return None
        if self.columns is not None:
            if name not in self.segments and name != self.name:
                self.fault(
                    _at(path, "segment"),
                    f'There is no segment "{name}".{did_you_mean(name, self.segments)}',
                )
            elif chain := _circle(name, self.segments, self.name):
                self.fault(
                    _at(path, "segment"),
                    f"Segments run in a circle: {' -> '.join(chain)}. Take one of them out.",
                )
        return InSegment(name, off, id)

    def _sql(self, json: Mapping[str, Any], path: str, off: bool, id: str) -> Sql | None:
        text = json["sql"]
        if not isinstance(text, str):
            self.fault(_at(path, "sql"), f"Write a SELECT, not {_kind(text)}.")
            return None
        if self.columns is not None:
            for problem in problems(text, self.columns.catalogue):
                self.fault(_at(path, "sql"), str(problem))
        return Sql(text, off, id)

    # Comparisons

    def _comparison(
        self, json: Mapping[str, Any], path: str, type: str, of: str
    ) -> tuple[str, Value]:
        """Operator and value; the operator is '' when one of them cannot be read."""
        operator = plain(json.get("operator"))
        known = OPERATORS[type] if type else SHAPES
        if operator is None:
            self.fault(_at(path, "operator"), f"Say how it compares: {listed(known)}.")
            return "", None
        if not isinstance(operator, str) or operator not in known:
            hint = did_you_mean(str(operator), known) or f" Use {listed(known)}."
            what = f"{of} is {_type(type)}; " if type else ""
            self.fault(_at(path, "operator"), f'{what}"{operator}" is not an operator of it.{hint}')
            return "", None
        shapes = {OPERATORS[type][operator]} if type else SHAPES[operator]
        before = len(self.faults)
        value = self._value(json.get("value"), _at(path, "value"), operator, shapes, type)
        return ("" if len(self.faults) > before else operator), value

    def _value(self, json: Any, path: str, operator: str, shapes: set[Shape], type: str) -> Value:
        shape = next(iter(shapes))
        if shape is Shape.NOTHING:
            if json is not None:
                self.fault(path, f"{operator} takes no value. Leave it out.")
            return None
        if json is None:
            self.fault(path, f"{operator} compares with {shape.value}. Write it as value.")
            return None
        if shape is Shape.SPAN:
            return self._span(json, path)
        if shape is Shape.PERIOD:
            if json not in PERIODS:
                self.fault(
                    path, f"{operator} takes {listed(PERIODS)}.{did_you_mean(str(json), PERIODS)}"
                )
                return None
            return str(json)
        if shape is Shape.MANY:
            return self._many(json, path, operator, type)
        if shape is Shape.PAIR:
            return self._pair(json, path, operator, type)
        if isinstance(json, list | tuple):
            self.fault(path, f"{operator} compares with one value, not with a list.")
            return None
        value = self._scalar(json, path, type)
        if shape is Shape.PATTERN and isinstance(value, str) and (text := problem(value)):
            self.fault(path, f"It is no regular expression that can be read (RE2): {text}.")
        return value

    def _many(self, json: Any, path: str, operator: str, type: str) -> Value:
        if isinstance(json, Mapping):
            name = json.get("list")
            if set(json) != {"list"} or not isinstance(name, str):
                self.fault(path, "Write a list of values, or {list: NAME} for an uploaded list.")
                return None
            if type not in ("", "text"):
                self.fault(path, f"Uploaded lists hold text; this is {_type(type)}.")
            elif self.columns is not None and name not in self.lists:
                self.fault(
                    _at(path, "list"), f'There is no list "{name}".{did_you_mean(name, self.lists)}'
                )
            return InList(name)
        if not isinstance(json, list | tuple):
            self.fault(path, f"{operator} compares with a list of values. Write it as [...].")
            return None
        if not json:
            self.fault(path, "The list is empty. Name at least one value.")
            return None
        values = [self._scalar(each, f"{path}[{index}]", type) for index, each in enumerate(json)]
        return tuple(value for value in values if value is not None)

    def _pair(self, json: Any, path: str, operator: str, type: str) -> Value:
        if not isinstance(json, list | tuple) or len(json) != 2:
            count = f", not {len(json)}" if isinstance(json, list | tuple) else ""
            self.fault(path, f"{operator} compares with two values, [low, high]{count}.")
            return None
        low, high = (
            self._scalar(each, f"{path}[{index}]", type) for index, each in enumerate(json)
        )
        if low is None or high is None:
            return None
        if _backwards(low, high):
            self.fault(
                path, f"It ends ({json[1]}) before it begins ({json[0]}). Turn the two round."
            )
        return (low, high)

    def _scalar(self, json: Any, path: str, type: str) -> Scalar | None:
        json = plain(json)
        if type == "number":
            if is_number(json):
                return json  # type: ignore[no-any-return]
            self.fault(path, f"Write a number, not {_kind(json)}.")
            return None
        if type == "text":
            if isinstance(json, str):
                return json
            self.fault(path, f'Write a text, as "{json}" in quotes, not {_kind(json)}.')
            return None
        if isinstance(json, Mapping):
            return self._relative(json, path)
        if type in ("date", "time"):
            if isinstance(json, str) and (json == "today" or day(json) or moment(json)):
                return json
            self.fault(
                path,
                f"{_shown(json)} is no date or time. Write 2026-12-31, 2026-12-31 09:00, today, "
                "{days_ago: N} or {days_from_now: N}.",
            )
            return None
        if isinstance(json, str) or is_number(json):
            return json  # type: ignore[no-any-return]
        self.fault(path, f"Write a text, a number or a date, not {_kind(json)}.")
        return None

    def _relative(self, json: Mapping[str, Any], path: str) -> Relative | None:
        if set(json) not in ({"days_ago"}, {"days_from_now"}):
            self.fault(path, "Write {days_ago: N} or {days_from_now: N}.")
            return None
        ago = "days_ago" in json
        key = "days_ago" if ago else "days_from_now"
        n = self._count(json[key], _at(path, key))
        return None if n is None else Relative(-n if ago else n, ago)

    def _span(self, json: Any, path: str) -> Span | None:
        if not isinstance(json, Mapping) or set(json) != {"n", "unit"}:
            self.fault(path, "Write {n: 30, unit: days}.")
            return None
        n = self._count(json["n"], _at(path, "n"))
        unit = self._unit(json["unit"], _at(path, "unit"))
        return Span(n, unit) if n is not None and unit else None

    # Fields

    def _count(self, json: Any, path: str) -> int | None:
        if isinstance(json, int) and not isinstance(json, bool) and 0 <= json <= FURTHEST:
            return json
        self.fault(path, f"Write a whole number from 0 to {FURTHEST}, not {_shown(json)}.")
        return None

    def _unit(self, json: Any, path: str) -> str:
        if json in UNITS:
            return str(json)
        self.fault(
            path, f"Write {listed(UNITS)}, not {_shown(json)}.{did_you_mean(str(json), UNITS)}"
        )
        return ""

    def _text(self, json: Mapping[str, Any], key: str, path: str) -> str | None:
        value = plain(json.get(key))
        if isinstance(value, str) and value:
            return value
        self.fault(_at(path, key), f"Write a name, not {_kind(value)}.")
        return None

    def _yes_no(self, json: Mapping[str, Any], key: str, path: str, default: bool) -> bool:
        value = json.get(key, default)
        if isinstance(value, bool):
            return value
        self.fault(_at(path, key), f"Write true or false, not {_kind(value)}.")
        return default

    def _ignore_case(self, json: Mapping[str, Any], path: str, type: str) -> bool:
        if "ignore_case" in json and type not in ("", "text"):
            self.fault(
                _at(path, "ignore_case"),
                f"Only text has upper and lower case; this is {_type(type)}.",
            )
        return self._yes_no(json, "ignore_case", path, default=True)

    def _word(
        self, json: Mapping[str, Any], key: str, path: str, words: tuple[str, ...], default: str
    ) -> str:
        value = json.get(key)
        if value is None:
            return default
        if value not in words:
            hint = did_you_mean(str(value), words) or f" Use {listed(words)}."
            self.fault(_at(path, key), f'"{value}" is not known here.{hint}')
            return default
        return str(value)


def _at(path: str, key: Any) -> str:
    return f"{path}.{key}" if path else str(key)


def _kind(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes or no"
        case str():
            return "a text" if value else "an empty text"
        case int() | float():
            return "a number"
        case list() | tuple():
            return "a list"
    return "a mapping"


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _type(type: str) -> str:
    return {
        "text": "a text",
        "number": "a number",
        "date": "a date",
        "time": "a date and time",
        "yes_no": "a yes or no",
    }[type]


def _backwards(low: Scalar, high: Scalar) -> bool:
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


def _circle(name: str, segments: Mapping[str, Any] | Collection[str], own: str) -> list[str]:
    """The names along a circle that begins with ``name``, or with the rule's own name."""
    if not isinstance(segments, Mapping):
        return [own, own] if own and name == own else []

    chain = [own] if own else []
    waiting = [(name, len(chain))]
    seen: set[str] = set()
    while waiting:
        current, depth = waiting.pop()
        del chain[depth:]
        if current in chain:
            return [*chain[chain.index(current) :], current]
        if current in seen:
            continue
        seen.add(current)
        chain.append(current)
        rule = segments.get(current)
        named = sorted(segment_names(rule), reverse=True) if rule is not None else []
        waiting += [(each, depth + 1) for each in named]
    return []


def segment_names(json: Any) -> set[str]:
    """The segments that a rule names, those switched off excepted."""
    return _names(json)[0]


def list_names(json: Any) -> set[str]:
    """The uploaded lists that a rule names, those switched off excepted."""
    return _names(json)[1]


def _names(json: Any) -> tuple[set[str], set[str]]:
    segments: set[str] = set()
    lists: set[str] = set()
    waiting = [json]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Mapping) or node.get("off") is True:
            continue
        if isinstance(node.get("segment"), str):
            segments.add(node["segment"])
        value = node.get("value")
        if isinstance(value, Mapping) and isinstance(value.get("list"), str):
            lists.add(value["list"])
        waiting.append(node.get("where"))
        for word in GROUPS:
            rules = node.get(word)
            waiting += list(rules) if isinstance(rules, list | tuple) else []
    return segments, lists
