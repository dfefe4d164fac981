"""A campaign's state in words, and what is different between two of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from campaigns import schedule
from campaigns.definition import REMAINING
from campaigns.merging import ADDS, Fact, about, facts, group_of, part_of
from campaigns.states import State
from core.formats import counted
from destinations import sources
from destinations.models import Destination
from segments.models import Segment
from segments.rules import RuleError
from segments.wording.changes import parts as rule_changes
from segments.wording.sentence import sentence
from warehouse.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Difference:
    """what became ``new`` and was ``old``: either is '' where there was or is nothing."""

    what: str
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        change = f"{self.old} \N{RIGHTWARDS ARROW} {self.new}" if self.old else self.new
        return f"{self.what}: {change}" if change else self.what


@dataclass(frozen=True, slots=True)
class Names:
    """What states name by keys: segments and destinations, and the columns of rules."""

    segments: Mapping[int, str]
    destinations: Mapping[int, str]
    tables: Catalogue

    def listed(self, keys: Iterable[int], known: Mapping[int, str]) -> str:
        return ", ".join(
            sorted((known.get(key, "one that is gone") for key in keys), key=str.casefold)
        )


def names(states: Iterable[State], tables: Catalogue) -> Names:
    """What the states name, in two queries."""
    segments: set[int] = set()
    for each in states:
        parts = (key for part in each["parts"] for key in part["segments"])
        segments.update(each["include"], each["exclude"], parts)
    return Names(
        {each.pk: str(each) for each in Segment.objects.filter(pk__in=segments)},
        dict(Destination.objects.values_list("pk", "name")),
        tables,
    )


def differences(old: State, new: State, known: Names) -> list[Difference]:
    """What became of ``old``, in the order of the page."""
    return [
        *_of_campaign(old, new, known),
        *_of_parts(old, new, known),
        *_of_attributes(old, new, known),
    ]


def said(state: State, op: str, node: str, known: Names) -> str:
    """What an operation is about, as it is in the state: '' where that has no words."""
    if op in ADDS or not state:
        return ""
    if op == "move":
        return _text(("", "order"), facts(state)["", "order"], state, known)
    found = about(state, op, node)
    if len(found) > 1 and op != "destinations":
        group, part = group_of(state, node), part_of(state, node)
        if op == "even_out" and part:
            return ", ".join(f"{_name(each)} {each['split']}%" for each in part["groups"])
        if part:
            return _part_text(part, known)
        if group:
            return _group_text(group, known)
    texts = (_text(fact, value, state, known) for fact, value in found.items())
    return ", ".join(text for text in texts if text)


def _of_campaign(old: State, new: State, known: Names) -> Iterator[Difference]:
    was, now = facts(old), facts(new)
    for aspect, what in {
        "name": "Name",
        "include": "Include",
        "exclude": "Leave out",
        "first match": "Assign to first match only",
        "timing": "Timing",
        "messages": "Messages expected",
    }.items():
        fact = ("", aspect)
        if was[fact] != now[fact]:
            texts = [
                _text(fact, side[fact], state, known) for side, state in ((was, old), (now, new))
            ]
            yield _between(what, *texts)


def _of_parts(old: State, new: State, known: Names) -> Iterator[Difference]:
    was, now = _by_key(old["parts"]), _by_key(new["parts"])
    for key, part in now.items():
        if key not in was:
            yield Difference(f"Added sub-audience {_name(part)}", "", _part_text(part, known))
        else:
            yield from _of_part(was[key], part, known)
    for key, part in was.items():
        if key not in now:
            yield Difference(f"Removed sub-audience {_name(part)}")
    orders = [[key for key in side if key in was and key in now] for side in (was, now)]
    if orders[0] != orders[1]:
        yield _between("Order", *(", ".join(_name(now[key]) for key in each) for each in orders))


def _of_part(old: State, new: State, known: Names) -> Iterator[Difference]:
    name = REMAINING if new["remaining"] else _name(new)
    if old["name"] != new["name"]:
        yield _between("Name of a sub-audience", old["name"], new["name"])
    if (old["rule"], old["segments"]) != (new["rule"], new["segments"]):
        yield from _of_who(old, new, name, known)
    if old["seed"] != new["seed"]:
        yield Difference(f"{name}: customers shuffled over its groups again")
    was, now = _by_key(old["groups"]), _by_key(new["groups"])
    for key, group in now.items():
        if key not in was:
            text = _group_text(group, known)
            yield Difference(f"Added group {_name(group)} to {name}", "", text)
        else:
            yield from _of_group(was[key], group, known)
    for key, group in was.items():
        if key not in now:
            yield Difference(f"Removed group {_name(group)} from {name}")


def _of_who(old: State, new: State, name: str, known: Names) -> Iterator[Difference]:
    if old["segments"] == new["segments"] and old["rule"] and new["rule"]:
        for change in rule_changes(old["rule"], new["rule"], known.tables):
            before = " ".join(text for text in (change.lead, change.before) if text)
            what = " ".join(text for text in (f"Who is in {name}:", before) if text)
            yield Difference(what, change.old, " ".join(filter(None, (change.new, change.after))))
        return
    yield _between(f"Who is in {name}", *(_who_text(part, known) for part in (old, new)))


def _of_group(old: State, new: State, known: Names) -> Iterator[Difference]:
    name = _name(new)
    if old["name"] != new["name"]:
        yield _between("Name of a group", old["name"], new["name"])
    if old["split"] != new["split"]:
        yield Difference(f"Split of {name}", f"{old['split']}%", f"{new['split']}%")
    if old["control"] != new["control"]:
        yield Difference(f"{name} is {'now' if new['control'] else 'no longer'} a control group")
    if old["destinations"] != new["destinations"]:
        sides = (known.listed(each["destinations"], known.destinations) for each in (old, new))
        yield _between(f"Destinations of {name}", *sides)


def _of_attributes(old: State, new: State, known: Names) -> Iterator[Difference]:
    was, now = old["attributes"], new["attributes"]
    for key in sorted({*was, *now}, key=int):
        if was.get(key) != now.get(key):
            name = known.destinations.get(int(key), "a destination that is gone")
            sides = (_attributes_text(each.get(key), known) for each in (was, now))
            yield _between(f"Attributes sent to {name}", *sides)


def _between(what: str, old: str, new: str) -> Difference:
    """What was not there before is not told as something that became another."""
    return Difference(what, old, new or "nothing")


def _text(fact: Fact, value: Any, state: State, known: Names) -> str:
    match fact[1]:
        case "name":
            return str(value)
        case "include" | "exclude":
            return known.listed(value, known.segments) or "Nobody"
        case "first match":
            return "on" if value else "off"
        case "timing":
            return schedule.sentence(value)
        case "messages":
            return messages(value)
        case "order":
            moving = (part for part in state["parts"] if part["key"] in value)
            return ", ".join(_name(part) for part in moving)
        case "who":
            part = part_of(state, fact[0])
            return _who_text(part, known) if part else ""
        case "split":
            return f"{value}%"
        case "control":
            return "Held out" if value else ""
        case "destinations":
            return known.listed(value, known.destinations)
        case "attributes":
            return _attributes_text(value, known)
    return ""


def messages(value: Any) -> str:
    """From when they are expected. value: ``Campaign.messages_from``."""
    if isinstance(value, dict):
        return f"{counted(value['days'], 'day')} after each run"
    return f"from {value}" if value else "no day said"


def _name(row: State) -> str:
    return f"“{row['name']}”" if row["name"] else "without a name"


def _part_text(part: State, known: Names) -> str:
    texts = [_group_text(group, known) for group in part["groups"]]
    who = "" if part["remaining"] else _who_text(part, known)
    return "; ".join(text for text in (who, *texts) if text)


def _group_text(group: State, known: Names) -> str:
    where = known.listed(group["destinations"], known.destinations)
    sent = "held out" if group["control"] else f"to {where}" if where else ""
    return ", ".join(text for text in (f"{_name(group)} {group['split']}%", sent) if text)


def _who_text(part: State, known: Names) -> str:
    if part["segments"]:
        return f"members of {known.listed(part['segments'], known.segments)}"
    return _rule_text(part["rule"], known)


def _rule_text(rule: Any, known: Names) -> str:
    if not rule:
        return "nobody yet"
    try:
        return sentence(rule, known.tables)
    except (RuleError, TypeError):
        return "a rule that cannot be read any more"


def _attributes_text(chosen: Mapping[str, Any] | None, known: Names) -> str:
    if chosen is None:
        return "the default attributes"
    source = chosen.get(chosen["identifier"] or "phone", "")
    words = f"{chosen['identifier']} from {sources.words(source, known.tables)}"
    sent = words if chosen["identifier"] else "nothing chosen yet"
    if chosen["only_where"]:
        sent += f", only {_rule_text(chosen['only_where'], known)}"
    return sent


def _by_key(rows: Iterable[State]) -> dict[str, State]:
    return {row["key"]: row for row in rows}


def label(state: State, op: str, node: str) -> str:
    """What an operation is about, in a word or two: "the split of “A”"."""
    row = part_of(state, node) or group_of(state, node)
    name = _name(row) if row else ""
    return {
        "name": "the name",
        "include": "whom to include",
        "exclude": "whom to leave out",
        "first_match": "“Assign to first match only”",
        "timing": "the timing",
        "move": "the order",
        "part_name": "the name of a sub-audience",
        "part_segments": f"who is in {name}",
        "rule": f"who is in {name}",
        "group_name": "the name of a group",
        "split": f"the split of {name}",
        "even_out": f"the splits of {name}",
        "control": f"what {name} gets",
        "destinations": f"where {name} goes",
        "attributes": "the attributes",
    }.get(op, name or "this campaign")
