"""The order and the groups of a draft's lines: move, wrap, dissolve.

The block that leaves people out stays last, and counts as an outermost group like the rule
itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.edits import EditRefusedError
from core.typed import whole
from segments import drafts
from segments.operations import typed
from segments.operations.draft import Draft, Node
from segments.operations.typed import Values
from segments.rules import matches_blanks


def up(draft: Draft, node: str, values: Values) -> None:
    """One place up within its group."""
    _step(draft, node, -1)


def down(draft: Draft, node: str, values: Values) -> None:
    """One place down within its group."""
    _step(draft, node, 1)


def _step(draft: Draft, id: str, step: int) -> None:
    parent = draft.parent(id)
    if parent is not None:
        rules = drafts.rules(parent)
        at = _at(rules, id)
        drafts.place(draft.root, parent, rules.pop(at), max(at + step, 0))


def move(draft: Draft, node: str, values: Values) -> None:
    """values: the id of the group that takes it, and its place there from 0."""
    target = draft.node(typed.at(values, 0))
    place = whole(typed.at(values, 1))
    line, parent = draft.node(node), draft.parent(node)
    if parent is None or not drafts.word(target) or place is None:
        raise EditRefusedError("Drop it inside a group.")
    if any(each is target for each in drafts.walk(line)):
        raise EditRefusedError("A group cannot be moved into itself.")
    drafts.rules(parent).remove(line)
    drafts.place(draft.root, target, line, place)
    _tidy(draft, parent)


def into(draft: Draft, node: str, values: Values) -> None:
    """To the end of the group above it; without one, of the group below."""
    parent = draft.parent(node)
    if parent is None:
        return
    rules = drafts.rules(parent)
    at = _at(rules, node)
    near = [*reversed(rules[:at]), *rules[at + 1 :]]
    block = drafts.left_out(draft.root)
    target = next((each for each in near if drafts.word(each) and each is not block), None)
    if target is None:
        raise EditRefusedError("There is no group beside it. Wrap it in one, or add a group.")
    drafts.rules(target).append(rules.pop(at))


def out(draft: Draft, node: str, values: Values) -> None:
    """Out of its group, to the place after that group."""
    parent = draft.parent(node)
    above = draft.parent(str(parent["id"])) if parent is not None else None
    if parent is None or above is None or parent is drafts.left_out(draft.root):
        raise EditRefusedError("It is in no group that it could leave.")
    line = draft.node(node)
    drafts.rules(parent).remove(line)
    drafts.place(draft.root, above, line, _at(drafts.rules(above), str(parent["id"])) + 1)
    _tidy(draft, parent)


def wrap(draft: Draft, node: str, values: Values) -> None:
    """Into a new group of its own, that matches any of its lines."""
    parent = draft.parent(node)
    if parent is not None:
        rules = drafts.rules(parent)
        at = _at(rules, node)
        rules[at] = {"id": drafts.new_id(), "any": [rules[at]]}


def unwrap(draft: Draft, node: str, values: Values) -> None:
    """The lines of a group take its place."""
    parent, line = draft.parent(node), draft.node(node)
    if parent is not None and drafts.word(line):
        rules = drafts.rules(parent)
        at = _at(rules, node)
        rules[at : at + 1] = drafts.rules(line)
        _tidy(draft, parent)


def without_blanks(draft: Draft, node: str, values: Values) -> None:
    """Ask beside a criterion that there is a value: it no longer matches blanks."""
    parent, line = draft.parent(node), draft.node(node)
    if not matches_blanks(line, draft.catalogue):
        raise EditRefusedError("It matches no blanks.")
    known = drafts.compared(line, "is_not_blank")
    drafts.renew_ids(known)
    if parent is not None and drafts.word(parent) == "all":
        drafts.rules(parent).insert(_at(drafts.rules(parent), node) + 1, known)
        return
    both = {"id": drafts.new_id(), "all": [line, known]}
    if parent is not None:
        drafts.rules(parent)[_at(drafts.rules(parent), node)] = both
    elif event := draft.event(node):  # the only condition on its rows
        event["where"] = both


def _at(rules: Sequence[Node], id: str) -> int:
    return next(index for index, each in enumerate(rules) if each.get("id") == id)


def _tidy(draft: Draft, group: Node) -> None:
    """A group that a move has emptied goes, unless it is the rule itself."""
    above = draft.parent(str(group["id"]))
    if above is not None and not drafts.rules(group):
        drafts.rules(above).remove(group)
