"""A draft as the editor shows it: groups of lines, each with its controls and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import Truncator

from segments import drafts
from segments.compile import Context
from segments.models import Segment
from segments.rules import RuleError, check, matches_blanks, parse, result_type
from segments.rules.operators import MEASURES, OF_A_NUMBER, OPERATORS, Shape
from segments.sheets import hints, operands, options
from segments.sheets.operands import Operand
from segments.sheets.options import Option
from segments.wording import words
from segments.wording.sentence import of_rule, phrase
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
PERIODS = {"all": "at any time", "last": "in the last", "between": "between"}
JOINED = {"all": "and", "any": "or", "none": "nor"}
BEGINNING = "Customers who "
LONGEST_SUGGESTION = 60  # characters
DEEP = 2  # groups around a group that folds to its sentence


@dataclass(frozen=True, slots=True)
class Refused:
    """An edit that was not carried out: what was typed, and why not."""

    op: str
    node: str
    typed: Sequence[str]
    text: str


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
    where: Group | None = None  # the conditions on an event
    window: str = ""  # which days a period means
    which: Sequence[Option] = ()
    measures: Sequence[Option] = ()
    measure: str = ""
    of: Sequence[Option] = ()
    period: Period | None = None
    event: str = ""
    blanks: bool = False  # whether it matches customers without a value
    of_fault: str = ""  # the id of what is wrong with "of", '' when nothing is
    case: bool | None = None  # whether case is told apart; None: nothing has a case here


@dataclass(frozen=True, slots=True)
class Group:
    """event: the table that conditions are about, '' for criteria about customers.
    told: the words that it folds to, '' where it stays open."""

    id: str
    word: str
    lines: Sequence[Line | Group] = ()
    off: bool = False
    event: str = ""
    told: str = ""
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
    starters: Sequence[Option] = ()  # what an empty segment may begin with

    @property
    def suggestion(self) -> str:
        """A name for a segment that has none, from what it asks."""
        if self.segment.name or not self.sentence.startswith(BEGINNING):
            return ""
        asked = self.sentence.removeprefix(BEGINNING).rstrip(".").partition(", but not")[0]
        asked = asked.removeprefix("have ")
        while len(asked) > LONGEST_SUGGESTION and " and " in asked:
            asked = asked.rpartition(" and ")[0]
        return Truncator(asked[:1].upper() + asked[1:]).chars(LONGEST_SUGGESTION)


def sheet(
    segment: Segment,
    context: Context,
    refused: Refused | None = None,
) -> Sheet:
    """context: as counting.context gives it; its segments are those that may be named."""
    maker = _Maker(context, refused, segment.name)
    root = drafts.with_ids(segment.current_rule)
    main, block = _blocks(root)
    shown = maker.group(main)
    leave_out = maker.left_out(block) if block is not None else None
    return Sheet(
        segment,
        shown,
        leave_out,
        words_of(root, context.catalogue),
        maker.unfinished,
        refused,
        () if shown.lines or leave_out else options.starters(context.catalogue),
    )


def _blocks(root: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The outermost group of the lines to find people by, and of those to leave people out."""
    block = drafts.left_out(root)
    rest = [child for child in drafts.children(root) if child is not block]
    if block is not None and len(rest) == 1 and drafts.word(rest[0]):
        return rest[0], block
    return {**root, drafts.word(root): rest}, block


def priced(root: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The lines and groups that show what they cost, by their ids: all but the outermost."""
    main, block = _blocks(root)
    groups = (root, main, block, drafts.all_left_out(block))
    outermost = {str(each["id"]) for each in groups if each is not None}
    found = {str(node["id"]): node for node in drafts.walk(root)}
    return {id: node for id, node in found.items() if id not in outermost}


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


def phrase_of(node: Mapping[str, Any], catalogue: Catalogue) -> str:
    """What is complete of a criterion or group, as it stands in a sentence; '' without any.

    Whether it is off is not told.
    """
    whole = drafts.complete({key: node[key] for key in node if key != "off"}, catalogue)
    if not drafts.has_criteria(whole):
        return ""
    try:
        return phrase(whole, catalogue)
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

    def group(
        self, node: Mapping[str, Any], word: str = "", event: str = "", depth: int = 0
    ) -> Group:
        word = word or drafts.word(node)
        lines: list[Line | Group] = [
            self.group(child, event=event, depth=depth + 1)
            if drafts.word(child)
            else self.line(child, event, node[word][:place] if word == "all" else ())
            for place, child in enumerate(node[word])
        ]
        self.unfinished += sum(isinstance(each, Group) and not each.lines for each in lines)
        told = phrase_of(node, self.catalogue) if depth >= DEEP and not event else ""
        return Group(str(node["id"]), word, lines, bool(node.get("off")), event, told)

    def left_out(self, block: Mapping[str, Any]) -> Group:
        """The block that leaves people out, by any of its lines or by all of them."""
        every = drafts.all_left_out(block)
        return self.group(every) if every else self.group({**block, "any": block["none"]}, "any")

    def line(
        self, node: dict[str, Any], event: str = "", above: Sequence[dict[str, Any]] = ()
    ) -> Line:
        """above: the lines that must match too and stand before it."""
        if "segment" in node:
            return self._segment(node)
        if "event" in node:
            return self._event(node, above)
        return self._attribute(node, event)

    # Kinds

    def _segment(self, node: dict[str, Any]) -> Line:
        name = str(node["segment"])
        known = name in self.context.segments and name != self.segment
        picked = options.named(name, known)
        return Line(**self._common(node), kind="segment", picked=picked)

    def _attribute(self, node: dict[str, Any], event: str) -> Line:
        attribute = str(node.get("attribute", ""))
        type = result_type(node, self.catalogue)
        return Line(
            **self._common(node, event),
            kind="attribute",
            picked=[self._column(attribute)],
            operators=self._operators(node, type),
            operand=self._operand(node, type, attribute),
            hint=self._hint(node, type),
            blanks=matches_blanks(node, self.catalogue),
            event=event,
            case=self._case(node, type),
        )

    def _event(self, node: dict[str, Any], above: Sequence[dict[str, Any]]) -> Line:
        table = self.catalogue.table(str(node["event"]))
        type = result_type(node, self.catalogue)
        measure = str(node.get("measure", "count"))
        of = str(node.get("of", ""))
        where = node.get("where")
        tables = options.events(self.catalogue)
        picked = [options.event_option(each) for each in tables]
        for option in picked:
            option["selected"] = table is not None and option["value"] == f"event:{table.name}"
        if table is None:
            picked.append(
                {"value": node["event"], "text": node["event"], "selected": True, "gone": True}
            )
        numbers = table is None or options.has_numbers(table, self.catalogue)
        known = [each for each in MEASURES if numbers or each not in OF_A_NUMBER]
        return Line(
            **self._common(node),
            kind="event",
            picked=picked,
            operators=self._operators(node, type),
            operand=self._operand(node, type, of if measure == "most_frequent" else ""),
            where=self._where(where, str(node["event"])),
            hint=hints.of_nothing_done(node)
            or " ".join(
                each for each in (self._hint(node, type), hints.of_siblings(node, above)) if each
            ),
            blanks=matches_blanks(node, self.catalogue),
            case=self._case(node, type),
            which=list(options.chosen(WHICH.items(), str(node.get("which", "any")))),
            measures=list(options.chosen([(each, MEASURE_WORDS[each]) for each in known], measure)),
            measure=measure,
            of=self._of(table, measure, of),
            of_fault=f"of-fault-{node['id']}" if measure == "most_frequent" and not of else "",
            period=self._period(node.get("period")),
            window=hints.of_period(node.get("period"), self.context.clock),
            event=table.name if table else "",
        )

    def _where(self, where: Any, event: str) -> Group | None:
        if not where:
            return None
        if drafts.word(where):
            return self.group(where, event=event)
        return Group(str(where["id"]), "all", [self.line(where, event)], event=event)

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
            return Period(kinds, kind, last, operands.units(unit))
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
        return {
            "id": str(node["id"]),
            "name": words.criterion_label(node, self.catalogue),
            "off": off,
            "missing": missing,
            "faults": faults,
        }

    def _faults(self, node: dict[str, Any], event: str) -> list[str]:
        asked = drafts.complete({"all": [node]}, self.catalogue)
        if event:
            asked = {"event": event, "where": asked}
        found = check(
            asked, self.catalogue, self.context.segments, self.context.lists, self.segment
        )
        # What is wrong with a condition of an event stands beside that condition.
        return [fault.text for fault in found if event or ".where" not in fault.path]

    def _column(self, attribute: str) -> Option:
        found = self.catalogue.find(attribute)
        if found:
            return {**options.column_option(*found), "selected": True}
        name = attribute.rpartition(".")[2] or "Choose"
        return {"value": f"attribute:{attribute}", "text": name, "selected": True, "gone": True}

    def _operators(self, node: Mapping[str, Any], type: str) -> list[Option]:
        return operands.operators(node, type, self._lists)

    def _operand(self, node: Mapping[str, Any], type: str, column: str) -> Operand | None:
        if self.refused and self.refused.op == "value" and self.refused.node == node["id"]:
            return operands.typed(node, type, column, self.refused.typed, self._lists)
        return operands.operand(node, type, column, self._lists)

    @property
    def _lists(self) -> list[str]:
        return sorted(self.context.lists, key=str.casefold)

    def _case(self, node: Mapping[str, Any], type: str) -> bool | None:
        shape = OPERATORS.get(type, {}).get(operands.operator_of(node), Shape.NOTHING)
        return (
            None if type != "text" or shape is Shape.NOTHING else not node.get("ignore_case", True)
        )

    def _hint(self, node: Mapping[str, Any], type: str) -> str:
        days = hints.of_days(node, self.context.clock) if type in ("date", "time") else ""
        return " ".join(each for each in (days, hints.of_ends(node)) if each)
