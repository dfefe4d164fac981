"""What applying a manifest would do: create, change, keep, field by field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from manifests import writing
from manifests.document import (
    Campaign,
    Credential,
    Destination,
    List,
    Manifest,
    SubAudience,
    Table,
)
from manifests.errors import join
from manifests.writing import Entry

CREATE, CHANGE, KEEP = "create", "change", "keep"
ABSENT = object()


@dataclass(frozen=True, slots=True)
class Change:
    """old, new: as they are shown; a secret is never part of them."""

    field: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.field}: {self.old} -> {self.new}"


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the file beside what is stored.

    entry: what the installation will hold, what the file leaves open filled in.
    stored_as: the name it has in the database, which may differ in case; '' when it is new.
    """

    action: str
    kind: str
    name: str
    entry: Any
    changes: tuple[Change, ...] = ()
    stored_as: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    steps: tuple[Step, ...]

    def count(self, action: str) -> int:
        return sum(step.action == action for step in self.steps)

    def lines(self) -> Iterator[str]:
        """The plan as text, a line a step and a line a changed field."""
        for step in self.steps:
            yield f"{step.action:<6}  {step.kind} {shown(step.name)}"
            for change in step.changes:
                yield f"{'':<8}  {change}"
        yield ", ".join(f"{self.count(action)} to {action}" for action in (CREATE, CHANGE, KEEP))


def plan(manifest: Manifest, stored: Manifest, tokens: Iterable[str] = ()) -> Plan:
    """Compare the file with what is stored.

    tokens: names of the credentials whose variable holds another secret than the stored one.
    """
    tokens = set(tokens)
    known_credentials = named(stored.credentials)
    known_destinations, known_tables = named(stored.destinations), named(stored.tables)
    known_lists, known_segments = named(stored.lists), named(stored.segments)
    known_campaigns = named(stored.campaigns)
    return Plan(
        (
            *(
                credential(each, known_credentials, each.name in tokens)
                for each in manifest.credentials
            ),
            *(step("destination", each, known_destinations) for each in manifest.destinations),
            *(table(each, known_tables) for each in manifest.tables),
            *(customer_list(each, known_lists) for each in manifest.lists),
            *(step("segment", each, known_segments) for each in manifest.segments),
            *exclusions(manifest, stored),
            *(step("campaign", each, known_campaigns) for each in manifest.campaigns),
        )
    )


# Stored entries by their names, which are told apart without case.
Named: TypeAlias = Mapping[str, Any]


def named(entries: Iterable[Any]) -> Named:
    return {each.name.lower(): each for each in entries}


def step(kind: str, entry: Any, stored: Named) -> Step:
    old = stored.get(entry.name.lower())
    if old is None:
        return Step(CREATE, kind, entry.name, entry)
    entry = settled(entry, old)
    return known(kind, entry, old.name, differences(writing.full(old), writing.full(entry)))


def known(kind: str, entry: Any, stored_as: str, changes: Iterable[Change]) -> Step:
    changes = tuple(changes)
    return Step(CHANGE if changes else KEEP, kind, entry.name, entry, changes, stored_as)


def settled(entry: Entry, stored: Any) -> Any:
    """The entry with what the file leaves to the installation: seeds, and the off switch."""
    match entry:
        case Destination(enabled=None):
            return replace(entry, enabled=stored.enabled)
        case Campaign():
            old = {alike(each): each for each in stored.sub_audiences}
            parts = tuple(seeded(each, old.get(alike(each))) for each in entry.sub_audiences)
            return replace(entry, sub_audiences=parts)
    return entry


def alike(part: SubAudience) -> tuple[bool, str]:
    return part.remaining, part.name.lower()


def seeded(part: SubAudience, old: SubAudience | None) -> SubAudience:
    return replace(part, seed=old.seed) if old and not part.seed else part


def credential(entry: Credential, stored: Named, new_token: bool) -> Step:
    old = stored.get(entry.name.lower())
    if old is None:
        return Step(CREATE, "credential", entry.name, entry)
    was, becomes = (writing.full(replace(each, variable="")) for each in (old, entry))
    changes = list(differences(was, becomes))
    if new_token:
        changes.append(Change("token", "(stored)", f"(from {entry.variable})"))
    return known("credential", entry, old.name, changes)


def table(entry: Table, stored: Named) -> Step:
    """Corrections that the file does not name stay."""
    old = stored.get(entry.name.lower()) or Table(entry.name)
    entry = replace(
        entry,
        name=old.name,
        key=old.key if entry.key is None else entry.key,
        customer=old.customer if entry.customer is None else entry.customer,
        one_per_customer=(
            old.one_per_customer if entry.one_per_customer is None else entry.one_per_customer
        ),
        base=old.base or entry.base,
        semantics={**old.semantics, **entry.semantics},
        joins={**old.joins, **entry.joins},
    )
    changes = differences(writing.full(old), writing.full(entry))
    return known("table", entry, old.name, changes)


def customer_list(entry: List, stored: Named) -> Step:
    """A list is its values; where its file is not there, the stored ones stay."""
    old = stored.get(entry.name.lower())
    if old is None:
        return Step(CREATE, "list", entry.name, entry)
    changes = list(differences({"name": old.name}, {"name": entry.name}))
    if entry.digest and entry.digest != old.digest:
        changes.append(Change("values", f"{old.size:,}", f"{entry.size:,}, of {entry.file}"))
    return known("list", entry, old.name, changes)


def exclusions(manifest: Manifest, stored: Manifest) -> Iterator[Step]:
    if manifest.default_exclusions is None:
        return
    old, new = (
        {"default_exclusions": writing.names(each.default_exclusions or ())}
        for each in (stored, manifest)
    )
    changes = tuple(differences(old, new))
    yield Step(
        CHANGE if changes else KEEP,
        "default exclusions",
        ", ".join(manifest.default_exclusions),
        manifest.default_exclusions,
        changes,
    )


def differences(old: Any, new: Any, field: str = "") -> Iterator[Change]:
    """The fields that differ, as deep as both sides have them."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from differences(old.get(key, ABSENT), new.get(key, ABSENT), join(field, key))
    elif by_name(old) and by_name(new):
        yield from named_differences(old, new, field)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        if all(isinstance(each, dict) for each in (*old, *new)):
            for position, pair in enumerate(zip(old, new, strict=True)):
                yield from differences(*pair, f"{field}[{position}]")
        elif shown(old) != shown(new):
            yield Change(field, shown(old), shown(new))
    elif shown(old) != shown(new):
        yield Change(field, shown(old), shown(new))


def by_name(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(e, dict) and "name" in e for e in value)


def named_differences(old: list[Any], new: list[Any], field: str) -> Iterator[Change]:
    before = {each["name"].lower(): each for each in old}
    after = {each["name"].lower(): each for each in new}
    was = [each["name"] for key, each in before.items() if key in after]
    becomes = [each["name"] for key, each in after.items() if key in before]
    if [name.lower() for name in was] != [name.lower() for name in becomes]:
        yield Change(f"order of {field}", shown(was), shown(becomes))
    for key in dict.fromkeys([*before, *after]):
        name = after[key]["name"] if key in after else before[key]["name"]
        yield from differences(before.get(key, ABSENT), after.get(key, ABSENT), f"{field}[{name}]")


def shown(value: Any) -> str:
    """A value on one line; two values are equal where they are shown alike."""
    if value is ABSENT:
        return "(none)"
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
