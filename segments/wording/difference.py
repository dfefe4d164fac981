"""What is different between two rules, as the steps from one to the other.

The two are read as people see them: the lines asked for, and the lines that leave people
out. Lines have no ids in a published rule, so a line is found again by what it says, then
by what it is about. Each difference is a step from the old rule towards the new one: done
one after the other they end there, so that what each changes in the count adds up.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from segments import drafts
from segments.drafts import is_sql

Node = dict[str, Any]
Kind = Literal["changed", "off", "on", "added", "removed", "matching", "grouped", "ordered", "sql"]


@dataclass(frozen=True, slots=True)
class Step:
    """One difference. old, new: the criterion or group before and after, None where it was
    not there; leaving: whether it is about people who are left out; rule: the whole rule
    once this step and those before it are done."""

    kind: Kind
    rule: Node
    old: Node | None = None
    new: Node | None = None
    leaving: bool = False


def steps(old: Any, new: Any) -> list[Step]:
    """The differences of two rules, none when they say the same."""
    if is_sql(old) or is_sql(new):
        same = drafts.plain(old) == drafts.plain(new)
        return [] if same else [Step("sql", new, old, new)]
    return _Comparison(_Sides.of(old), _Sides.of(new)).steps()


@dataclass(slots=True)
class _Sides:
    """A rule as two groups, each node with an id: the lines asked for, and those that leave
    people out (any of them)."""

    main: Node
    out: Node

    @classmethod
    def of(cls, rule: Any) -> _Sides:
        root = drafts.with_ids(drafts.plain(rule))
        block = drafts.left_out(root)
        rest = [child for child in drafts.children(root) if child is not block]
        main = {**root, drafts.word(root): rest}
        if block is not None and len(rest) == 1 and drafts.word(rest[0]):
            main = rest[0]
        out = block["none"] if block is not None else []
        return cls({**main, "id": "main"}, {"id": "out", "any": out})

    @property
    def rule(self) -> Node:
        """Both as one rule of the language."""
        main = drafts.plain(self.main)
        if not self.out["any"]:
            made: Node = main
        else:
            none = drafts.plain({"none": self.out["any"]})
            alone = drafts.word(main) == "all" and not main.get("off")
            made = {"all": [*(main["all"] if alone else [main]), none]}
        return made

    @property
    def roots(self) -> tuple[Node, Node]:
        return self.main, self.out

    def nodes(self) -> Iterator[tuple[Node, Node | None, bool]]:
        """Each with the group that holds it, and whether it is about people left out."""
        for root in self.roots:
            yield from _below(root, None, root is self.out)


def _below(node: Node, holder: Node | None, leaving: bool) -> Iterator[tuple[Node, Any, bool]]:
    yield node, holder, leaving
    for child in drafts.children(node):
        yield from _below(child, node, leaving)


def _same(node: Node) -> str:
    """What a criterion says, whether it is on or off."""
    return json.dumps(
        {key: value for key, value in drafts.plain(node).items() if key != "off"}, sort_keys=True
    )


def _subject(node: Node) -> str:
    about = [node.get(key) for key in ("attribute", "event", "measure", "of", "segment")]
    return json.dumps(about)


@dataclass(slots=True)
class _Comparison:
    old: _Sides
    new: _Sides
    lines: dict[str, str] = field(default_factory=dict)  # id of a new line -> id of the old one
    groups: dict[str, str] = field(default_factory=dict)
    found: list[Step] = field(default_factory=list)
    now: _Sides = field(init=False)

    def __post_init__(self) -> None:
        self.now = copy.deepcopy(self.old)
        self._match_lines()
        self._match_groups()

    def steps(self) -> list[Step]:
        self._change()
        self._add()
        self._remove()
        self._arrange()
        return self.found

    def _done(self, kind: Kind, leaving: bool, old: Node | None, new: Node | None) -> None:
        self.found.append(Step(kind, self.now.rule, old, new, leaving))

    # Which is which

    def _match_lines(self) -> None:
        olds, news = ([each for each in side.nodes() if _is_line(each[0])] for side in self._both)
        ways: list[Callable[[Node, bool], object]] = [
            lambda node, leaving: (_same(node), leaving),
            lambda node, leaving: _same(node),
            lambda node, leaving: (_subject(node), leaving),
            lambda node, leaving: (node["event"], leaving) if "event" in node else None,
        ]
        for way in ways:
            free = {node["id"]: way(node, leaving) for node, _, leaving in olds}
            free = {id: said for id, said in free.items() if id not in self.lines.values()}
            for node, _, leaving in news:
                if node["id"] in self.lines:
                    continue
                said = way(node, leaving)
                twin = next((id for id, other in free.items() if said and other == said), None)
                if twin is not None:
                    self.lines[node["id"]] = twin
                    del free[twin]

    def _match_groups(self) -> None:
        """A group is the old one with most of its lines; main and left out are themselves."""
        self.groups = {"main": "main", "out": "out"}
        holders = {node["id"]: holder for node, holder, _ in self.old.nodes() if holder}
        for group, holder, _ in self.new.nodes():
            if _is_line(group) or holder is None:
                continue
            were = [
                str(holders[self.lines[line["id"]]]["id"])
                for line in drafts.children(group)
                if line["id"] in self.lines
            ]
            likely = sorted(set(were) - set(self.groups.values()), key=were.count, reverse=True)
            if likely:
                self.groups[group["id"]] = likely[0]

    @property
    def _both(self) -> tuple[_Sides, _Sides]:
        return self.old, self.new

    # What was done

    def _change(self) -> None:
        for new, _, leaving in self.new.nodes():
            twin = self.lines.get(new["id"])
            node = self._find(twin) if twin is not None else None
            if node is None:
                continue
            if _same(node) != _same(new):
                was, off = copy.deepcopy(node), node.get("off")
                node.clear()
                node.update({**copy.deepcopy(new), "id": twin})
                node.pop("off", None)
                if off:
                    node["off"] = True
                self._done("changed", leaving, was, new)
            self._switch(node, new, leaving)

    def _switch(self, node: Node, new: Node, leaving: bool) -> None:
        if bool(node.get("off")) == bool(new.get("off")):
            return
        if new.get("off"):
            node["off"] = True
        else:
            node.pop("off")
        self._done("off" if new.get("off") else "on", leaving, None, new)

    def _add(self) -> None:
        for new, holder, leaving in list(self.new.nodes()):
            if holder is None or not self._is_new(new) or self._is_new(holder):
                continue
            if not _lines(new):
                continue
            group = self._find(self.groups.get(holder["id"], ""))
            target = group or (self.now.out if leaving else self.now.main)
            target[drafts.word(target)].append(_marked(new))
            self._done("added", leaving, None, new)

    def _is_new(self, node: Node) -> bool:
        if _is_line(node):
            return node["id"] not in self.lines
        known = any(line["id"] in self.lines for line in _lines(node))
        return not known and node["id"] not in ("main", "out")

    def _remove(self) -> None:
        kept = set(self.lines.values())
        for old, holder, leaving in list(self.old.nodes()):
            if holder is None or not _lines(old):
                continue
            if self._is_gone(old, kept) and not self._is_gone(holder, kept):
                for root in self.now.roots:
                    _drop(root, old["id"])
                self._done("removed", leaving, old, None)

    def _is_gone(self, node: Node, kept: set[str]) -> bool:
        if node["id"] in ("main", "out"):
            return False
        return not any(line["id"] in kept for line in _lines(node))

    def _arrange(self) -> None:
        """What is left: how groups match, and which lines are together."""
        if _form(self.now.rule) != _form(self.new.rule):
            for new, _, leaving in self.new.nodes():
                node = self._find(self.groups.get(new["id"], ""))
                if _is_line(new) or node is None:
                    continue
                old, word = drafts.word(node), drafts.word(new)
                if old != word:
                    was = copy.deepcopy(node)
                    node[word] = node.pop(old)
                    self._done("matching", leaving, was, new)
                self._switch(node, new, leaving)
        different = _form(self.now.rule) != _form(self.new.rule)
        self.now = self.new
        if different:
            self._done("grouped", False, None, None)
        elif not self.found and self.old.rule != self.new.rule:
            self._done("ordered", False, None, None)
        elif self.found:
            last = self.found[-1]
            self.found[-1] = Step(last.kind, self.new.rule, last.old, last.new, last.leaving)

    def _find(self, id: str) -> Node | None:
        return next((node for node, _, _ in self.now.nodes() if node["id"] == id), None)


def _is_line(node: Node) -> bool:
    return not drafts.word(node)


def _lines(node: Node) -> list[Node]:
    """The criteria in a group, however deep; of a criterion itself."""
    return [each for each, _, _ in _below(node, None, False) if _is_line(each)]


def _marked(node: Node) -> Node:
    """A copy whose ids are no old line's."""
    made = copy.deepcopy(node)
    for each, _, _ in _below(made, None, False):
        each["id"] = f"new-{each['id']}"
    return made


def _drop(group: Node, id: str) -> None:
    """Take a node out, and the groups that this empties."""
    rules: list[Node] = group[drafts.word(group)]
    for child in list(rules):
        if child["id"] == id:
            rules.remove(child)
        elif drafts.word(child):
            _drop(child, id)
            if not drafts.children(child):
                rules.remove(child)


def _form(rule: Node) -> str:
    """The rule without the order of its lines and without empty groups."""

    def formed(node: Node) -> Any:
        word = drafts.word(node)
        if not word:
            return node
        below = [formed(child) for child in node[word] if _lines(child)]
        ordered = sorted(below, key=lambda each: json.dumps(each, sort_keys=True))
        return {**node, word: ordered}

    return json.dumps(formed(rule), sort_keys=True)
