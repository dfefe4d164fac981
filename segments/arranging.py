"""The order and the groups of a draft's lines: move, wrap, dissolve.

Each function changes the tree in place; ``root`` is a rule whose nodes have ids. The block
that leaves people out stays last, and counts as an outermost group like the rule itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.edits import EditRefusedError
from core.typed import whole
from segments import drafts

Node = dict[str, Any]


def by(root: Node, id: str, step: int) -> None:
    """One place up (-1) or down (1) within its group."""
    parent = _parent(root, id)
    if parent is not None:
        rules = _rules(parent)
        at = _at(rules, id)
        _place(root, parent, rules.pop(at), max(at + step, 0))


def move(root: Node, id: str, values: Sequence[str]) -> None:
    """values: the id of the group that takes it, and its place there from 0."""
    target = _node(root, values[0] if values else "")
    place = whole(values[1]) if len(values) > 1 else None
    node, parent = _node(root, id), _parent(root, id)
    if parent is None or not drafts.word(target) or place is None:
        raise EditRefusedError("Drop it inside a group.")
    if any(each is target for each in drafts.walk(node)):
        raise EditRefusedError("A group cannot be moved into itself.")
    _rules(parent).remove(node)
    _place(root, target, node, place)
    _tidy(root, parent)


def into(root: Node, id: str) -> None:
    """To the end of the group above it; without one, of the group below."""
    parent = _parent(root, id)
    if parent is None:
        return
    rules = _rules(parent)
    at = _at(rules, id)
    near = [*reversed(rules[:at]), *rules[at + 1 :]]
    block = drafts.left_out(root)
    target = next((each for each in near if drafts.word(each) and each is not block), None)
    if target is None:
        raise EditRefusedError("There is no group beside it. Wrap it in one, or add a group.")
    _rules(target).append(rules.pop(at))


def out(root: Node, id: str) -> None:
    """Out of its group, to the place after that group."""
    parent = _parent(root, id)
    above = _parent(root, str(parent["id"])) if parent is not None else None
    if parent is None or above is None or parent is drafts.left_out(root):
        raise EditRefusedError("It is in no group that it could leave.")
    node = _node(root, id)
    _rules(parent).remove(node)
    _place(root, above, node, _at(_rules(above), str(parent["id"])) + 1)
    _tidy(root, parent)


def wrap(root: Node, id: str) -> None:
    """Into a new group of its own, that matches any of its lines."""
    parent = _parent(root, id)
    if parent is not None:
        rules = _rules(parent)
        at = _at(rules, id)
        rules[at] = {"id": drafts.new_id(), "any": [rules[at]]}


def unwrap(root: Node, id: str) -> None:
    """The lines of a group take its place."""
    parent, node = _parent(root, id), _node(root, id)
    if parent is not None and drafts.word(node):
        rules = _rules(parent)
        at = _at(rules, id)
        rules[at : at + 1] = _rules(node)
        _tidy(root, parent)


def without_blanks(root: Node, id: str) -> None:
    """Ask beside a criterion that there is a value: it no longer matches blanks."""
    parent, node = _parent(root, id), _node(root, id)
    if parent is None or "attribute" not in node:
        raise EditRefusedError("Only an attribute can be blank.")
    known = {"id": drafts.new_id(), "attribute": node["attribute"], "operator": "is_not_blank"}
    rules = _rules(parent)
    at = _at(rules, id)
    if drafts.word(parent) == "all":
        rules.insert(at + 1, known)
    else:
        rules[at] = {"id": drafts.new_id(), "all": [node, known]}


def _node(root: Node, id: str) -> Node:
    found = next((each for each in drafts.walk(root) if each.get("id") == id), None)
    if found is None:
        raise EditRefusedError("This line is gone. You now see the segment as it is.")
    return found


def _parent(root: Node, id: str) -> Node | None:
    groups = (each for each in drafts.walk(root) if drafts.word(each))
    return next(
        (each for each in groups if any(child.get("id") == id for child in _rules(each))), None
    )


def _rules(group: Node) -> list[Node]:
    rules: list[Node] = group[drafts.word(group)]
    return rules


def _at(rules: Sequence[Node], id: str) -> int:
    return next(index for index, each in enumerate(rules) if each.get("id") == id)


def _place(root: Node, group: Node, node: Node, place: int) -> None:
    rules = _rules(group)
    block = drafts.left_out(root) if group is root else None
    rules.insert(min(place, len(rules) - (block is not None)), node)


def _tidy(root: Node, group: Node) -> None:
    """A group that a move has emptied goes, unless it is the rule itself."""
    above = _parent(root, str(group["id"]))
    if above is not None and not _rules(group):
        _rules(above).remove(group)
