"""Why a customer would be on a campaign's lists or not, were it launched now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
from django.conf import settings

from campaigns import layout, snapshot, split
from campaigns.definition import Definition
from core.files import working_folder
from segments.compile import Context
from segments.numbers.finding import holders
from warehouse import catalogue
from warehouse.personal import masked

OUTCOMES = {
    split.SEND: "Is sent",
    split.CONTROL: "Held out: nothing is sent",
    split.NO_GROUP: "In no treatment group: nothing is sent",
    split.FILTERED: "Not opted in: not sent here",
    split.NO_IDENTIFIER: "No {identifier} on file",
    split.INVALID: "The {identifier} is not valid: {reason}",
    split.DUPLICATE: "Another customer with the same {identifier} gets it",
}
NOWHERE = "This group goes to no destination yet"

FROZEN = f"SELECT {layout.EXCLUDED} FROM read_parquet($file) WHERE customer_id = $customer"  # noqa: S608
PLACED = """
SELECT part, "group", destination, outcome, reason, identifier FROM read_parquet($file)
WHERE customer_id = $customer ORDER BY ALL
"""

Row = Sequence[object]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a customer was put. sent: on a list; destination and identifier '' of who is held
    out or in no group; outcome: in words."""

    sub_audience: str
    group: str
    destination: str
    identifier: str
    outcome: str
    sent: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """included: whether an included segment holds the customer; include: their names;
    left_out_by: the exclusion that takes her out, ''; places: several, where sub-audiences
    stand alone or a group goes to several destinations."""

    customer: str
    included: bool
    include: Sequence[str]
    left_out_by: str
    places: Sequence[Place]

    @property
    def sent(self) -> bool:
        return any(place.sent for place in self.places)


@dataclass(frozen=True, slots=True)
class Found:
    """What the files of a snapshot and of its members tell of one customer.

    excluded: the rows of the snapshot, each the index of an exclusion or None; members: the
    columns of PLACED.
    """

    excluded: Sequence[Row]
    members: Sequence[Row]


def explain(
    definition: Definition, customer: str, moment: datetime, key: str = "", unmasked: bool = False
) -> Explanation:
    """What a launch at that moment would do with a customer.

    Read as a run reads it, of her alone and of those who have the same phone or email: one
    of them gets it. unmasked: identifiers are shown whole. key: a name by which
    engine().cancel stops the queries. Raises WarehouseError, RuleError.
    """
    found = _found(definition, customer, [customer], moment, key)
    rivals = _rivals(definition, customer, found.members, moment, key)
    if len(rivals) > 1:
        found = _found(definition, customer, rivals, moment, key)
    return told(definition, customer, found, unmasked)


def told(
    definition: Definition,
    customer: str,
    found: Found,
    unmasked: bool = False,
    words: Mapping[str, str] = OUTCOMES,
    on_a_list: frozenset[str] = frozenset({split.SEND}),
) -> Explanation:
    """In words. on_a_list: the outcomes of who is on a list."""
    out = found.excluded[0][0] if found.excluded else None
    return Explanation(
        customer,
        included=bool(found.excluded),
        include=[each.name for each in definition.include],
        left_out_by="" if out is None else definition.exclude[int(str(out))].name,
        places=[_place(row, definition, unmasked, words, on_a_list) for row in found.members],
    )


def _found(
    definition: Definition, customer: str, only: Sequence[str], moment: datetime, key: str
) -> Found:
    with working_folder() as folder, duckdb.connect() as duck:
        audience, members = folder / "snapshot.parquet", folder / "members.parquet"
        snapshot.build(definition, moment, audience, key=key, only=only)
        split.split(audience, members, definition)
        asked = {"customer": customer}
        return Found(
            duck.execute(FROZEN, asked | {"file": str(audience)}).fetchall(),
            duck.execute(PLACED, asked | {"file": str(members)}).fetchall(),
        )


def _rivals(
    definition: Definition, customer: str, members: Sequence[Row], moment: datetime, key: str
) -> list[str]:
    """The customer and all who have an identifier that she would be sent by."""
    context = Context(
        catalogue.current(), moment, settings.TIME_ZONE, definition.segments, definition.lists
    )
    targets = {target.id: target for target in definition.targets}
    found = {customer}
    for _, _, destination, outcome, _, identifier in members:
        if outcome == split.SEND:
            by = targets[int(str(destination))]
            found.update(holders(str(identifier), by.identifier, by.source, context, key))
    return sorted(found)


def _place(
    row: Row,
    definition: Definition,
    unmasked: bool,
    words: Mapping[str, str],
    on_a_list: frozenset[str],
) -> Place:
    part_index, group_index, destination, outcome, reason, identifier = row
    part = definition.parts[int(str(part_index))]
    at = int(str(group_index))
    group = part.groups[at].name if at >= 0 else ""
    target = next((each for each in definition.targets if each.id == destination), None)
    kind = target.identifier if target else ""
    fate, shown = str(outcome), str(identifier or "")
    text = words[fate].format(identifier=kind or "phone or email", reason=reason)
    return Place(
        part.name,
        group,
        target.name if target else "",
        shown if unmasked or not shown else masked(shown, kind),
        NOWHERE if fate == split.NO_GROUP and at >= 0 else text,
        fate in on_a_list,
    )
