"""From JSON to nodes, with every fault found on the way."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from core.nearest import did_you_mean
from segments.rules import fields
from segments.rules.checking import Columns
from segments.rules.comparison import Comparison
from segments.rules.faults import Fault, Faults, RuleError, listed
from segments.rules.fields import at, in_words
from segments.rules.naming import circle
from segments.rules.nodes import (
    GROUPS,
    Attribute,
    Between,
    Event,
    InSegment,
    Last,
    Rule,
    Sql,
)
from segments.rules.operators import MEASURES, OF_A_NUMBER, WHICH
from segments.rules.values import day, plain
from segments.sql.reading import problems
from warehouse.catalogue import Catalogue

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
        self.faults = Faults()

    def rule(self, json: Any, path: str, event: str = "", depth: int = 0) -> Rule | None:
        """One node. event: the table whose rows a ``where`` is about."""
        if not isinstance(json, Mapping):
            self.faults.add(
                path, f"A rule is a mapping, such as {{all: [...]}}; this is {in_words(json)}."
            )
            return None
        if depth > DEPTH:
            self.faults.add(path, f"Groups are nested more than {DEPTH} deep.")
            return None
        kind = self._kind_of(json, path)
        if not kind:
            return None
        for key in json:
            if key not in KEYS[kind]:
                hint = did_you_mean(str(key), KEYS[kind]) or f" It takes {listed(KEYS[kind][:-1])}."
                self.faults.add(
                    at(path, key), f'"{key}" does not belong to a criterion "{kind}".{hint}'
                )
        off = fields.yes_no(json, "off", path, False, self.faults)
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
            self.faults.add(
                path, f"{listed(kinds).replace(' or ', ' and ')} cannot stand in one node."
            )
            return ""
        hint = next(filter(None, (did_you_mean(str(key), KEYS) for key in json)), "")
        self.faults.add(path, f"A rule has one of {listed(KEYS)}.{hint}")
        return ""

    def _node(
        self, kind: str, json: Mapping[str, Any], path: str, event: str, depth: int, off: bool
    ) -> Rule | None:
        id = str(json.get("id", ""))
        if kind in GROUPS:
            rules = json[kind]
            if not isinstance(rules, list | tuple):
                self.faults.add(at(path, kind), f"Write a list of rules, not {in_words(rules)}.")
                return None
            nodes = [
                self.rule(each, f"{at(path, kind)}[{index}]", event, depth + 1)
                for index, each in enumerate(rules)
            ]
            return GROUPS[kind](tuple(node for node in nodes if node is not None), off, id)
        if kind == "attribute":
            return self._attribute(json, path, event, off, id)
        if event:
            self.faults.add(
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
        attribute = fields.name(json, "attribute", path, self.faults)
        if attribute is None:
            return None
        type = ""
        if self.columns is not None:
            text, type = self.columns.attribute(attribute, event)
            if text:
                self.faults.add(at(path, "attribute"), text)
        comparison = self._comparison(type)
        operator, value = comparison.read(json, path, attribute)
        ignore_case = comparison.ignores_case(json, path)
        return Attribute(attribute, operator, value, ignore_case, off, id) if operator else None

    def _event(
        self, json: Mapping[str, Any], path: str, depth: int, off: bool, id: str
    ) -> Event | None:
        table = fields.name(json, "event", path, self.faults)
        if table is None:
            return None
        columns = self.columns
        if columns is not None and (text := columns.event(table)):
            self.faults.add(at(path, "event"), text)
            self.columns = None
        where = json.get("where")
        node = self.rule(where, at(path, "where"), table, depth + 1) if where is not None else None
        period = self._period(json.get("period"), at(path, "period"))
        which = fields.word(json, "which", path, WHICH, "any", self.faults)
        measure = fields.word(json, "measure", path, MEASURES, "count", self.faults)
        if self.columns is not None and not self.columns.has_time(table):
            for key, given in (("period", period), ("which", which != "any")):
                if given:
                    self.faults.add(at(path, key), f"{table} has no column that says when it was.")
        of, type = self._of(json, path, table, measure)
        comparison = self._comparison(type)
        if measure == "count" and "operator" not in json and "value" in json:
            json = {**json, "operator": "at_least"}
        if "operator" in json or "value" in json:
            operator, value = comparison.read(json, path, measure.replace("_", " "))
        elif measure == "count":
            operator, value = "at_least", 1
        else:
            operator, value = "", None
            self.faults.add(at(path, "operator"), f"Say what the {measure} is compared with.")
        ignore_case = comparison.ignores_case(json, path)
        if not operator:
            return None
        return Event(table, node, period, which, measure, of, operator, value, ignore_case, off, id)

    def _of(self, json: Mapping[str, Any], path: str, table: str, measure: str) -> tuple[str, str]:
        """The measured column and the type of the result ('' when the catalogue is not asked)."""
        of = ""
        if json.get("of") is not None:
            of = fields.name(json, "of", path, self.faults) or ""
            if measure in ("count", "first", "last"):
                self.faults.add(
                    at(path, "of"),
                    f"{measure} is about the events themselves; "
                    f"of goes with {listed((*OF_A_NUMBER, 'most_frequent'))}.",
                )
        elif measure == "most_frequent":
            self.faults.add(at(path, "of"), "Say which column's most frequent value is meant.")
        if measure == "count":
            return of, "number"
        if self.columns is None:
            return of, ""
        text, type = self.columns.measured(table, measure, of)
        if text:
            self.faults.add(at(path, "of" if measure not in ("first", "last") else "measure"), text)
        return of, type

    def _period(self, json: Any, path: str) -> Last | Between | None:
        if json is None:
            return None
        if not isinstance(json, Mapping):
            self.faults.add(path, "Write {last: N, unit: days} or {from: DATE, to: DATE}.")
            return None
        keys = ("last", "unit") if "last" in json or "unit" in json else ("from", "to")
        for key in json:
            if key not in keys:
                hint = did_you_mean(str(key), ("last", "unit", "from", "to"))
                self.faults.add(
                    at(path, key),
                    f'"{key}" does not belong to a period: '
                    f"{{last: N, unit: days}} or {{from: DATE, to: DATE}}.{hint}",
                )
        if keys == ("last", "unit"):
            n = fields.count(json.get("last"), at(path, "last"), self.faults)
            unit = fields.unit(json.get("unit"), at(path, "unit"), self.faults)
            return Last(n, unit) if n is not None and unit else None
        days = {}
        for key in keys:
            text = plain(json.get(key))
            text = "" if text is None else text
            if not isinstance(text, str) or (text and day(text) is None):
                self.faults.add(at(path, key), f"{text} is not a date. Write one as 2026-12-31.")
                return None
            days[key] = text
        if not any(days.values()):
            self.faults.add(path, "Write {last: N, unit: days} or {from: DATE, to: DATE}.")
            return None
        if all(days.values()) and days["from"] > days["to"]:
            self.faults.add(
                path,
                f"It ends ({days['to']}) before it begins ({days['from']}). Change one of the two.",
            )
        return Between(days["from"], days["to"])

    def _segment(self, json: Mapping[str, Any], path: str, off: bool, id: str) -> InSegment | None:
        name = fields.name(json, "segment", path, self.faults)
        if name is None:
            return None
        if self.columns is not None:
            if name not in self.segments and name != self.name:
                self.faults.add(
                    at(path, "segment"),
                    f'There is no segment "{name}".{did_you_mean(name, self.segments)}',
                )
            elif chain := circle(name, self.segments, self.name):
                self.faults.add(
                    at(path, "segment"),
                    f"Segments run in a circle: {' -> '.join(chain)}. Take one of them out.",
                )
        return InSegment(name, off, id)

    def _sql(self, json: Mapping[str, Any], path: str, off: bool, id: str) -> Sql | None:
        text = json["sql"]
        if not isinstance(text, str):
            self.faults.add(at(path, "sql"), f"Write a SELECT, not {in_words(text)}.")
            return None
        if self.columns is not None:
            for problem in problems(text, self.columns.catalogue):
                self.faults.add(at(path, "sql"), str(problem))
        return Sql(text, off, id)

    def _comparison(self, type: str) -> Comparison:
        return Comparison(type, None if self.columns is None else self.lists, self.faults)
