"""What a campaign was: its revisions, by sittings of editing, with its runs among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from accounts.models import User
from campaigns import wording
from campaigns.models import Campaign
from campaigns.revisions import SITTING
from campaigns.wording import Difference
from warehouse.catalogue import Catalogue

PAGE = 20  # sittings
SHOWN = 3  # of runs without an edit between them


class Edit(NamedTuple):
    number: int
    author: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Sitting:
    """What one person did in one go. number: the revision at its end; edits: how many are
    kept of it; first: whether nothing older is kept; current: whether the campaign is so now."""

    author: User | None
    begun: datetime
    ended: datetime
    number: int
    edits: int
    first: bool
    current: bool
    runs: Sequence[Any] = ()  # that started after it and before the next, newest first
    more_runs: int = 0
    changes: Sequence[Difference] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """sittings: newest first; older: below which revision there are more, None without any."""

    sittings: Sequence[Sitting]
    older: int | None


def timeline(campaign: Campaign, below: int | None, tables: Catalogue) -> Timeline:
    """One page of the history. below: a revision's number, None for the newest page.

    Takes six queries, however much there is.
    """
    kept = campaign.revisions.order_by("number").values_list("number", "author", "at")
    edits = [Edit(*row) for row in kept]
    runs = list(campaign.runs.select_related("started_by").defer("definition", "figures"))
    found = list(_sittings(edits, [run.started_at for run in runs]))
    places = [i for i, each in enumerate(found) if below is None or each[-1].number < below]
    page = places[-PAGE:][::-1]
    authors = User.objects.in_bulk({each[-1].author for each in found if each[-1].author})
    numbers = {found[i][-1].number for place in page for i in (place, place - 1) if i >= 0}
    numbers |= {found[0][0].number for _ in found[:1]}
    states = dict(campaign.revisions.filter(number__in=numbers).values_list("number", "state"))
    known = wording.names(states.values(), tables)
    sittings = []
    for place in page:
        each = found[place]
        until = found[place + 1][0].at if place + 1 < len(found) else None
        began = [run for run in runs if _within(run.started_at, each[-1].at, until)]
        before = found[place - 1][-1].number if place else each[0].number
        sitting = Sitting(
            author=authors.get(each[-1].author or 0),
            begun=each[0].at,
            ended=each[-1].at,
            number=each[-1].number,
            edits=len(each) - (not place),
            first=not place,
            current=each[-1].number == campaign.revision,
            runs=began[:SHOWN],
            more_runs=max(len(began) - SHOWN, 0),
            changes=wording.differences(states[before], states[each[-1].number], known),
        )
        sittings.append(sitting)
    more = page and page[-1] > 0
    return Timeline(sittings, found[page[-1]][-1].number if more else None)


def _within(at: datetime, start: datetime, until: datetime | None) -> bool:
    return at >= start and (until is None or at < until)


def _sittings(edits: Sequence[Edit], started: Sequence[datetime]) -> Iterator[list[Edit]]:
    """Edits of one person with no long pause and no run between them, oldest first."""
    sitting: list[Edit] = []
    for each in edits:
        if sitting and not _goes_on(sitting[-1], each, started):
            yield sitting
            sitting = []
        sitting.append(each)
    if sitting:
        yield sitting


def _goes_on(last: Edit, following: Edit, started: Sequence[datetime]) -> bool:
    return (
        last.author == following.author
        and following.at - last.at <= SITTING
        and not any(last.at <= at < following.at for at in started)
    )
