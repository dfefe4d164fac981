"""Why somebody is or is not on the lists of a run: read from its frozen audience alone."""

from __future__ import annotations

from campaigns import definition as definitions
from campaigns import split
from campaigns.explaining import FROZEN, OUTCOMES, Explanation, Found, Row, told
from core.errors import MusterError
from runs import recipients, relations
from runs.models import Run

PLACED = """
SELECT part, "group", destination, outcome, reason, identifier FROM population
WHERE customer_id = $customer ORDER BY ALL
"""
FATES = f"""
SELECT sub_audience, treatment_group, destination, outcome FROM ({recipients.ROWS})
WHERE customer_id = $customer
"""  # noqa: S608

ON_A_LIST = frozenset({"sent", "kept"})
WORDS = OUTCOMES | {
    "sent": "On the list at Attentive",
    "kept": "On the list before; this run only sent again who had failed",
    "failed": "Not on the list: the request failed",
    "waiting": "To be sent, not sent yet",
}


class NotBuiltError(MusterError):
    def __str__(self) -> str:
        return "The run has no audience yet. Ask again when it is built."


class NamedPeopleError(MusterError):
    def __str__(self) -> str:
        return "This test went to named people, not to customers of the audience."


def explain(run: Run, customer: str, unmasked: bool = False) -> Explanation:
    """What the run did with a customer. unmasked: identifiers are shown whole.

    Raises NamedPeopleError, NotBuiltError, FileLostError.
    """
    if run.test_to:
        raise NamedPeopleError
    if not run.snapshot or not run.members:
        raise NotBuiltError
    definition = definitions.from_json(run.definition)
    with recipients.opened(run) as duck:
        asked = {"customer": customer}
        file = str(relations.existing(run.snapshot))
        frozen = duck.execute(FROZEN, asked | {"file": file}).fetchall()
        placed = duck.execute(PLACED, asked).fetchall()
        fates = duck.execute(FATES, asked).fetchall()
    became = {tuple(place): str(outcome) for *place, outcome in fates}
    names = {target.id: target.name for target in definition.targets}

    def settled(row: Row) -> Row:
        part, group, destination, outcome, *rest = row
        if outcome != split.SEND:
            return row
        place = definition.parts[int(str(part))]
        at = (place.name, place.groups[int(str(group))].name, names.get(int(str(destination)), ""))
        return [part, group, destination, became.get(at, "waiting"), *rest]

    found = Found(frozen, [settled(row) for row in placed])
    return told(definition, customer, found, unmasked, WORDS, ON_A_LIST)
