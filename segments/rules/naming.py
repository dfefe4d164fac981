"""The segments and lists that a rule names, and the circles that segments may run in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from segments.rules.nodes import GROUPS


def segment_names(json: Any) -> set[str]:
    """The segments that a rule names, those switched off excepted."""
    return _names(json)[0]


def list_names(json: Any) -> set[str]:
    """The uploaded lists that a rule names, those switched off excepted."""
    return _names(json)[1]


def _names(json: Any) -> tuple[set[str], set[str]]:
    segments: set[str] = set()
    lists: set[str] = set()
    waiting = [json]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Mapping) or node.get("off") is True:
            continue
        if isinstance(node.get("segment"), str):
            segments.add(node["segment"])
        value = node.get("value")
        if isinstance(value, Mapping) and isinstance(value.get("list"), str):
            lists.add(value["list"])
        waiting.append(node.get("where"))
        for word in GROUPS:
            rules = node.get(word)
            waiting += list(rules) if isinstance(rules, list | tuple) else []
    return segments, lists


def circle(name: str, segments: Mapping[str, Any] | Collection[str], own: str) -> list[str]:
    """The names along a circle that begins with ``name``, or with the rule's own name."""
    if not isinstance(segments, Mapping):
        return [own, own] if own and name == own else []

    chain = [own] if own else []
    waiting = [(name, len(chain))]
    seen: set[str] = set()
    while waiting:
        current, depth = waiting.pop()
        del chain[depth:]
        if current in chain:
            return [*chain[chain.index(current) :], current]
        if current in seen:
            continue
        seen.add(current)
        chain.append(current)
        rule = segments.get(current)
        named = sorted(segment_names(rule), reverse=True) if rule is not None else []
        waiting += [(each, depth + 1) for each in named]
    return []
