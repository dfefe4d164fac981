"""A test's named people: each goes to every list that the test fills, as the destination knows
them, whether or not they are in the audience. They are frozen when the test is launched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq

from campaigns import split
from campaigns.definition import Definition, Target
from campaigns.figures import DeliveryFigures, Figures
from runs import files, recipients, relations, trial
from runs.panels import Person
from warehouse.scratch import scratch

COUNTED = """
SELECT
    part, "group", destination, count(*),
    count(*) FILTER (outcome = 'no identifier'),
    count(*) FILTER (outcome = 'duplicate'),
    count(*) FILTER (outcome = 'send')
FROM read_parquet(?) GROUP BY ALL
"""


@dataclass(frozen=True, slots=True)
class Lack:
    """Who has not what a destination takes. identifier: "phone" or "email"."""

    destination: str
    identifier: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """people: how many of them are sent to one list at least."""

    people: int
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class Frozen:
    """members: the file of who is sent. people: how many of them are."""

    members: str
    people: int


def reach(people: Sequence[Person], definition: Definition, groups: Collection[str]) -> Reach:
    """What a test to these people would come to. groups: as ``trial.Trial`` has them."""
    used = {target.id: target for *_, target in _places(definition, groups)}
    sent = [
        person
        for person in people
        if any(person.identifier(target.identifier) for target in used.values())
    ]
    lacks = []
    for target in used.values():
        names = [each.name for each in people if not each.identifier(target.identifier)]
        if names:
            lacks.append(Lack(target.name, target.identifier, tuple(names)))
    return Reach(len(sent), tuple(lacks))


def freeze(people: Sequence[Person], definition: Definition, groups: Collection[str]) -> Frozen:
    """Write who is sent to which list, as ``split.split`` writes it.

    An identifier that two people of the panel share goes to the first of them.
    """
    rows = [
        row
        for part, group, target in _places(definition, groups)
        for row in _rows(people, part, group, target)
    ]
    name = files.fresh("runs/named", "members")
    with files.written(name) as rough:
        pq.write_table(relations.table(rows, recipients.POPULATION), rough)
    return Frozen(name, reach(people, definition, groups).people)


def counted(members: str, definition: Definition) -> Figures:
    """The figures of a test: of the audience it knows nothing. Raises FileLostError."""
    file = str(relations.existing(members))
    with scratch() as duck:
        rows = duck.execute(COUNTED, [file]).fetchall()
    found = {(part, group, destination): numbers for part, group, destination, *numbers in rows}
    return Figures(
        deliveries=tuple(
            _delivery(place, *found.get(place, (0, 0, 0, 0)))
            for place in split.deliveries(definition)
        )
    )


def _places(definition: Definition, groups: Collection[str]) -> Iterator[tuple[int, int, Target]]:
    targets = {target.id: target for target in definition.targets}
    for part, group, destination in split.deliveries(definition):
        if trial.fills(groups, definition.parts[part].groups[group]):
            yield part, group, targets[destination]


def _rows(
    people: Sequence[Person], part: int, group: int, target: Target
) -> Iterator[tuple[Any, ...]]:
    taken: set[str] = set()
    for number, person in enumerate(people, start=1):
        value = person.identifier(target.identifier)
        if not value:
            outcome = split.NO_IDENTIFIER
        else:
            outcome = split.DUPLICATE if value in taken else split.SEND
        taken.add(value)
        sent = value if outcome == split.SEND else None
        yield f"test person {number}", part, group, target.id, outcome, None, sent


def _delivery(
    place: tuple[int, int, int], customers: int, lacking: int, duplicate: int, to_send: int
) -> DeliveryFigures:
    return DeliveryFigures(
        *place,
        customers=customers,
        no_identifier=lacking,
        duplicate=duplicate,
        to_send=to_send,
    )
