"""What a launch would do to each list that is there already, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from campaigns import previews
from campaigns.definition import Definition
from campaigns.figures import Figures
from campaigns.models import Campaign
from runs import building, diff, lists
from runs.diff import Place
from runs.models import List
from warehouse.scratch import scratch


@dataclass(frozen=True, slots=True)
class Move:
    """name: what the list will be called; was: what Attentive calls it now, '' where it is new.

    kept, added, removed: people. asks: so many would be removed that a person must agree.
    """

    name: str
    was: str
    kept: int
    added: int
    removed: int
    asks: bool = False

    @property
    def renamed(self) -> bool:
        return bool(self.was) and self.was != self.name


@dataclass(frozen=True, slots=True)
class Moves:
    """left_behind: lists that hold people and that no group fills any more."""

    rows: Sequence[Move]
    left_behind: Sequence[str]

    @property
    def any_there(self) -> bool:
        """Whether a list of these is there already."""
        return any(row.was for row in self.rows)


def moves(
    campaign: Campaign, definition: Definition, figures: Figures, folder: Path, moment: datetime
) -> Moves:
    """figures, folder: what was counted, and its files (``campaigns.previews``)."""
    known = {
        (each.destination_id, each.external_id): each
        for each in List.objects.filter(campaign=campaign, test=False).select_related("destination")
    }
    members = str((folder / previews.MEMBERS).relative_to(settings.VAR_DIR))
    return Moves(
        list(_rows(definition, figures, known, members, moment)),
        lists.left_behind(campaign.pk, definition),
    )


def _rows(
    definition: Definition,
    figures: Figures,
    known: dict[tuple[int, str], List],
    members: str,
    moment: datetime,
) -> Iterator[Move]:
    with scratch() as duck:
        for part, group, in_part, treatment, target in building.places(definition):
            named = lists.name(definition, in_part, treatment, target, moment, test=False)
            external_id = lists.external_id(definition, treatment, target, moment, test=False)
            there = known.get((target.id, external_id))
            if there is None or not there.ledger:
                was = there.name if there and there.made_at else ""
                to_send = figures.delivery(part, group, target.id).to_send
                yield Move(named, was, kept=0, added=to_send, removed=0)
                continue
            place = Place(part, group, target.id)
            found = diff.compare(duck, members, place, there.ledger, moment)
            asks = found.removes_many(there.destination.removal_limit)
            yield Move(named, there.name, found.kept, found.added, found.removed, asks)
