"""Why somebody is or is not on the lists of a run: read from its frozen audience alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from campaigns import definition as definitions
from campaigns import layout, split
from campaigns.definition import Definition
from core.errors import MusterError
from runs import recipients, relations
from runs.models import Run
from warehouse.personal import masked

FROZEN = f"SELECT {layout.EXCLUDED} FROM read_parquet($file) WHERE customer_id = $customer"  # noqa: S608
PLACED = """
SELECT part, "group", destination, outcome, reason, identifier FROM population
WHERE customer_id = $customer ORDER BY ALL
"""
TOLD = f"""
SELECT sub_audience, treatment_group, destination, outcome FROM ({recipients.ROWS})
WHERE customer_id = $customer
"""  # noqa: S608

ON_A_LIST = frozenset({"sent", "kept"})
OUTCOMES = {
    "sent": "On the list at Attentive",
    "kept": "On the list before; this run only sent again who had failed",
    "failed": "Not on the list: the request failed",
    "waiting": "To be sent, not sent yet",
    split.CONTROL: "Held out: nothing is sent",
    split.NO_GROUP: "In no treatment group: nothing is sent",
    split.FILTERED: "Not opted in: not sent here",
    split.NO_IDENTIFIER: "No {identifier} on file",
    split.INVALID: "The {identifier} is not valid: {reason}",
    split.DUPLICATE: "Another customer with the same {identifier} gets it",
}


class NotBuiltError(MusterError):
    def __str__(self) -> str:
        return "The run has no audience yet. Ask again when it is built."


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


def explain(run: Run, customer: str, unmasked: bool = False) -> Explanation:
    """What the run did with a customer. unmasked: identifiers are shown whole.

    Raises NotBuiltError, FileLostError.
    """
    if not run.snapshot or not run.members:
        raise NotBuiltError
    definition = definitions.from_json(run.definition)
    with recipients.opened(run) as duck:
        asked = {"customer": customer}
        file = str(relations.existing(run.snapshot))
        frozen = duck.execute(FROZEN, asked | {"file": file}).fetchall()
        placed = duck.execute(PLACED, asked).fetchall()
        told = duck.execute(TOLD, asked).fetchall()
    fates = {(part, group, place): outcome for part, group, place, outcome in told}
    out = frozen[0][0] if frozen else None
    return Explanation(
        customer,
        included=bool(frozen),
        include=[each.name for each in definition.include],
        left_out_by="" if out is None else definition.exclude[out].name,
        places=[_place(row, definition, fates, unmasked) for row in placed],
    )


def _place(
    row: Sequence[object],
    definition: Definition,
    fates: Mapping[tuple[str, str, str], str],
    unmasked: bool,
) -> Place:
    part_index, group_index, destination, outcome, reason, identifier = row
    part = definition.parts[int(str(part_index))]
    at = int(str(group_index))
    group = part.groups[at].name if at >= 0 else ""
    target = next((each for each in definition.targets if each.id == destination), None)
    name = target.name if target else ""
    kind = target.identifier if target else ""
    fate = str(outcome)
    if fate == split.SEND:
        fate = fates.get((part.name, group, name), "waiting")
    shown = str(identifier or "")
    return Place(
        part.name,
        group,
        name,
        shown if unmasked or not shown else masked(shown, kind),
        OUTCOMES[fate].format(identifier=kind or "phone or email", reason=reason),
        fate in ON_A_LIST,
    )
