"""Two people in one draft: whether an edit fits what another person has made of it meanwhile."""

from __future__ import annotations

from typing import Any

from core.edits import StaleEditError
from segments import drafts

Node = dict[str, Any]

YOU = "You"  # in another window
ADDS = ("add", "add_group", "filter", "duplicate")  # they take nothing away that was there
PLACES = ("up", "down", "move", "into", "out", "wrap", "unwrap", "no_blanks")


class ClashError(StaleEditError):
    """Both edited the same thing. Data: by whom it was, and the edit that was not made.

    node: the id, '' for the segment itself; gone: whether the other person removed it.
    """

    def __init__(self, editor: str, op: str, node: str, values: list[str], gone: bool = False):
        super().__init__(editor, "segment")
        self.args = (editor, op, node, values, gone)
        self.op = op
        self.node = node
        self.values = values
        self.gone = gone

    def __str__(self) -> str:
        who = f"{self.editor} {'have' if self.editor == YOU else 'has'}"
        if self.op == "discard":
            return f"{who} changed this segment meanwhile."
        if self.op == "name":
            return f"{who} changed the name meanwhile."
        if self.op == "sql":
            return f"{who} changed the SQL meanwhile. Yours is in the field, not saved yet."
        return f"{who} {'removed' if self.gone else 'changed'} the same line meanwhile."


def clashes(base: Node, now: Node, op: str, node: str) -> bool:
    """Whether an edit made on ``base`` is about what has changed in ``now`` since.

    Edits of different nodes never clash, nor do two lines added to one group.
    """
    before, after = drafts.find(base, node), drafts.find(now, node)
    if after is None:
        return not (op == "remove" or (op in ADDS and node == drafts.LEAVE_OUT))
    if before is None or op in ADDS:
        return False
    if op == "remove":
        return _owns(before) != _owns(after)
    if op in PLACES:
        return _holder(base, node) != _holder(now, node)
    return _own(before) != _own(after)


def put_back(now: Node, base: Node, node: str) -> Node:
    """The rule with a line or group that another person removed, where it was in ``base``."""
    root = drafts.copied(now)
    lost, holder = drafts.find(base, node), drafts.find(root, _holder(base, node))
    if lost is not None:
        group = holder if holder is not None and drafts.word(holder) else root
        drafts.place(root, group, drafts.copied(lost))
    return root


def _own(node: Node) -> Node:
    """What a node says itself, without the nodes below it."""
    word = drafts.word(node)
    return {key: value for key, value in node.items() if key not in ("where", word)} | {"": word}


def _owns(node: Node) -> dict[str, Node]:
    return {str(each.get("id")): _own(each) for each in drafts.walk(node)}


def _holder(root: Node, node: str) -> str:
    """The id of the group, or of the event, that holds the node."""
    for each in drafts.walk(root):
        below = [*drafts.children(each), each.get("where")]
        if any(isinstance(child, dict) and child.get("id") == node for child in below):
            return str(each["id"])
    return ""
