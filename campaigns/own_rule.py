"""A sub-audience's own rule: as the editor keeps it, and as far as it is finished."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from segments import drafts
from warehouse.catalogue import Catalogue


def is_made(rule: Any) -> bool:
    """Whether it comes from the editor, where lines may not be finished."""
    return isinstance(rule, Mapping) and "id" in rule


def finished(rule: Any, tables: Catalogue) -> Any:
    """What it asks so far; None, and so nobody, as long as that is nothing."""
    if not is_made(rule):
        return rule
    asked = drafts.finished(rule, tables)
    return asked if drafts.has_criteria(asked) else None


def unfinished(rule: Any, tables: Catalogue) -> list[str]:
    """What its lines and groups lack, each in words: "Pick a value". What is off lacks nothing."""
    return [lack for lack in _lacks(rule, tables) if lack] if is_made(rule) else []


def _lacks(node: Any, tables: Catalogue) -> Iterator[str]:
    if not isinstance(node, Mapping) or node.get("off"):
        return
    if drafts.word(node):
        yield "" if drafts.children(node) else "Add a criterion"
    else:
        yield drafts.missing(node, tables)
    for each in (*drafts.children(node), node.get("where")):
        yield from _lacks(each, tables)
