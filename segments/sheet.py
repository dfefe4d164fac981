"""A draft as the editor shows it: groups of lines, each with its controls and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.text import Truncator

from core import formats
from segments import drafts, options, words
from segments.compile import Context
from segments.compile.calendar import Clock
from segments.editing import result_type
from segments.models import Segment
from segments.options import Option
from segments.rules import RuleError, check, parse, split
from segments.rules.operators import MEASURES, OF_A_NUMBER, OPERATORS, UNITS, Shape, opposite
from segments.sentence import of_rule
from warehouse.catalogue import Catalogue

WHICH = {
    "any": "any of them",
    "first": "their first ever",
    "last": "their last ever",
    "repeat": "all but their first",
}
MEASURE_WORDS = {
    "count": "number of times",
    "total": "total of",
    "average": "average of",
    "lowest": "lowest",
    "highest": "highest",
    "first": "first time",
    "last": "last time",
    "most_frequent": "most frequent",
}
MOMENTS = {
    "date": "the date",
    "days_ago": "days ago",
    "days_from_now": "days from now",
    "today": "today",
}
PERIODS = {"all": "at any time", "last": "in the last", "between": "between"}
JOINED = {"all": "and", "any": "or", "none": "nor"}
BEGINNING = "Customers who "
DATE_SPANS = {"is_in_last", "is_not_in_last", "is_in_next", "is_not_in_next"}


@dataclass(frozen=True, slots=True)
class Refused:
    """An edit that was not carried out: what was typed, and why not."""

    op: str
    node: str
    typed: Sequence[str]
    text: str


@dataclass(frozen=True, slots=True)
class Operand:
    """The controls of a value. kind: the template's branch; parts: what each control holds."""

    kind: str
    parts: Sequence[Any] = ()
    options: Sequence[Option] = ()
    column: str = ""  # "table.column" whose values can be picked
    before: str = ""  # words between the operator and the value
    after: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    kinds: Sequence[Option]
    kind: str
    n: Any = ""
    units: Sequence[Option] = ()
    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A criterion. name: for the ear ("Household income"); missing: what it still lacks."""

    id: str
    kind: str
    name: str
    off: bool = False
    missing: str = ""
    faults: Sequence[str] = ()
    hint: str = ""
    picked: Sequence[Option] = ()  # attribute, event table or segment
    operators: Sequence[Option] = ()
    operand: Operand | None = None
    filters: Sequence[Line] = ()
    nested: str = ""  # a where that is more than a list of conditions, as words
    which: Sequence[Option] = ()
    measures: Sequence[Option] = ()
    measure: str = ""
    of: Sequence[Option] = ()
    period: Period | None = None
    event: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    word: str
    lines: Sequence[Line | Group] = ()
    off: bool = False
    kind: str = "group"

    @property
    def joined(self) -> str:
        return JOINED[self.word]


@dataclass(frozen=True, slots=True)
class Tree:
    """A rule as its criteria rows. unfinished: lines that are left out as yet."""

    group: Group
    sentence: str
    unfinished: int


@dataclass(frozen=True, slots=True)
class Sheet:
    segment: Segment
    main: Group
    leave_out: Group | None
    sentence: str
    unfinished: int = 0
    refused: Refused | None = None
    faults: Sequence[str] = field(default_factory=tuple)

    @property
    def suggestion(self) -> str:
        """A name for a segment that has none, from what it asks."""
        if self.segment.name or not self.sentence.startswith(BEGINNING):
            return ""
        asked = self.sentence.removeprefix(BEGINNING).rstrip(".").partition(", but not")[0]
        return Truncator(asked[:1].upper() + asked[1:]).chars(60)


def sheet(
    segment: Segment,
    context: Context,
    refused: Refused | None = None,
    faults: Sequence[str] = (),
) -> Sheet:
    """context: as counting.context gives it; its segments are those that may be named."""
    maker = _Maker(context, refused, segment.name)
    root = drafts.with_ids(segment.current_rule)
    block = drafts.left_out(root)
    rest = [child for child in drafts.children(root) if child is not block]
    main = {**root, drafts.word(root): rest}
    if block is not None and len(rest) == 1 and drafts.word(rest[0]):
        main = rest[0]
    shown = maker.group(main)
    leave_out = maker.group({**block, "any": block["none"]}, "any") if block is not None else None
    return Sheet(
        segment,
        shown,
        leave_out,
        words_of(root, context.catalogue),
        maker.unfinished,
        refused,
        faults,
    )


def tree(rule: Any, context: Context, refused: Refused | None, root: str) -> Tree:
    """The rows of a rule that is no segment's. root: how ids that are missing begin."""
    maker = _Maker(context, refused)
    numbered = drafts.numbered(rule, root)
    group = maker.group(numbered)
    return Tree(group, words_of(numbered, context.catalogue), maker.unfinished)


def words_of(rule: Any, catalogue: Catalogue) -> str:
    """The sentence of what is complete in a draft, '' when it cannot be read."""
    whole = drafts.complete(rule, catalogue)
    if not drafts.has_criteria(whole):
        return ""
    try:
        return of_rule(parse(whole), catalogue)
    except RuleError:
        return ""


@dataclass
class _Maker:
    context: Context
    refused: Refused | None
    segment: str = ""  # the name of the segment whose rule it is
    unfinished: int = 0

    @property
    def catalogue(self) -> Catalogue:
        return self.context.catalogue

    def group(self, node: Mapping[str, Any], word: str = "") -> Group:
        word = word or drafts.word(node)
        lines: list[Line | Group] = [
            self.group(child) if drafts.word(child) else self.line(child) for child in node[word]
        ]
        self.unfinished += sum(isinstance(each, Group) and not each.lines for each in lines)
        return Group(str(node["id"]), word, lines, bool(node.get("off")))

    def line(self, node: dict[str, Any], event: str = "") -> Line:
        if "segment" in node:
            return self._segment(node)
        if "event" in node:
            return self._event(node)
        return self._attribute(node, event)

    # Kinds

    def _segment(self, node: dict[str, Any]) -> Line:
        name = str(node["segment"])
        names = sorted({*self.context.segments} - {self.segment}, key=str.casefold)
        picked: list[Option] = [{"value": "", "text": "", "selected": not name}]
        picked += options.chosen([(each, each) for each in names], name)
        if name and name not in names:
            picked.append({"value": name, "text": name, "selected": True, "gone": True})
        return Line(**self._common(node), kind="segment", name=name or "Segment", picked=picked)

    def _attribute(self, node: dict[str, Any], event: str) -> Line:
        attribute = str(node.get("attribute", ""))
        type = result_type(node, self.catalogue)
        return Line(
            **self._common(node, event),
            kind="attribute",
            name=self._label(attribute),
            picked=[self._column(attribute)],
            operators=self._operators(node, type),
            operand=self._operand(node, type, attribute),
            hint=self._hint(node, type, attribute),
            event=event,
        )

    def _event(self, node: dict[str, Any]) -> Line:
        table = self.catalogue.table(str(node["event"]))
        type = result_type(node, self.catalogue)
        measure = str(node.get("measure", "count"))
        of = str(node.get("of", ""))
        where = node.get("where")
        filters, nested = self._filters(where, str(node["event"]))
        tables = options.events(self.catalogue)
        picked = [options.event_option(each) for each in tables]
        for option in picked:
            option["selected"] = table is not None and option["value"] == f"event:{table.name}"
        if table is None:
            picked.append(
                {"value": node["event"], "text": node["event"], "selected": True, "gone": True}
            )
        known = [each for each in MEASURES if self._measurable(table, each)]
        return Line(
            **self._common(node),
            kind="event",
            name=words.table_label(table, str(node["event"])),
            picked=picked,
            operators=self._operators(node, type),
            operand=self._operand(node, type, of if measure == "most_frequent" else ""),
            filters=filters,
            nested=nested,
            which=list(options.chosen(WHICH.items(), str(node.get("which", "any")))),
            measures=list(options.chosen([(each, MEASURE_WORDS[each]) for each in known], measure)),
            measure=measure,
            of=self._of(table, measure, of),
            period=self._period(node.get("period")),
            event=table.name if table else "",
        )

    def _measurable(self, table: Any, measure: str) -> bool:
        if table is None or measure not in OF_A_NUMBER:
            return True
        return bool(options.event_columns(table, self.catalogue, ["number"]))

    def _filters(self, where: Any, event: str) -> tuple[list[Line], str]:
        if where is None:
            return [], ""
        rules = where.get("all", [where])
        if any(drafts.word(each) for each in rules):
            return [], words_of(where, self.catalogue) or "conditions in groups"
        return [self.line(each, event) for each in rules], ""

    def _of(self, table: Any, measure: str, of: str) -> list[Option]:
        if table is None or measure not in (*OF_A_NUMBER, "most_frequent"):
            return []
        types = ["number"] if measure in OF_A_NUMBER else []
        found = options.event_columns(table, self.catalogue, types)
        value = table.meaning("order_value")
        chosen = of or (f"{table.name}.{value.name}" if value and types else "")
        for option in found:
            option["selected"] = option["value"].lower() == f"attribute:{chosen}".lower()
        return [{"value": "", "text": "", "selected": not chosen}, *found]

    def _period(self, period: Any) -> Period:
        kind = "all" if not period else "last" if "last" in period else "between"
        kinds = list(options.chosen(PERIODS.items(), kind))
        if kind == "last":
            last, unit = period.get("last"), str(period.get("unit"))
            return Period(kinds, kind, last, list(_units(unit)))
        if kind == "between":
            start, end = (str(period.get(key) or "") for key in ("from", "to"))
            return Period(kinds, kind, start=start, end=end)
        return Period(kinds, kind)

    # Parts

    def _common(self, node: dict[str, Any], event: str = "") -> dict[str, Any]:
        off = bool(node.get("off"))
        missing = "" if off else drafts.missing(node, self.catalogue)
        faults: list[str] = []
        if missing:
            self.unfinished += 1
        elif not off:
            faults = self._faults(node, event)
        if self.refused and self.refused.node == node["id"]:
            faults = [self.refused.text]
        return {"id": str(node["id"]), "off": off, "missing": missing, "faults": faults}

    def _faults(self, node: dict[str, Any], event: str) -> list[str]:
        asked = drafts.complete({"all": [node]}, self.catalogue)
        if event:
            asked = {"event": event, "where": asked}
        found = check(
            asked, self.catalogue, self.context.segments, self.context.lists, self.segment
        )
        # What is wrong with a condition of an event stands beside that condition.
        return [fault.text for fault in found if event or ".where" not in fault.path]

    def _label(self, attribute: str) -> str:
        found = split(attribute, self.catalogue)
        return words.column_label(found[1] if found else None, attribute)

    def _column(self, attribute: str) -> Option:
        found = split(attribute, self.catalogue)
        if found:
            return {**options.column_option(*found), "selected": True}
        name = attribute.rpartition(".")[2] or "Choose"
        return {"value": f"attribute:{attribute}", "text": name, "selected": True, "gone": True}

    def _operators(self, node: Mapping[str, Any], type: str) -> list[Option]:
        known = OPERATORS.get(type, {})
        current = str(node.get("operator", "at_least" if "event" in node else ""))
        found = list(options.chosen([(each, words.OPERATORS[each]) for each in known], current))
        if current not in known:
            found.insert(0, {"value": current, "text": current or "", "selected": True})
        return found

    def _operand(self, node: Mapping[str, Any], type: str, column: str) -> Operand | None:
        operator = str(node.get("operator", "at_least" if "event" in node else ""))
        shape = OPERATORS.get(type, {}).get(operator)
        value = node.get("value", 1 if "event" in node else None)
        if self.refused and self.refused.op == "value" and self.refused.node == node["id"]:
            return self._typed(shape, type, self.refused.typed, column)
        count = "event" in node and node.get("measure", "count") == "count"
        after = ("time" if value == 1 else "times") if count else ""
        if shape is Shape.MANY:
            if isinstance(value, Mapping):
                return Operand("list", [value.get("list")])
            values = value if isinstance(value, list | tuple) else []
            chosen = [{"value": str(v), "text": str(v), "selected": True} for v in values]
            return Operand("many", values, chosen, column if type == "text" else "", after=after)
        if shape is Shape.PAIR and type == "number":
            low, high = _two(value)
            return Operand("numbers", [_blank(low), _blank(high)], after=after)
        if shape is Shape.PAIR:
            return Operand("moments", [_moment(each) for each in _two(value)])
        if shape is Shape.SPAN:
            span = value if isinstance(value, Mapping) else {}
            return Operand("span", [_blank(span.get("n"))], list(_units(str(span.get("unit")))))
        if shape is Shape.PERIOD:
            periods = [(each, each) for each in ("week", "month", "quarter", "year")]
            return Operand("period", options=list(options.chosen(periods, str(value))))
        if shape is Shape.ONE and type in ("date", "time"):
            return Operand("moments", [_moment(value)])
        if shape is Shape.ONE and type == "number":
            return Operand("numbers", [_blank(value)], after=after)
        if shape in (Shape.ONE, Shape.PATTERN):
            return Operand("text", [_blank(value)])
        return None

    def _typed(
        self, shape: Shape | None, type: str, typed: Sequence[str], column: str
    ) -> Operand | None:
        """The controls as they were left, for an edit that was refused."""
        if shape is Shape.SPAN:
            return Operand("span", typed[:1], list(_units(typed[1] if len(typed) > 1 else "")))
        if type in ("date", "time"):
            pairs = [typed[i : i + 2] for i in range(0, len(typed), 2)]
            return Operand("moments", [_shown(kind, *rest) for kind, *rest in pairs])
        if shape is Shape.MANY:
            chosen = [{"value": text, "text": text, "selected": True} for text in typed]
            return Operand("many", typed, chosen, column if type == "text" else "")
        return Operand("numbers" if type == "number" else "text", list(typed))

    def _hint(self, node: Mapping[str, Any], type: str, attribute: str) -> str:
        operator = str(node.get("operator", ""))
        if operator in DATE_SPANS and isinstance(node.get("value"), Mapping):
            return _days(self.context.clock, operator, node["value"], self.context.zone)
        if opposite(operator, type) and operator != "is_not_blank":
            found = split(attribute, self.catalogue)
            if found and found[0].name == self.catalogue.base:
                table, column = found
                if column.filled is not None and table.rows is not None:
                    blanks = table.rows - column.filled
                    label = words.lowered(self._label(attribute))
                    return f"Includes {formats.count(blanks)} with no {label}." if blanks else ""
            return "Matches blanks too."
        return ""


def _two(value: Any) -> list[Any]:
    values = list(value) if isinstance(value, list | tuple) else []
    return [*values, None, None][:2]


def _blank(value: Any) -> Any:
    return "" if value is None else value


def _units(unit: str) -> Any:
    return options.chosen([(each, each) for each in UNITS], unit)


def _moment(value: Any) -> dict[str, Any]:
    if value == "today":
        return _shown("today")
    if isinstance(value, Mapping):
        kind = "days_ago" if "days_ago" in value else "days_from_now"
        return _shown(kind, _blank(value.get(kind)))
    return _shown("date", str(value or ""))


def _shown(kind: str, text: Any = "") -> dict[str, Any]:
    return {"kinds": list(options.chosen(MOMENTS.items(), kind)), "kind": kind, "text": text}


def _days(clock: Clock, operator: str, span: Mapping[str, Any], zone: str) -> str:
    """Which days are meant: "26 Aug to 24 Nov, New York"."""
    n, unit = span.get("n"), span.get("unit")
    if not isinstance(n, int) or unit not in UNITS:
        return ""
    first: date = clock.back(n, unit) if "last" in operator else clock.today
    last: date = clock.today if "last" in operator else clock.ahead(n, unit)
    return (
        f"{formats.day(first, clock.today)} to {formats.day(last, clock.today)}, "
        f"{formats.zone_name(zone)}"
    )
