"""Lines and groups: add, copy, switch off, remove, and what a group matches of its lines."""

from __future__ import annotations

import json

from core.edits import EditRefusedError
from segments import drafts
from segments.numbers import membership
from segments.operations import defaults, typed
from segments.operations.draft import Draft, Node
from segments.operations.typed import Values
from segments.rules import check
from segments.rules.nodes import GROUPS
from segments.wording import behaviours


def add(draft: Draft, node: str, values: Values) -> None:
    """A line at the end of a group.

    values: "attribute:TABLE.COLUMN"; "attribute OPERATOR:TABLE.COLUMN" and what it is
    compared with; "event BEHAVIOUR:TABLE"; "segment:NAME"; "member:LIST"; or
    "list:TABLE.COLUMN" and the name of a list.
    """
    kind, _, name = typed.first(values).partition(":")
    kind, _, how = kind.partition(" ")
    if not kind:
        return
    made: Node
    if kind == "attribute":
        made = {"attribute": name}
        defaults.compare(made, draft.type_of(name), how)
        if values[1:]:
            made["value"] = list(dict.fromkeys(values[1:]))
    elif kind == "event":
        table = draft.catalogue.table(name)
        if table is None:
            raise EditRefusedError("These events are gone from the data. Choose others.")
        made = behaviours.criterion(table, how, draft.catalogue)
    elif kind == "segment":
        made = {"segment": name}
    elif kind in ("member", "list"):
        column = name if kind == "list" else membership.column_of(name, draft.catalogue)
        draft.type_of(column)
        listed = typed.at(values, 1) if kind == "list" else name
        made = {"attribute": column, "operator": "is_in", "value": {"list": listed}}
    else:
        raise EditRefusedError("Choose what to look for from the list.")
    _append(draft, node, made)


def add_criterion(draft: Draft, node: str, values: Values) -> None:
    """A whole criterion, or an all of some, that must hold too. values: it as JSON."""
    try:
        made = json.loads(typed.first(values))
    except ValueError:
        made = None
    if not isinstance(made, dict) or check(made, draft.catalogue, {}):
        raise EditRefusedError("This criterion does not fit the data any more.")
    root = _wrap(draft.root)
    _append(draft, root["id"], made)


def add_group(draft: Draft, node: str, values: Values) -> None:
    _append(draft, node, {"any": []})


def _append(draft: Draft, group: str, made: Node) -> None:
    drafts.renew_ids(made)
    if group == drafts.LEAVE_OUT and drafts.left_out(draft.root) is None:
        _wrap(draft.root)["all"].append({"none": [], "id": group})
    target = draft.node(group)
    if not drafts.word(target):
        raise EditRefusedError("Lines are added to groups. Load the page again.")
    drafts.place(draft.root, target, made)


def _wrap(root: Node) -> Node:
    """The root as an all, around what it was when it was another group."""
    if drafts.word(root) != "all":
        inner = dict(root)
        root.clear()
        root.update({"id": drafts.new_id(), "all": [inner]})
    return root


def remove(draft: Draft, node: str, values: Values) -> None:
    """A line or group; with its last line goes what narrows an event, or leaves people out."""
    parent = draft.parent(node)
    if parent is None:
        for each in drafts.walk(draft.root):
            where = each.get("where")
            if isinstance(where, dict) and where.get("id") == node:
                del each["where"]
                return
        raise EditRefusedError("This line is gone already.")
    block = drafts.left_out(draft.root)
    every = drafts.all_left_out(block)
    rules = drafts.rules(parent)
    rules[:] = [child for child in rules if child.get("id") != node]
    if rules:
        return
    if block is not None and any(parent is each for each in (block, every)):
        draft.root["all"].remove(block)
    for each in drafts.walk(draft.root):
        if each.get("where") is parent:
            del each["where"]


def switch(draft: Draft, node: str, values: Values) -> None:
    """Off: it stays in the draft and counts as absent. On again."""
    found = draft.node(node)
    if found.pop("off", False) is False:
        found["off"] = True


def duplicate(draft: Draft, node: str, values: Values) -> None:
    parent = draft.parent(node)
    if parent is None:
        raise EditRefusedError("This line is gone already.")
    twin = drafts.plain(draft.node(node))
    drafts.renew_ids(twin)
    rules = drafts.rules(parent)
    rules.insert(rules.index(draft.node(node)) + 1, twin)


def match(draft: Draft, node: str, values: Values) -> None:
    """values: all, any or none: which of its lines a group asks for.

    Of the block that leaves people out: whether any of its lines does, or all together.
    """
    word = typed.one_of(typed.first(values), GROUPS)
    found = draft.node(node)
    block = drafts.left_out(draft.root)
    every = drafts.all_left_out(block)
    if block is not None and (found is block or found is every):
        rules = drafts.rules(every or block)
        all_of_them = [{"id": drafts.new_id(), "all": rules}]
        block["none"] = (all_of_them if every is None else [every]) if word == "all" else rules
        return
    if found is draft.root and block is not None and word != "all":
        # The choice is about the lines above the block: they become a group of their own.
        rest = [child for child in drafts.children(found) if child is not block]
        if len(rest) == 1 and drafts.word(rest[0]):
            found = rest[0]
        else:
            found["all"] = [{"id": drafts.new_id(), word: rest}, block]
            return
    old = drafts.word(found)
    if not old:
        raise EditRefusedError("Only a group matches all, any or none of its lines.")
    rules = found.pop(old)
    found[word] = rules
