"""What an edit of a rule has done, in words for those who do not see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segments import drafts
from segments.wording import words
from warehouse.catalogue import Catalogue

Node = Mapping[str, Any]

SAID = {
    "undo": "Undone.",
    "redo": "Redone.",
    "discard": "Changes discarded. Undo brings them back.",
}
MOVES = ("up", "down", "into", "out")


def announced(op: str, node: str, before: Node, after: Node, catalogue: Catalogue) -> str:
    """What an operation on the line or group ``node`` did; '' when the page need not say it.

    before, after: the whole rule. What is dragged, or moved by Alt and an arrow, is told by
    the page itself as it happens.
    """
    if op in SAID:
        return SAID[op]
    was, now = drafts.find(before, node), drafts.find(after, node)
    if was is None:
        return ""
    name = words.criterion_label(was, catalogue)
    if op == "remove":
        return f"{name} removed. Undo brings it back."
    if now is None:
        return f"{name} dissolved." if op == "unwrap" else ""
    if op in MOVES:
        return f"{name} moved to {_place(after, node)}." if before != after else ""
    if op == "off":
        return f"{name} is switched off." if now.get("off") else f"{name} counts again."
    return {
        "duplicate": f"{name} duplicated.",
        "wrap": f"{name} is in a group of its own now.",
    }.get(op, "")


def _place(root: Node, id: str) -> str:
    """Where a node lies: "place 1 of 3"."""
    for each in drafts.walk(root):
        held = [child["id"] for child in drafts.children(each)]
        if id in held:
            lines = [other for other in held if other != drafts.LEAVE_OUT]
            return f"place {lines.index(id) + 1} of {len(lines)}"
    return "its place"
