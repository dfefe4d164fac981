"""An edit that was not made because another person edited the same thing: both, in words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from core.errors import MusterError
from segments import drafts, revisions
from segments.merging import ClashError
from segments.models import Segment
from segments.operations import changed
from segments.sheets.editor import phrase_of
from segments.sql_drafts import text_of
from warehouse.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Clash:
    """text: what happened; theirs, mine: what the line would say, '' where it has no words.

    place: the id of the line beside which it is told, '' for above the rule; again: the
    edit as the page sends it to insist, JSON; field: the id of the field that keeps what was
    typed until it is chosen, and sends it, '' where the page shows what is stored.
    """

    text: str
    theirs: str
    mine: str
    place: str
    again: str
    field: str = ""


def clash(error: ClashError, segment: Segment, base: int, catalogue: Catalogue) -> Clash:
    """segment: as it is now; base: the revision that the refused edit was made on."""
    again = {
        "op": error.op,
        "node": error.node,
        "value": error.values,
        "base": str(base),
        "insists": "1",
    }
    if error.op == "sql":  # mine stands in its field, and is sent from there
        del again["value"]
        return Clash(str(error), text_of(segment), "", "", json.dumps(again), field="sql")
    if not error.node:
        mine = error.values[0] if error.op == "name" and error.values else ""
        theirs = segment.name if error.op == "name" else ""
        return Clash(str(error), theirs, mine, "", json.dumps(again))
    now = revisions.shown(segment)
    was = revisions.at(segment, base)
    theirs = _words(now, error.node, catalogue)
    mine = _mine(was.state, error, catalogue) if was else ""
    return Clash(str(error), theirs, mine, _place(now, error.node), json.dumps(again))


def _mine(root: dict[str, Any], error: ClashError, catalogue: Catalogue) -> str:
    try:
        edited = changed(root, error.op, error.node, error.values, catalogue)
    except MusterError:
        return ""
    return _words(edited, error.node, catalogue)


def _words(root: dict[str, Any], node: str, catalogue: Catalogue) -> str:
    found = drafts.find(root, node)
    if found is None:
        return ""
    if "attribute" in found and not _is_customers(root, node):
        return str(found.get("value", ""))
    return phrase_of(found, catalogue)


def _is_customers(root: dict[str, Any], node: str) -> bool:
    """Whether it is a criterion about customers, not a condition on an event's rows."""
    events = (each for each in drafts.walk(root) if isinstance(each.get("where"), dict))
    return not any(drafts.find(each["where"], node) for each in events)


def _place(root: dict[str, Any], node: str) -> str:
    """The row of the page that holds the node: a criterion, or a group within the rule."""
    for each in drafts.walk(root):
        if not drafts.word(each) and drafts.find(each, node) is not None:
            return str(each["id"])
    found = drafts.find(root, node)
    return "" if found is None or found is root else node
