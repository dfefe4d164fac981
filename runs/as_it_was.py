"""A run's campaign as it was: its frozen definition in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns import schedule, wording
from campaigns.definition import Definition, Named
from destinations import sources
from segments.models import Segment
from segments.rules import RuleError
from segments.wording.sentence import sentence
from warehouse.catalogue import Catalogue

UNREAD = "This rule cannot be read any more."


@dataclass(frozen=True, slots=True)
class Rule:
    """A segment as it stood. version: 0 where it was never published; key: of the segment
    that has the name now, None without one."""

    name: str
    version: int
    words: str
    key: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """destinations: their names; none of a control."""

    name: str
    split: int
    control: bool
    destinations: Sequence[str]


@dataclass(frozen=True, slots=True)
class Part:
    """words: whom it takes, '' of the remaining audience members."""

    name: str
    words: str
    groups: Sequence[Group]


@dataclass(frozen=True, slots=True)
class Target:
    """What was sent to a destination. source: in words. only: who of them, '' for all."""

    name: str
    list_name: str
    identifier: str
    source: str
    only: str


@dataclass(frozen=True, slots=True)
class AsItWas:
    """timing, messages: '' where they were not kept. named: segments that rules name."""

    name: str
    timing: str
    messages: str
    include: Sequence[Rule]
    exclude: Sequence[Rule]
    named: Sequence[Rule]
    first_match_only: bool
    parts: Sequence[Part]
    targets: Sequence[Target]


def as_it_was(frozen: Definition, tables: Catalogue) -> AsItWas:
    """In one query. tables: those of now, for the labels of columns."""
    named = [
        Named(name, rule, frozen.versions.get(name, 0)) for name, rule in frozen.segments.items()
    ]
    everything = [each.name for each in (*frozen.include, *frozen.exclude, *named)]
    keys = dict(Segment.objects.filter(name__in=everything).values_list("name", "pk"))
    names = {target.id: target.name for target in frozen.targets}

    def rules(segments: Iterable[Named]) -> list[Rule]:
        return [
            Rule(each.name, each.version, _words(each.rule, tables), keys.get(each.name))
            for each in segments
        ]

    return AsItWas(
        name=frozen.name,
        timing=schedule.sentence(frozen.delivery) if frozen.delivery else "",
        messages=wording.messages(frozen.messages_from) if frozen.messages_from else "",
        include=rules(frozen.include),
        exclude=rules(frozen.exclude),
        named=rules(named),
        first_match_only=frozen.first_match_only,
        parts=[
            Part(
                name=part.name,
                words="" if part.rule is None else _words(part.rule, tables),
                groups=[_group(group, names) for group in part.groups],
            )
            for part in frozen.parts
        ],
        targets=[
            Target(
                name=each.name,
                list_name=each.segment_name,
                identifier=each.identifier,
                source=sources.words(each.source, tables),
                only=_words(each.only_where, tables) if each.only_where is not None else "",
            )
            for each in frozen.targets
        ],
    )


def _group(group: Any, names: Mapping[int, str]) -> Group:
    sent = [names.get(key, "") for key in group.destinations]
    return Group(group.name, group.split, group.control, sent)


def _words(rule: Any, tables: Catalogue) -> str:
    if rule == {"any": []}:
        return "Nobody: it was never published."
    try:
        return sentence(rule, tables)
    except RuleError:
        return UNREAD
