"""Why one customer is in or out: each line's answer, with the customer's own values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils.text import Truncator

from core import formats
from segments import drafts
from segments.compile import Context, flags, ir, measured, to_query
from segments.compile.calendar import Clock
from segments.rules import parse
from segments.rules.joins import time_of
from segments.rules.nodes import Attribute, Event, InSegment
from segments.wording import words
from segments.wording.sentence import phrase, shown
from warehouse.catalogue import Catalogue, Column
from warehouse.engines import engine
from warehouse.personal import is_personal, masked

Node = dict[str, Any]
LONGEST = 60  # characters of a value
NOTHING = "no value"
VERBS = ("is", "does", "contains", "starts", "ends", "matches", "has")


@dataclass(frozen=True, slots=True)
class Line:
    """A criterion or a group as it bears on the customer.

    matches: whether the customer matches it; wanted: whether the rule wants that (what
    leaves people out does not). value: the customer's own, as "4 times, last 11 Nov".
    lines: of a group; every: whether all of them must hold, or one is enough.
    """

    id: str
    text: str
    matches: bool
    wanted: bool = True
    value: str = ""
    lines: Sequence[Line] = ()
    every: bool = True

    @property
    def holds(self) -> bool:
        return self.matches == self.wanted

    @property
    def is_group(self) -> bool:
        return not self.text

    def failing(self) -> Line | None:
        """The first line, in the rule's order, without which the customer would be nearer."""
        if self.holds:
            return None
        found = (line.failing() for line in self.lines)
        return next((line for line in found if line), self)


@dataclass(frozen=True, slots=True)
class Explanation:
    """line: the whole rule. asked, failed: how many outermost lines there are, and how many
    of them do not hold."""

    customer: str
    line: Line

    @property
    def inside(self) -> bool:
        return self.line.holds

    @property
    def outermost(self) -> Line:
        """The rule without groups that only hold one line, and without the frame of the block
        that leaves people out; of a rule that is one line, a group of it."""
        line = self.line
        if not line.is_group:
            return Line("", "", line.matches, line.wanted, lines=[line])
        while len(line.lines) == 1 and line.lines[0].is_group:
            line = line.lines[0]
        return replace(line, lines=list(_unframed(line)))

    @property
    def asked(self) -> int:
        return len(self.outermost.lines)

    @property
    def failed(self) -> int:
        return sum(not line.holds for line in self.outermost.lines)

    @property
    def verdict(self) -> str:
        """How it comes: "fails 1 of 3", "all 3 lines hold"."""
        if not self.asked:
            return "nothing is asked for"
        if self.outermost.every:
            if self.failed:
                return f"fails {self.failed} of {self.asked}"
            return f"all {self.asked} lines hold" if self.asked > 1 else "the line holds"
        if self.inside:
            return f"{self.asked - self.failed} of {self.asked} hold, one is enough"
        return f"fails all {self.asked}, one would be enough"

    @property
    def first(self) -> str:
        """The id of the first line that fails, '' for who is in."""
        failing = self.line.failing()
        return failing.id if failing else ""


def _unframed(line: Line) -> Iterator[Line]:
    for each in line.lines:
        while len(each.lines) == 1:
            each = each.lines[0]
        if each.id == drafts.LEAVE_OUT and each.every == line.every:
            yield from _unframed(each)
        else:
            yield each


def explain(
    rule: Any, customer: str, context: Context, unmasked: bool = False, key: str = ""
) -> Explanation | None:
    """None when there is no such customer.

    rule: complete; what is off is left out. unmasked: personal values as they are. key: a
    name by which engine().cancel stops the queries. Raises RuleError, WarehouseError.
    """
    root = _on(drafts.with_ids(rule))
    leaves = list(criteria(root))
    asked = {f"line_{place}": leaf for place, leaf in enumerate(leaves)}
    answers = _row(flags(asked, context), customer, context, key)
    if answers is None:
        return None
    matches = {leaf["id"]: bool(answers[name]) for name, leaf in asked.items()}
    values = _values(leaves, matches, customer, context, unmasked, key)
    return Explanation(customer, _line(root, True, matches, values, context.catalogue))


def _on(group: Node) -> Node:
    """The group without what is off."""
    if not drafts.word(group):
        return group
    kept = [_on(each) for each in drafts.children(group) if not each.get("off")]
    return {**group, drafts.word(group): kept}


def criteria(node: Any) -> Iterator[Node]:
    """The criteria of a rule that are on, in its order; the conditions of events are not apart."""
    if not node or node.get("off"):
        return
    if not drafts.word(node):
        yield node
    for each in drafts.children(node):
        yield from criteria(each)


def _row(rows: ir.Table, customer: str, context: Context, key: str) -> dict[str, Any] | None:
    """The customer's row by column; nothing of it is kept anywhere."""
    rows = rows.filter(rows.customer_id == customer)
    source = engine()
    found = source.fetch(to_query(rows, context, source.dialect, key), key)
    return dict(zip(rows.columns, found[0], strict=True)) if found else None


def _line(
    node: Node,
    wanted: bool,
    matches: Mapping[str, bool],
    values: Mapping[str, str],
    catalogue: Catalogue,
) -> Line:
    """A rule's node, with what leaves people out turned round: none of these is each not."""
    id, word = str(node["id"]), drafts.word(node)
    if not word:
        text = of_line(node, catalogue, wanted)
        return Line(id, text, matches[id], wanted, values.get(id, ""))
    below = wanted if word != "none" else not wanted
    lines = [_line(each, below, matches, values, catalogue) for each in drafts.children(node)]
    hits = [line.matches for line in lines]
    answer = {"all": all(hits), "any": any(hits), "none": not any(hits)}[word]
    every = wanted == (word != "any")
    return Line(id, "", answer, wanted, lines=lines, every=every)


def of_line(node: Node, catalogue: Catalogue, wanted: bool = True) -> str:
    """What a line asks of one customer: "Household income is 50-74K", "Not in Staff"."""
    rule = parse({key: value for key, value in node.items() if key != "id"})
    if isinstance(rule, InSegment):
        said = f"in {rule.segment}"
    elif isinstance(rule, Attribute):
        found = catalogue.find(rule.attribute)
        label = words.column_label(found[1] if found else None, rule.attribute)
        operator = {"is_in": "is"}.get(rule.operator) or words.OPERATORS[rule.operator]
        if operator.split()[0] not in VERBS:
            operator = f"is {operator}"
        said = f"{label} {operator} {shown(rule.value)}".strip()
    else:
        said = phrase(node, catalogue)
        for many, one in (("do not have", "does not have"), ("have", "has"), ("are", "is")):
            if said.startswith(f"{many} "):
                said = one + said.removeprefix(many)
                break
    if wanted:
        return said[:1].upper() + said[1:]
    return f"Not {said if isinstance(rule, InSegment | Event) else words.lowered(said)}"


# Own values


def _values(
    leaves: Sequence[Node],
    matches: Mapping[str, bool],
    customer: str,
    context: Context,
    unmasked: bool,
    key: str,
) -> dict[str, str]:
    """What the customer has of what each line asks, in words, by the line's id."""
    teller = _Teller(context.catalogue, context.clock, unmasked)
    rules = {leaf["id"]: parse(leaf) for leaf in leaves}
    columns: dict[str, str] = {}
    events: dict[str, Event] = {}
    for place, rule in enumerate(rules.values()):
        if isinstance(rule, Attribute):
            columns[f"value_{place}"] = rule.attribute
        elif isinstance(rule, Event):
            events[f"value_{place}"] = rule
            table = context.catalogue.table(rule.event)
            if rule.measure == "count" and table and time_of(table, context.catalogue):
                events[f"last_{place}"] = replace(rule, measure="last", of="")
    rows = flags({}, context, columns=columns)
    for name, event in events.items():
        each = measured(event, context)
        other = each.select(**{f"of_{name}": each.customer, name: each.result})
        rows = rows.left_join(other, [("customer_id", f"of_{name}")])
    found = _row(rows, customer, context, key) or {}
    told = {}
    for place, (id, rule) in enumerate(rules.items()):
        value = found.get(f"value_{place}")
        if isinstance(rule, Attribute):
            told[id] = teller.attribute(rule.attribute, value)
        elif isinstance(rule, Event):
            told[id] = teller.event(rule, value, found.get(f"last_{place}"))
        elif isinstance(rule, InSegment):
            told[id] = f"{'in' if matches[id] else 'not in'} {rule.segment}"
    return told


@dataclass(frozen=True, slots=True)
class _Teller:
    """Puts values into words."""

    catalogue: Catalogue
    clock: Clock
    unmasked: bool

    def attribute(self, attribute: str, value: Any) -> str:
        found = self.catalogue.find(attribute)
        return told(value, found[1] if found else None, self.clock, self.unmasked)

    def event(self, rule: Event, value: Any, last: Any) -> str:
        if rule.measure == "count":
            times = formats.counted(int(value or 0), "time")
            return f"{times}, last {_when(last, self.clock, day_only=True)}" if last else times
        if rule.measure == "total":
            return _plain(value or 0, self.clock)
        if rule.measure == "most_frequent":
            return self.attribute(rule.of, value)
        return "none" if value is None else _plain(value, self.clock)


def told(value: Any, column: Column | None, clock: Clock, unmasked: bool) -> str:
    """A customer's value of a column as a person reads it, masked unless one may see it."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return NOTHING
    if column is not None and is_personal(column) and not unmasked:
        return masked(str(value), column.semantic)
    if column is not None and _is_name(column):
        return str(value)
    return _plain(value, clock)


def _is_name(column: Column) -> bool:
    """Whether digits in it are a name, not an amount."""
    return column.semantic in ("customer_id", "order_id", "product_id", "phone", "postal_code")


def _plain(value: Any, clock: Clock) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | Decimal):
        return f"{float(value):,.10g}"
    if isinstance(value, date):
        return _when(value, clock)
    return Truncator(str(value).strip()).chars(LONGEST)


def _when(value: date, clock: Clock, day_only: bool = False) -> str:
    """A day, or the brand's clock at a moment."""
    if not isinstance(value, datetime):
        return formats.day(value, clock.today)
    local = value.astimezone(clock.zone) if value.tzinfo else value
    said = formats.day(local.date(), clock.today)
    return said if day_only or local.time() == time() else f"{said} {local:%H:%M}"
