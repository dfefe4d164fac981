"""The editor's operations: each changes one thing of a draft and raises its revision.

``edit`` is the one way in: it takes the segment's row, merges with what others have edited
since the page was shown, and applies the operation, all in one transaction. Nodes are named
by ids, never by position.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from core.edits import EditRefusedError, StaleEditError
from core.typed import whole
from segments import arranging, behaviours, drafts, membership, merging, publishing, revisions
from segments.merging import ClashError
from segments.models import Segment
from segments.rules import check, split, type_of
from segments.rules.joins import paths
from segments.rules.operators import MEASURES, OF_A_NUMBER, OPERATORS, UNITS, WHICH, Shape
from segments.rules.reading import GROUPS
from segments.rules.values import day, moment
from warehouse.catalogue import Catalogue

Values = Sequence[str]
Node = dict[str, Any]

DEFAULT_OPERATOR = {
    "text": "is_in",
    "number": "at_least",
    "date": "is_in_last",
    "time": "is_in_last",
    "yes_no": "is_true",
}
DEFAULT_PERIOD = {"last": 90, "unit": "days"}
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """The tree being edited, its nodes with ids."""

    root: Node
    catalogue: Catalogue

    def node(self, id: str) -> Node:
        found = next((each for each in drafts.walk(self.root) if each.get("id") == id), None)
        if found is None:
            raise EditRefusedError("This line is gone. You now see the segment as it is.")
        return found

    def parent(self, id: str) -> Node | None:
        """The group that holds the node."""
        return next(
            (
                each
                for each in drafts.walk(self.root)
                if any(child.get("id") == id for child in drafts.children(each))
            ),
            None,
        )

    def event(self, id: str) -> Node | None:
        """The event that the node is, or is a condition of."""
        return next(
            (
                each
                for each in drafts.walk(self.root)
                if "event" in each
                and (each.get("id") == id or any(w.get("id") == id for w in drafts.walk(each)))
            ),
            None,
        )


def create(by: User) -> Segment:
    """A draft without a name, stored by its first edit."""
    return Segment.objects.create(created_by=by, edited_by=by, draft=drafts.with_ids(None))


def edit(
    segment_id: int,
    op: str,
    node: str,
    values: Values,
    base: int | None,
    by: User,
    catalogue: Catalogue,
    *,
    key: str = "",
    insists: bool = False,
) -> Segment:
    """Apply one operation of the editor.

    op: one of WHOLE or a key of OPERATIONS; node: the id of the criterion or group; values:
    what the controls sent; base: the revision that the edit was made on, None for the
    newest. key: the edit's own name, under which it is done once. insists: whether it is
    made although another person has edited the same thing.
    Raises ClashError, StaleEditError, EditRefusedError, Segment.DoesNotExist.
    """
    if op not in OPERATIONS and op not in WHOLE:
        raise EditRefusedError("Muster does not know this change. Load the page again.")
    try:
        with transaction.atomic():
            segment = Segment.objects.select_for_update().get(pk=segment_id)
            if not revisions.is_done(segment, key):
                asked = _Edit(op, node, values, base, insists, by, key)
                _APPLY.get(op, _rule)(segment, asked, catalogue)
    except IntegrityError as error:
        raise EditRefusedError("Another segment has this name. Choose another one.") from error
    return segment


@dataclass(frozen=True, slots=True)
class _Edit:
    op: str
    node: str
    values: Values
    base: int | None
    insists: bool
    by: User
    key: str

    def others(self, segment: Segment) -> list[revisions.Change]:
        """What others have changed since the page was shown. Raises StaleEditError."""
        base = segment.revision if self.base is None else self.base
        found = revisions.since(segment, base, self.key)
        if found is None:
            raise StaleEditError(_editor(segment), "segment")
        return found

    def clash(self, segment: Segment, gone: bool = False) -> ClashError:
        who = merging.YOU if segment.edited_by == self.by else _editor(segment)
        return ClashError(who, self.op, self.node, list(self.values), gone)


def _editor(segment: Segment) -> str:
    return str(segment.edited_by or "Someone")


def _rule(segment: Segment, asked: _Edit, catalogue: Catalogue) -> None:
    """One thing of the rule; what others have edited since stays."""
    before = revisions.shown(segment)
    root = _merged(segment, before, asked, catalogue)
    if root != before:  # a control may say the same twice
        _show(segment, root, asked.by)
        revisions.record(segment, before, asked.op, asked.node, asked.by, asked.key)


def _merged(segment: Segment, now: Node, asked: _Edit, catalogue: Catalogue) -> Node:
    """The rule with the edit done, on top of what came after the page was shown."""
    others = asked.others(segment)
    if not others:
        return _done(now, asked, catalogue)
    gone = merging.find(now, asked.node) is None
    if gone and asked.op == "remove":
        return now
    if asked.insists:
        base = revisions.at(segment, asked.base or 0)
        root = merging.put_back(now, base.rule, asked.node) if gone and base else now
        return _done(root, asked, catalogue)
    clashes = (merging.clashes(e.before, e.after, asked.op, asked.node) for e in others)
    if any(clashes) and (gone or _done(now, asked, catalogue) != now):  # not the same twice
        raise asked.clash(segment, gone)
    return _done(now, asked, catalogue)


def _done(root: Node, asked: _Edit, catalogue: Catalogue) -> Node:
    return changed(root, asked.op, asked.node, asked.values, catalogue)


def _show(segment: Segment, root: Node, by: User) -> None:
    """Store the rule as the next revision; without a draft when it is the published one."""
    published = segment.rule is not None and root == drafts.with_ids(segment.rule)
    segment.draft = None if published else root
    _store(segment, by)


def _store(segment: Segment, by: User) -> None:
    segment.revision += 1
    segment.edited_by = by
    segment.save()


def changed(root: Node, op: str, node: str, values: Values, catalogue: Catalogue) -> Node:
    """A rule whose nodes have ids, after one operation. Raises EditRefusedError."""
    if op not in OPERATIONS:
        raise EditRefusedError("Muster does not know this change. Load the page again.")
    edited = copy.deepcopy(root)
    OPERATIONS[op](Draft(edited, catalogue), node, values)
    return edited


# The segment as a whole


def _name(segment: Segment, asked: _Edit, catalogue: Catalogue) -> None:
    name, before = _text(asked.values), revisions.shown(segment)
    if len(name) > LONGEST_NAME:
        raise EditRefusedError(f"At most {LONGEST_NAME} characters; this has {len(name)}.")
    if name == segment.name:
        return
    if not asked.insists and any(each.control == "name " for each in asked.others(segment)):
        raise asked.clash(segment)
    try:
        publishing.rename(segment, name)
    except publishing.NameTakenError as error:
        raise EditRefusedError(str(error)) from error
    _store(segment, asked.by)
    revisions.carry(segment, before, "name", asked.by, asked.key)


def _discard(segment: Segment, asked: _Edit, catalogue: Catalogue) -> None:
    """Back to what is published, without that to nothing."""
    before = revisions.shown(segment)
    if segment.draft is None or before == drafts.with_ids(None):
        return
    if not asked.insists and asked.others(segment):
        raise asked.clash(segment)
    _show(segment, drafts.with_ids(segment.rule), asked.by)
    revisions.record(segment, before, "discard", "", asked.by, asked.key)


def _step(segment: Segment, asked: _Edit, catalogue: Catalogue) -> None:
    """Undo or redo."""
    if asked.others(segment):
        raise StaleEditError(_editor(segment), "segment")
    to = revisions.step(segment, asked.op, asked.by)
    if to is None:
        raise EditRefusedError(f"There is nothing of yours to {asked.op}.")
    _show(segment, to.rule, asked.by)
    revisions.stepped(segment, asked.op, to, asked.by, asked.key)


_APPLY: dict[str, Callable[[Segment, _Edit, Catalogue], None]] = {
    "name": _name,
    "discard": _discard,
    "undo": _step,
    "redo": _step,
}
WHOLE = tuple(_APPLY)


# Lines and groups


def _add(draft: Draft, node: str, values: Values) -> None:
    """A line at the end of a group.

    values: "attribute:TABLE.COLUMN"; "attribute OPERATOR:TABLE.COLUMN" and what it is
    compared with; "event BEHAVIOUR:TABLE"; "segment:NAME"; "member:LIST"; or
    "list:TABLE.COLUMN" and the name of a list.
    """
    kind, _, name = _text(values).partition(":")
    kind, _, how = kind.partition(" ")
    if not kind:
        return
    made: Node
    if kind == "attribute":
        made = {"attribute": name}
        _compare_anew(made, _attribute_type(name, draft.catalogue), how)
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
        _attribute_type(column, draft.catalogue)
        listed = _at(values, 1) if kind == "list" else name
        made = {"attribute": column, "operator": "is_in", "value": {"list": listed}}
    else:
        raise EditRefusedError("Choose what to look for from the list.")
    _append(draft, node, made)


def _criterion(draft: Draft, node: str, values: Values) -> None:
    """A whole criterion, or an all of some, that must hold too. values: it as JSON."""
    try:
        made = json.loads(_text(values))
    except ValueError:
        made = None
    if not isinstance(made, dict) or check(made, draft.catalogue, {}):
        raise EditRefusedError("This criterion does not fit the data any more.")
    root = _wrap(draft.root)
    for each in drafts.walk(made):
        each["id"] = drafts.new_id()
    _append(draft, root["id"], made)


def _add_group(draft: Draft, node: str, values: Values) -> None:
    _append(draft, node, {"any": []})


def _append(draft: Draft, group: str, made: Node) -> None:
    for each in drafts.walk(made):
        each["id"] = drafts.new_id()
    if group == drafts.LEAVE_OUT and drafts.left_out(draft.root) is None:
        _wrap(draft.root)["all"].append({"none": [], "id": group})
    target = draft.node(group)
    word = drafts.word(target)
    if not word:
        raise EditRefusedError("Lines are added to groups. Load the page again.")
    rules = target[word]
    # The block that leaves people out stays last.
    block = drafts.left_out(draft.root) if target is draft.root else None
    rules.insert(rules.index(block) if block is not None else len(rules), made)


def _wrap(root: Node) -> Node:
    """The root as an all, around what it was when it was another group."""
    if drafts.word(root) != "all":
        inner = dict(root)
        root.clear()
        root.update({"id": drafts.new_id(), "all": [inner]})
    return root


def _remove(draft: Draft, node: str, values: Values) -> None:
    parent = draft.parent(node)
    if parent is None:
        for each in drafts.walk(draft.root):
            where = each.get("where")
            if isinstance(where, dict) and where.get("id") == node:
                del each["where"]
                return
        raise EditRefusedError("This line is gone already.")
    rules: list[Node] = parent[drafts.word(parent)]
    rules[:] = [child for child in rules if child.get("id") != node]
    if rules:
        return
    if parent is drafts.left_out(draft.root):
        draft.root["all"].remove(parent)
    for each in drafts.walk(draft.root):
        if each.get("where") is parent:
            del each["where"]


def _off(draft: Draft, node: str, values: Values) -> None:
    found = draft.node(node)
    if found.pop("off", False) is False:
        found["off"] = True


def _duplicate(draft: Draft, node: str, values: Values) -> None:
    parent = draft.parent(node)
    if parent is None:
        raise EditRefusedError("This line is gone already.")
    twin = drafts.plain(draft.node(node))
    for each in drafts.walk(twin):
        each["id"] = drafts.new_id()
    rules = parent[drafts.word(parent)]
    rules.insert(rules.index(draft.node(node)) + 1, twin)


def _arranged(change: Callable[..., None], *more: Any) -> Callable[[Draft, str, Values], None]:
    return lambda draft, node, values: change(draft.root, node, *more)


def _move(draft: Draft, node: str, values: Values) -> None:
    arranging.move(draft.root, node, values)


def _match(draft: Draft, node: str, values: Values) -> None:
    word = _one_of(_text(values), GROUPS)
    found = draft.node(node)
    block = drafts.left_out(draft.root)
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


# Criteria about attributes


def _attribute(draft: Draft, node: str, values: Values) -> None:
    found, name = draft.node(node), _text(values).removeprefix("attribute:")
    if not name:
        return
    before = _result_type(found, draft.catalogue) if found.get("attribute") else ""
    found["attribute"] = name
    type = _attribute_type(name, draft.catalogue)
    if type != before or found.get("operator") not in OPERATORS[type]:
        _compare_anew(found, type)
    elif type == "text":
        found["value"] = [] if isinstance(found.get("value"), list) else ""


def _operator(draft: Draft, node: str, values: Values) -> None:
    found = draft.node(node)
    type = _result_type(found, draft.catalogue)
    word, _, listed = _text(values).partition(" ")
    operator = _one_of(word, OPERATORS[type])
    old = OPERATORS[type].get(str(found.get("operator")))
    found["operator"] = operator
    shape = OPERATORS[type][operator]
    was_list = isinstance(found.get("value"), dict) and "list" in found["value"]
    if listed and shape is Shape.MANY:
        found["value"] = found["value"] if was_list else {"list": ""}
    elif shape is not old or was_list:
        _value_anew(found, shape, old)


def _list(draft: Draft, node: str, values: Values) -> None:
    """Compare with an uploaded list instead of values of its own. values: the list's name."""
    found = draft.node(node)
    if found.get("operator") not in ("is_in", "is_not_in"):
        found["operator"] = "is_in"
    found["value"] = {"list": _text(values)}


def _compare_anew(found: Node, type: str, operator: str = "") -> None:
    found["operator"] = _one_of(operator, OPERATORS[type]) if operator else DEFAULT_OPERATOR[type]
    found.pop("ignore_case", None)
    _value_anew(found, OPERATORS[type][found["operator"]], None)


def _value_anew(found: Node, shape: Shape, old: Shape | None) -> None:
    """An empty value of that shape; what was typed goes on where it fits."""
    value = found.pop("value", None)
    if shape is Shape.MANY:
        kept = value if old in (Shape.ONE, Shape.PATTERN) and value not in (None, "") else None
        found["value"] = [kept] if isinstance(kept, str | int | float) else []
    elif shape is Shape.PAIR:
        found["value"] = [value if old is Shape.ONE and value != "" else None, None]
    elif shape is Shape.SPAN:
        found["value"] = {"n": 30, "unit": "days"}
    elif shape is Shape.PERIOD:
        found["value"] = "month"
    elif shape in (Shape.ONE, Shape.PATTERN):
        first = value[0] if isinstance(value, list) and value else None
        found["value"] = value if old in (Shape.ONE, Shape.PATTERN) else first or ""


def _value(draft: Draft, node: str, values: Values) -> None:
    """What the controls of the value say, in their order on the page."""
    found = draft.node(node)
    type = _result_type(found, draft.catalogue)
    operator = str(found.get("operator") or ("at_least" if "event" in found else ""))
    found["operator"] = operator
    shape = OPERATORS[type].get(operator)
    if shape is None:
        raise EditRefusedError("Choose how it compares first.")
    if shape is Shape.MANY and isinstance(found.get("value"), dict):
        found["value"] = {"list": _text(values)}
    elif shape is Shape.MANY:
        listed = [text.strip() for text in values if text.strip()]
        found["value"] = [_single(text, type) for text in dict.fromkeys(listed)]
    elif shape is Shape.SPAN:
        found["value"] = {"n": _whole(_at(values, 0)), "unit": _one_of(_at(values, 1), UNITS)}
    elif shape is Shape.PAIR and type == "number":
        found["value"] = [_single(text, type) for text in values[:2]]
    elif shape is Shape.PAIR:
        found["value"] = [_moment(*values[:2]), _moment(*values[2:4])]
    elif shape is Shape.ONE and type in ("date", "time"):
        found["value"] = _moment(*values[:2])
    elif shape is not Shape.NOTHING:
        found["value"] = _single(_at(values, 0), type)
    if "event" in found and found.get("measure", "count") == "count":
        _refuse_less_than_none(found.get("value"))


def _refuse_less_than_none(value: Any) -> None:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, int | float) and (each < 0 or each != int(each)):
            raise EditRefusedError(f"“{each}” is not a number of times. Write one such as 3.")


def _case(draft: Draft, node: str, values: Values) -> None:
    found = draft.node(node)
    if found.pop("ignore_case", True) is True:
        found["ignore_case"] = False


# Criteria about events


def _event(draft: Draft, node: str, values: Values) -> None:
    found, name = draft.node(node), _text(values).removeprefix("event:")
    if name and name != found.get("event"):
        found["event"] = name
        found.pop("where", None)
        found.pop("of", None)
        found.pop("measure", None)
        found.update(operator="at_least", value=1)


def _which(draft: Draft, node: str, values: Values) -> None:
    draft.node(node)["which"] = _one_of(_text(values), WHICH)


def _measure(draft: Draft, node: str, values: Values) -> None:
    found = draft.node(node)
    before = _result_type(found, draft.catalogue)
    found["measure"] = _one_of(_text(values), MEASURES)
    if found["measure"] not in (*OF_A_NUMBER, "most_frequent"):
        found.pop("of", None)
    _fit(found, before, draft.catalogue)


def _of(draft: Draft, node: str, values: Values) -> None:
    found = draft.node(node)
    before = _result_type(found, draft.catalogue)
    found["of"] = _text(values).removeprefix("attribute:")
    _fit(found, before, draft.catalogue)


def _fit(found: Node, before: str, catalogue: Catalogue) -> None:
    type = _result_type(found, catalogue)
    if type != before or found.get("operator") not in OPERATORS[type]:
        _compare_anew(found, type)


def _period(draft: Draft, node: str, values: Values) -> None:
    """values: "all", or "last", n, unit, or "between", from, to."""
    found = draft.node(node)
    kind = _one_of(_at(values, 0), ("all", "last", "between"))
    old: Node = found.get("period") or {}
    was = "all" if not old else "last" if "last" in old else "between"
    if kind == "all":
        found.pop("period", None)
    elif kind != was:
        found["period"] = dict(DEFAULT_PERIOD) if kind == "last" else {"from": "", "to": ""}
    elif kind == "last":
        found["period"] = {"last": _whole(_at(values, 1)), "unit": _one_of(_at(values, 2), UNITS)}
    else:
        found["period"] = {"from": _day(_at(values, 1)), "to": _day(_at(values, 2))}


def _filter(draft: Draft, node: str, values: Values) -> None:
    """One more condition on an event's rows. node: the event, or a group of its conditions."""
    found, name = draft.node(node), _text(values).removeprefix("attribute:")
    event = draft.event(node)
    table = draft.catalogue.table(str(event.get("event", ""))) if event else None
    known = split(name, draft.catalogue)
    if table is None or known is None or known[0].name not in paths(table, draft.catalogue):
        raise EditRefusedError("Choose a column from the list.")
    made: Node = {"attribute": name, "id": drafts.new_id()}
    _compare_anew(made, type_of(*known))
    where = found if found is not event else found.get("where")
    if not where:
        found["where"] = {"all": [made], "id": drafts.new_id()}
    elif drafts.word(where):
        where[drafts.word(where)].append(made)
    else:
        found["where"] = {"all": [where, made], "id": drafts.new_id()}


def _segment(draft: Draft, node: str, values: Values) -> None:
    draft.node(node)["segment"] = _text(values).removeprefix("segment:")


OPERATIONS: dict[str, Callable[[Draft, str, Values], None]] = {
    "add": _add,
    "criterion": _criterion,
    "add_group": _add_group,
    "remove": _remove,
    "off": _off,
    "duplicate": _duplicate,
    "up": _arranged(arranging.by, -1),
    "down": _arranged(arranging.by, 1),
    "move": _move,
    "into": _arranged(arranging.into),
    "out": _arranged(arranging.out),
    "wrap": _arranged(arranging.wrap),
    "unwrap": _arranged(arranging.unwrap),
    "no_blanks": _arranged(arranging.without_blanks),
    "match": _match,
    "attribute": _attribute,
    "operator": _operator,
    "value": _value,
    "list": _list,
    "case": _case,
    "event": _event,
    "which": _which,
    "measure": _measure,
    "of": _of,
    "period": _period,
    "filter": _filter,
    "segment": _segment,
}


# What was typed


def _at(values: Values, place: int) -> str:
    return values[place] if place < len(values) else ""


def _text(values: Values) -> str:
    return _at(values, 0).strip()


def _one_of(word: str, words: Sequence[str] | dict[str, Any]) -> str:
    if word not in words:
        raise EditRefusedError("Choose one from the list.")
    return word


def _single(text: str, type: str) -> str | int | float | None:
    text = text.strip()
    if type != "number":
        return text
    if not text:
        return None
    try:
        number = float(text.replace(",", "").replace(" ", ""))
    except ValueError:
        number = float("nan")
    if number != number or abs(number) == float("inf"):
        raise EditRefusedError(f"“{text}” is not a number. Write digits, such as 1250 or 12.5.")
    return int(number) if number == int(number) and "." not in text else number


def _whole(text: str) -> int | None:
    text = text.strip().replace(",", "")
    if not text:
        return None
    if not text.isdecimal():
        raise EditRefusedError(f"“{text}” is not a whole number. Write one such as 30.")
    number = whole(text)
    if number is None:
        raise EditRefusedError("This number is too large. Write one such as 30.")
    return number


def _day(text: str) -> str:
    if text.strip() and day(text.strip()) is None:
        raise EditRefusedError(f"“{text}” is not a date. Write one as 2026-12-31.")
    return text.strip()


def _moment(kind: str = "date", text: str = "") -> Any:
    """A moment from its kind (a key of operands.MOMENTS) and what stands beside."""
    text = text.strip()
    if kind == "today":
        return "today"
    # The kind may just have been chosen anew, the text still be that of the one before.
    dated = day(text) is not None or moment(text) is not None
    if kind in ("days_ago", "days_from_now"):
        return {kind: None if dated else _whole(text)}
    if not text or text.isdecimal():
        return {"time": ""} if kind == "time" else ""
    if not dated:
        raise EditRefusedError(f"“{text}” is not a date. Write one as 2026-12-31.")
    if kind == "time":
        return text.replace("T", " ") if moment(text) else f"{text} 00:00"
    return text[: len("2026-12-31")]


# Types


def _attribute_type(name: str, catalogue: Catalogue) -> str:
    found = split(name, catalogue)
    if found is None:
        raise EditRefusedError("Choose an attribute from the list.")
    return type_of(*found)


def _result_type(node: Node, catalogue: Catalogue) -> str:
    return result_type(node, catalogue) or "text"


def result_type(node: Node, catalogue: Catalogue) -> str:
    """The type of what a criterion compares, '' when its column is gone or not chosen yet."""
    if "event" not in node:
        found = split(str(node.get("attribute", "")), catalogue)
        return type_of(*found) if found else ""
    measure = node.get("measure", "count")
    if measure == "most_frequent":
        found = split(str(node.get("of", "")), catalogue)
        return type_of(*found) if found else ""
    if measure in ("first", "last"):
        table = catalogue.table(str(node["event"]))
        column = table.meaning("order_time") if table else None
        return column.type if column and column.type in ("date", "time") else "time"
    return "number"
