"""Drafts: rules in the making, whose nodes carry ids and whose criteria may be incomplete."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from segments.rules import check
from segments.rules.nodes import GROUPS
from warehouse.catalogue import Catalogue

EMPTY: dict[str, Any] = {"all": []}
COMPARISON = ("operator", "value", "ignore_case")
LEAVE_OUT = "leave-out"  # the id of the block that leaves people out, and its name before that


def word(node: Mapping[str, Any]) -> str:
    """all, any or none of a group; '' for a criterion."""
    return next((each for each in GROUPS if each in node), "")


def is_sql(rule: Any) -> bool:
    """Whether a rule is written in SQL."""
    return isinstance(rule, Mapping) and "sql" in rule


def children(node: Mapping[str, Any]) -> list[Any]:
    return list(node[word(node)]) if word(node) else []


def rules(group: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The group's own list of what it holds, to change the group by it."""
    found: list[dict[str, Any]] = group[word(group)]
    return found


def walk(node: Any) -> Iterator[dict[str, Any]]:
    """The node and all below it, the conditions of events included."""
    if not isinstance(node, dict):
        return
    yield node
    for each in children(node):
        yield from walk(each)
    yield from walk(node.get("where"))


def find(root: Any, id: str) -> dict[str, Any] | None:
    """The node with that id, None when there is none (any more)."""
    return next((each for each in walk(root) if each.get("id") == id), None)


def new_id() -> str:
    return secrets.token_hex(4)


def renew_ids(node: Any) -> None:
    """Give new ids to the node and all below it, in place."""
    for each in walk(node):
        each["id"] = new_id()


def with_ids(rule: Any) -> dict[str, Any]:
    """A segment's rule as ``numbered``, the block that leaves people out with an id of its own.

    That is a none at the end of the root's all, but for a group that was made in the draft.
    """
    made = _group(rule)
    last = children(made)[-1] if word(made) == "all" and children(made) else {}
    if word(last) == "none":
        last.setdefault("id", LEAVE_OUT)
    return _numbered(made, "n")


def left_out(root: Mapping[str, Any]) -> dict[str, Any] | None:
    """The block that leaves people out, None without one."""
    return next((each for each in children(root) if each.get("id") == LEAVE_OUT), None)


def all_left_out(block: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The group of the lines that must all match for a block to leave people out; None where
    any of its lines does."""
    held = children(block) if block is not None else []
    alone = held[0] if len(held) == 1 else {}
    return alone if word(alone) == "all" and not alone.get("off") else None


def place(
    root: Mapping[str, Any], group: Mapping[str, Any], node: dict[str, Any], at: int | None = None
) -> None:
    """Put a node into a group, at a place from 0 or at the end.

    The block that leaves people out stays the last of the rule.
    """
    held = rules(group)
    block = left_out(root) if group is root else None
    end = held.index(block) if block is not None else len(held)
    held.insert(end if at is None else min(at, end), node)


def copied(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a rule's JSON, lines and groups with it: five times as quick as a deepcopy."""
    return {key: _copied(value) for key, value in rule.items()}


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return copied(value)
    return [_copied(each) for each in value] if isinstance(value, list) else value


def numbered(rule: Any, root: str) -> dict[str, Any]:
    """A copy in which each node has an id, its own where it has one; at the root a group.

    An id that is missing is made from the node's place below ``root``, so that it is the
    same each time until the draft is stored with it.
    """
    return _numbered(_group(rule), root)


def _numbered(made: dict[str, Any], root: str) -> dict[str, Any]:
    _number(made, root)
    return made


def _group(rule: Any) -> dict[str, Any]:
    """A copy of the rule that is a group; SQL stays what it is."""
    made = copied(rule or EMPTY)
    return made if word(made) or "sql" in made else {"all": [made]}


def _number(node: dict[str, Any], place: str) -> None:
    node.setdefault("id", place)
    for index, each in enumerate(children(node)):
        _number(each, f"{place}-{index}")
    if isinstance(node.get("where"), dict):
        _number(node["where"], f"{place}-w")


def compared(criterion: Mapping[str, Any], operator: str) -> dict[str, Any]:
    """A criterion, without an id and on, that asks of the same by an operator without a value."""
    kept = {key: criterion[key] for key in criterion if key not in COMPARISON}
    made: dict[str, Any] = plain(kept) | {"operator": operator}
    made.pop("off", None)
    return made


def plain(rule: Any) -> Any:
    """A copy without ids, as the language writes it."""
    made = _copied(rule)
    for node in walk(made):
        node.pop("id", None)
    return made


def is_complete(node: Mapping[str, Any], catalogue: Catalogue) -> bool:
    """Whether a criterion says all that it has to; wrong is not the same as incomplete."""
    if "sql" in node:
        return bool(node["sql"].strip())
    if not any(node.get(kind) for kind in ("attribute", "event", "segment")):
        return False
    return not missing(node, catalogue)


def missing(node: Mapping[str, Any], catalogue: Catalogue) -> str:
    """What a criterion still lacks, '' when it is complete: "Pick a value"."""
    if "segment" in node:
        return "" if node["segment"] else "Pick a segment"
    if "attribute" in node and not node["attribute"]:
        return "Pick an attribute"
    if "event" in node and not node["event"]:
        return "Pick what happened"
    if node.get("measure") == "most_frequent" and not node.get("of"):
        return "Pick which value is meant"
    if isinstance(node.get("value"), Mapping) and node["value"].get("list") == "":
        return "Pick a list"
    if node.get("value") in (None, "", [], {}) or _half(node.get("value")):
        found = check({k: v for k, v in node.items() if k != "where"}, catalogue, (), _Anything())
        if any(fault.path == "operator" for fault in found) and not node.get("operator"):
            return "Pick how it compares"
        if any(fault.path.startswith("value") for fault in found):
            return "Pick a value"
        if node.get("value") in ("", []):
            return "Pick a value"
    if not node.get("operator") and "attribute" in node:
        return "Pick how it compares"
    return ""


def _half(value: Any) -> bool:
    """A pair or a span of which one part is still missing."""
    if isinstance(value, list):
        return any(each in (None, "") for each in value)
    return isinstance(value, Mapping) and any(each in (None, "") for each in value.values())


class _Anything:
    """A collection that holds every name."""

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 1


def complete(rule: Any, catalogue: Catalogue) -> dict[str, Any]:
    """The rule without criteria that are incomplete, and without groups that hold no other."""
    made = _mapped(rule or EMPTY, lambda node: node if is_complete(node, catalogue) else None)
    return made if made is not None else copied(EMPTY)


def finished(rule: Any, catalogue: Catalogue) -> dict[str, Any]:
    """The rule as it would be published: ``complete``, and without ids."""
    made: dict[str, Any] = plain(complete(rule, catalogue))
    return made


def _mapped(node: Any, single: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Any:
    if not word(node):
        made = single(node)
        if made is not None and made.get("where") is not None:
            where = _mapped(made["where"], single)
            made = {key: value for key, value in made.items() if key != "where"}
            if where is not None and (not word(where) or children(where)):
                made["where"] = where
        return made
    kept = [made for each in children(node) if (made := _mapped(each, single)) is not None]
    if not kept:
        return None  # a group without a finished criterion matches neither everyone nor no one yet
    return {**node, word(node): kept}


def has_criteria(rule: Any) -> bool:
    """Whether anything in it asks something: an attribute, an event or a segment that is on."""
    if not isinstance(rule, Mapping) or rule.get("off"):
        return False
    if word(rule):
        return any(has_criteria(each) for each in children(rule))
    return True


def naming(rule: Any, old: str, new: str) -> Any:
    """A copy in which a segment has its new name."""
    made = _copied(rule)  # there may be none
    for node in walk(made):
        if node.get("segment") == old:
            node["segment"] = new
    return made
