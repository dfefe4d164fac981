"""What each line of a draft costs: who matches it alone, and how the total changes without it.

All of it comes from one pass over the data. Each criterion is one column, true or false; each
group the number of its lines that match, in layers from the innermost. What the rule answers
without a line follows from those numbers along the way up from it, so the query grows with
the lines and their depth, not with their square.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import ibis

from segments import counting, drafts
from segments.compile import Context, flags, ir
from segments.rules import split, type_of
from segments.rules.operators import opposite

Node = dict[str, Any]


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
    rows = plan.rows()
    asked = plan.asked(rows)
    found = dict(zip(asked, counting.answers(rows.aggregate(**asked), context, key), strict=True))
    reach = counting.reach_of({name: found[name] for name in found if name in plan.contacts})
    return Figures(reach, found["everyone"], plan.lines(found))


@dataclass
class _Plan:
    root: Node
    context: Context
    names: dict[str, str] = field(default_factory=dict)  # id -> column
    parents: dict[str, Node] = field(default_factory=dict)
    layers: list[list[Node]] = field(default_factory=list)  # groups, innermost first
    leaves: dict[str, Node] = field(default_factory=dict)
    blanks: dict[str, Node] = field(default_factory=dict)
    contacts: list[str] = field(default_factory=lambda: ["customers"])

    def __post_init__(self) -> None:
        self._gather(self.root)

    def _gather(self, node: Node) -> int:
        """Note the node and what is on below it; answer its height."""
        id = str(node["id"])
        self.names[id] = f"node_{len(self.names)}"
        if not drafts.word(node):
            self.leaves[id] = node
            if _matches_blanks(node, self.context):
                self.blanks[id] = {"attribute": node["attribute"], "operator": "is_blank"}
            return 0
        height = 1
        for child in _on(node):
            self.parents[str(child["id"])] = node
            height = max(height, self._gather(child) + 1)
        while len(self.layers) < height:
            self.layers.append([])
        self.layers[height - 1].append(node)
        return height

    def rows(self) -> ir.Table:
        """Everyone: a column for each criterion, and for each group how many of it match."""
        asked: dict[str, Any] = {self.names[id]: leaf for id, leaf in self.leaves.items()}
        asked |= {f"{self.names[id]}_blank": leaf for id, leaf in self.blanks.items()}
        for name, column in counting.contact_columns(self.context.catalogue).items():
            if column:
                asked[name] = {"attribute": column, "operator": "is_not_blank"}
                self.contacts.append(name)
        rows = flags(asked, self.context)
        for groups in self.layers:
            rows = rows.mutate(
                **{
                    self.names[str(group["id"])]: _sum(
                        [self._value(rows, child).cast("int32") for child in _on(group)]
                    )
                    for group in groups
                }
            )
        return rows

    def asked(self, rows: ir.Table) -> dict[str, ir.Value]:
        """Every figure by name, as an aggregate."""
        total = self._value(rows, self.root)
        found: dict[str, ir.Value] = {"customers": _many(total)}
        for contact in self.contacts[1:]:
            found[contact] = _many(total & rows[contact])
        if len(self.contacts) == len(("customers", "email", "phone")):
            found["both"] = _many(total & rows.email & rows.phone)
            self.contacts.append("both")
        found["everyone"] = rows.count()
        for id in self.parents:
            node = self._node(id)
            name = self.names[id]
            found[f"{name}_alone"] = _many(self._value(rows, node))
            found[f"{name}_without"] = _many(self._without(rows, node))
            if id in self.blanks:
                kept = rows[name] & ~rows[f"{name}_blank"]
                found[f"{name}_blanks"] = _many(self._with(rows, node, kept))
        return found

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

    def _node(self, id: str) -> Node:
        if id in self.leaves:
            return self.leaves[id]
        return next(group for layer in self.layers for group in layer if group["id"] == id)

    def _value(self, rows: ir.Table, node: Node) -> Any:
        column = rows[self.names[str(node["id"])]]
        return _answer(drafts.word(node), column, len(_on(node))) if drafts.word(node) else column

    def _without(self, rows: ir.Table, node: Node) -> Any:
        """What the rule answers when the node is absent."""
        parent = self.parents[str(node["id"])]
        hits = rows[self.names[str(parent["id"])]] - self._value(rows, node).cast("int32")
        answer = _answer(drafts.word(parent), hits, len(_on(parent)) - 1)
        return self._with(rows, parent, answer)

    def _with(self, rows: ir.Table, node: Node, answer: Any) -> Any:
        """What the rule answers when the node answers that."""
        while (parent := self.parents.get(str(node["id"]))) is not None:
            old = self._value(rows, node).cast("int32")
            hits = rows[self.names[str(parent["id"])]] - old + answer.cast("int32")
            answer = _answer(drafts.word(parent), hits, len(_on(parent)))
            node = parent
        return answer


def _many(condition: Any) -> Any:
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


def _sum(values: list[Any]) -> Any:
    """Added in pairs, so that the expression stays flat."""
    if not values:
        return ibis.literal(0)
    while len(values) > 1:
        pairs = [values[i : i + 2] for i in range(0, len(values), 2)]
        values = [pair[0] + pair[1] if len(pair) > 1 else pair[0] for pair in pairs]
    return values[0]


def _matches_blanks(node: Node, context: Context) -> bool:
    operator = str(node.get("operator", ""))
    found = split(str(node.get("attribute", "")), context.catalogue)
    if found is None or operator == "is_not_blank":
        return False
    return bool(opposite(operator, type_of(*found)))
