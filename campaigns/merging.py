"""Two people in one campaign: whether an edit fits what another person has made of it meanwhile.

A campaign's state is read as facts: (node, aspect) -> value, where a node is the key of a
sub-audience or group, the id of a destination, or '' for the campaign itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from campaigns.states import State
from core.edits import StaleEditError
from segments import drafts
from segments import merging as rules

Fact = tuple[str, str]

YOU = rules.YOU
ADDS = ("add_part", "add_group")  # they take nothing away that was there
REMOVES = ("remove_part", "remove_group")
ASPECTS = {  # what an operation is about, of its node
    "name": ("name",),
    "include": ("include",),
    "exclude": ("exclude",),
    "first_match": ("first match",),
    "timing": ("timing", "messages"),
    "part_name": ("name",),
    "part_segments": ("who",),
    "rule": ("who",),
    "group_name": ("name",),
    "split": ("split",),
    "control": ("control", "destinations"),
    "destinations": ("control", "destinations"),
    "attributes": ("attributes",),
}


class ClashError(StaleEditError):
    """Both edited the same thing. Data: by whom it was, and the edit that was not made.

    gone: whether the other person removed it. now, mine: the campaign's state as it is, at
    ``revision``, and as the edit would have made it.
    """

    def __init__(
        self,
        editor: str,
        op: str,
        node: str,
        values: list[str],
        *,
        gone: bool = False,
        now: State | None = None,
        mine: State | None = None,
        revision: int = 0,
    ):
        super().__init__(editor, "campaign")
        self.op = op
        self.node = node
        self.values = values
        self.gone = gone
        self.now = now or {}
        self.mine = mine or {}
        self.revision = revision

    def __str__(self) -> str:
        who = f"{self.editor} {'have' if self.editor == YOU else 'has'}"
        return f"{who} {'removed' if self.gone else 'changed'} the same thing meanwhile."


def facts(state: State) -> dict[Fact, Any]:
    """What a state says, each thing that is edited by itself under its own name."""
    found: dict[Fact, Any] = {
        ("", "name"): state["name"],
        ("", "include"): state["include"],
        ("", "exclude"): state["exclude"],
        ("", "first match"): state["first_match_only"],
        ("", "timing"): state["delivery"],
        ("", "messages"): state["messages_from"],
        ("", "order"): [part["key"] for part in state["parts"] if not part["remaining"]],
    }
    for part in state["parts"]:
        found |= part_facts(part)
    for destination, chosen in state["attributes"].items():
        found[destination, "attributes"] = chosen
    return found


def part_facts(part: State) -> dict[Fact, Any]:
    found: dict[Fact, Any] = {
        (part["key"], "name"): part["name"],
        (part["key"], "who"): {"rule": part["rule"], "segments": part["segments"]},
        (part["key"], "seed"): part["seed"],
    }
    for group in part["groups"]:
        found |= group_facts(group)
    return found


def group_facts(group: State) -> dict[Fact, Any]:
    aspects = ("name", "split", "control", "destinations")
    return {(group["key"], aspect): group[aspect] for aspect in aspects}


def about(state: State, op: str, node: str) -> dict[Fact, Any]:
    """The facts that an operation is about, as they are in the state."""
    if op in REMOVES or op in ("even_out", "reseed"):
        part, group = part_of(state, node), group_of(state, node)
        found = part_facts(part) if part else group_facts(group) if group else {}
        if op == "even_out":
            found = {key: each for key, each in found.items() if key[1] in ("split", "control")}
        return found
    everything = facts(state)
    named = ((node, aspect) for aspect in ASPECTS.get(op, ()))
    return {key: everything[key] for key in named if key in everything}


def clashes(before: State, after: State, op: str, node: str, line: str = "") -> bool:
    """Whether an edit made on an older page is about what another has made of ``before``.

    after: what became of it. line: the operation of a rule and its line, "value n-0",
    for an edit of a sub-audience's own rule.
    """
    if op in ADDS:
        return False
    if op == "move":  # a place counts the rows that the page showed; new ones come after them
        shown = _order(before)
        return _order(after)[: len(shown)] != shown
    if op == "rule":
        return _rules_clash(before, after, node, line)
    return about(before, op, node) != about(after, op, node)


def _order(state: State) -> list[str]:
    """The keys of the sub-audiences that can be moved."""
    return [part["key"] for part in state["parts"] if not part["remaining"]]


def _rules_clash(before: State, after: State, node: str, line: str) -> bool:
    """Lines of one rule are edited by themselves, as in the editor of segments."""
    old, new = part_of(before, node), part_of(after, node)
    if old is None or new is None or old["segments"] != new["segments"]:
        return True
    op, _, place = line.partition(" ")
    roots = [drafts.numbered(part["rule"], f"rule-{node}") for part in (old, new)]
    return rules.clashes(roots[0], roots[1], op, place)


def is_gone(state: State, op: str, node: str) -> bool:
    """Whether the sub-audience or group of an edit is there no more."""
    if not node or op == "attributes":
        return False
    return part_of(state, node) is None and group_of(state, node) is None


def put_back(now: State, base: State, node: str) -> State:
    """The state with a sub-audience or group that another person removed, as in ``base``.

    A sub-audience stands before those that stood below it: order decides who is in which.
    """
    lost = part_of(base, node)
    holder = next((part for part in base["parts"] if node in _group_keys(part)), None)
    if lost is None and holder is not None and part_of(now, holder["key"]) is None:
        lost = holder
    if lost is not None:
        order = _order(base)
        below = {*order[order.index(lost["key"]) + 1 :]}
        above = [part for part in now["parts"] if not part["remaining"]]
        place = next((at for at, part in enumerate(above) if part["key"] in below), len(above))
        return {**now, "parts": [*now["parts"][:place], lost, *now["parts"][place:]]}
    group = group_of(base, node)
    if holder is None or group is None:
        return now
    parts = (
        {**part, "groups": [*part["groups"], group]} if part["key"] == holder["key"] else part
        for part in now["parts"]
    )
    return {**now, "parts": list(parts)}


def part_of(state: State, key: str) -> State | None:
    return next((part for part in state["parts"] if part["key"] == key), None)


def group_of(state: State, key: str) -> State | None:
    return next((group for group in groups(state["parts"]) if group["key"] == key), None)


def groups(parts: Iterable[State]) -> Iterator[State]:
    return (group for part in parts for group in part["groups"])


def _group_keys(part: State) -> set[str]:
    return {group["key"] for group in part["groups"]}
