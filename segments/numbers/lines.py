"""What each line of a draft costs: who matches it alone, and how the total changes without it.

All of it comes from one pass over the data in which each criterion is one column, true or
false. Where these are few, that pass counts the customers of each combination, as the bits of
one number, and every figure is a sum of combinations; emails and phones that lie in a table
which no criterion reads are then looked up for those alone who match the rule. Where they are
many, so are the combinations: then the pass makes each figure a sum of its own.

Either way a figure is worked out alike: a group is the number of its lines that match, and
what the rule answers without a line follows from those numbers along the way up from it, so
that the work grows with the lines and their depth, not with their square.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis
import numpy as np

from segments import drafts
from segments.compile import Context, bits, combinations, flags, ir, total
from segments.numbers import counting
from segments.numbers.asking import answer
from segments.rules import matches_blanks

Node = dict[str, Any]
FEW = 18  # columns whose combinations are counted: at most 262,144


@dataclass(frozen=True, slots=True)
class Line:
    """Customers. alone: those who match it, whatever stands around it. without: the total when
    it is switched off. blanks: how many fewer the total is once the line leaves blanks out,
    None where it matches no blanks."""

    alone: int
    without: int
    blanks: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """lines: by the id of the criterion or group; what is off has none."""

    reach: counting.Reach
    everyone: int
    lines: Mapping[str, Line]


def figures(rule: Node, context: Context, key: str = "") -> Figures:
    """Count, reach and the lines' figures of a complete rule whose nodes have ids.

    key: a name by which engine().cancel stops the query. Raises as ``counting.count`` does.
    """
    plan = _Plan(rule, context)
    found = plan.by_combination(key) if 0 < len(plan.columns) <= FEW else plan.by_sums(key)
    return Figures(counting.reach_of(found), found["everyone"], plan.lines(found))


@dataclass
class _Plan:
    """columns: what is asked of each customer, a rule by its column's name."""

    root: Node
    context: Context
    names: dict[str, str] = field(default_factory=dict)  # id -> column
    parents: dict[str, Node] = field(default_factory=dict)
    layers: list[list[Node]] = field(default_factory=list)  # groups, innermost first
    leaves: dict[str, Node] = field(default_factory=dict)
    blanks: dict[str, Node] = field(default_factory=dict)
    columns: dict[str, Any] = field(default_factory=dict)
    contacts: Mapping[str, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._gather(self.root)
        self.columns = {self.names[id]: leaf for id, leaf in self.leaves.items()}
        self.columns |= {f"{self.names[id]}_blank": leaf for id, leaf in self.blanks.items()}
        self.contacts = counting.contacts(self.context.catalogue)
        self.columns |= self.contacts

    def _gather(self, node: Node) -> int:
        """Note the node and what is on below it; answer its height."""
        id = str(node["id"])
        self.names[id] = f"node_{len(self.names)}"
        if not drafts.word(node):
            self.leaves[id] = node
            if matches_blanks(node, self.context.catalogue):
                self.blanks[id] = drafts.compared(node, "is_blank")
            return 0
        height = 1
        for child in _on(node):
            self.parents[str(child["id"])] = node
            height = max(height, self._gather(child) + 1)
        while len(self.layers) < height:
            self.layers.append([])
        self.layers[height - 1].append(node)
        return height

    def by_combination(self, key: str) -> dict[str, int]:
        """Every figure by its name, from how often each combination of the columns occurs."""
        apart = self.contacts if self._are_contacts_apart() else {}
        columns = {name: rule for name, rule in self.columns.items() if name not in apart}

        def counted() -> ir.Table:
            rows = combinations(list(columns.values()), self.context)
            found = rows.group_by("combination").aggregate(customers=rows.count())
            if not apart:
                return found
            places = {name: 1 << place for place, name in enumerate(columns)}
            matches = self._matches(self.root, rows.combination, places)
            return found.union(self._reached(rows.filter(matches)))

        told = answer("combinations of lines", [self.root], self.context, counted, key).rows
        found = np.array(told, dtype=np.int64).reshape(-1, 2)
        of_everyone = found[found[:, 0] >= 0]
        combination, customers = of_everyone.T
        values: dict[str, Any] = {
            name: _bit(combination, place) for place, name in enumerate(columns)
        }
        whole = _Arrays(len(combination))
        for groups in self.layers:
            values |= self._groups(groups, values, whole)
        asked = self._asked(values, whole)
        sums = {name: int(customers[holds].sum()) for name, holds in asked.items()}
        combination, customers = found[found[:, 0] < 0].T
        held = {name: _bit(~combination, place) for place, name in enumerate(apart)}
        for name, holds in self._together(held).items():
            sums[name] = int(customers[holds].sum())
        return {"everyone": int(of_everyone[:, 1].sum())} | sums

    def _are_contacts_apart(self) -> bool:
        """Whether emails and phones lie where no criterion looks: in a table to join for them."""
        catalogue = self.context.catalogue
        read = {catalogue.base} | {
            found[0].name
            for leaf in self.leaves.values()
            if (found := catalogue.find(str(leaf.get("attribute", ""))))
        }
        told = (catalogue.find(contact["attribute"]) for contact in self.contacts.values())
        return bool(self.leaves) and not any(found and found[0].name in read for found in told)

    def _matches(self, node: Node, held: Any, places: Mapping[str, int]) -> Any:
        """Whether the bits that are held answer a group. places: the bit of each column."""
        lines = [child for child in _on(node) if not drafts.word(child)]
        mask = sum(places[self.names[str(line["id"])]] for line in lines)
        groups = [self._matches(each, held, places) for each in _on(node) if drafts.word(each)]
        if drafts.word(node) == "all":
            return ibis.and_((held & mask) == mask, *groups)
        some = ibis.or_((held & mask) != 0, *groups)
        return some if drafts.word(node) == "any" else ~some

    def _reached(self, matching: ir.Table) -> ir.Table:
        """How many of these customers have which contacts: combinations turned, so below 0."""
        told = flags(self.contacts, self.context, of=matching)
        held = -1 - bits([told[name] for name in self.contacts])
        return told.group_by(combination=held.cast("int32")).aggregate(customers=told.count())

    def by_sums(self, key: str) -> dict[str, int]:
        """The same, each figure a sum over everyone."""

        def counted() -> ir.Table:
            rows = flags(self.columns, self.context)
            whole = _Columns()
            for groups in self.layers:
                rows = rows.mutate(**self._groups(groups, rows, whole))
            asked = {name: _many(holds) for name, holds in self._asked(rows, whole).items()}
            return rows.aggregate(everyone=rows.count(), **asked)

        return answer("sums of lines", [self.root], self.context, counted, key).numbers

    def _groups(self, groups: Sequence[Node], values: Any, whole: _Whole) -> dict[str, Any]:
        """How many lines of each group match."""
        return {
            self.names[str(group["id"])]: whole.total(
                [whole.number(self._value(values, child)) for child in _on(group)]
            )
            for group in groups
        }

    def _asked(self, values: Any, whole: _Whole) -> dict[str, Any]:
        """Every figure by its name, as the condition under which a customer counts in it."""
        matches = self._value(values, self.root)
        found: dict[str, Any] = {"customers": matches}
        held = {name: matches & values[name] for name in self.contacts if name in values}
        found |= self._together(held)
        nodes = {str(node["id"]): node for groups in self.layers for node in groups}
        for id, parent in self.parents.items():
            name, node = self.names[id], self.leaves.get(id) or nodes[id]
            value = self._value(values, node)
            found[f"{name}_alone"] = value
            hits = values[self.names[str(parent["id"])]] - whole.number(value)
            answer = _answer(drafts.word(parent), hits, len(_on(parent)) - 1)
            found[f"{name}_without"] = self._with(values, whole, parent, answer)
            if id in self.blanks:
                kept = value & ~values[f"{name}_blank"]
                found[f"{name}_blanks"] = self._with(values, whole, node, kept)
        return found

    def _together(self, held: Mapping[str, Any]) -> dict[str, Any]:
        """Who has each contact, and who has both of them."""
        if len(held) < len(("email", "phone")):
            return dict(held)
        return {**held, "both": held["email"] & held["phone"]}

    def lines(self, found: Mapping[str, int]) -> dict[str, Line]:
        lines = {}
        for id in self.parents:
            name = self.names[id]
            kept = found.get(f"{name}_blanks")
            lines[id] = Line(
                found[f"{name}_alone"],
                found[f"{name}_without"],
                None if kept is None else found["customers"] - kept,
            )
        return lines

    def _value(self, values: Any, node: Node) -> Any:
        column = values[self.names[str(node["id"])]]
        return _answer(drafts.word(node), column, len(_on(node))) if drafts.word(node) else column

    def _with(self, values: Any, whole: _Whole, node: Node, answer: Any) -> Any:
        """What the rule answers when the node answers that."""
        while (parent := self.parents.get(str(node["id"]))) is not None:
            old = whole.number(self._value(values, node))
            hits = values[self.names[str(parent["id"])]] - old + whole.number(answer)
            answer = _answer(drafts.word(parent), hits, len(_on(parent)))
            node = parent
        return answer


@dataclass(frozen=True, slots=True)
class _Arrays:
    """Conditions as arrays, with a value for each combination."""

    size: int

    def number(self, condition: Any) -> Any:
        return condition.astype(np.int32)

    def total(self, numbers: Sequence[Any]) -> Any:
        return sum(numbers, np.zeros(self.size, dtype=np.int32))


@dataclass(frozen=True, slots=True)
class _Columns:
    """Conditions as columns of a query."""

    def number(self, condition: Any) -> Any:
        return condition.cast("int32")

    def total(self, numbers: Sequence[Any]) -> Any:
        return total(numbers)


_Whole = _Arrays | _Columns


def _bit(numbers: Any, place: int) -> Any:
    return (numbers >> place & 1).astype(bool)


def _many(condition: ir.BooleanValue) -> ir.Value:
    """How often it is true; a sum is quicker than a count with a filter."""
    return condition.cast("int32").sum().fill_null(0)


def _on(group: Node) -> list[Node]:
    return [child for child in drafts.children(group) if not child.get("off")]


def _answer(word: str, hits: Any, size: int) -> Any:
    """What a group answers of whose ``size`` lines so many match."""
    known: dict[str, Callable[[], Any]] = {
        "all": lambda: hits == size,
        "any": lambda: hits > 0,
        "none": lambda: hits == 0,
    }
    return known[word]()
