"""Destinations that are kept for some people: others neither choose nor change them here.

What a campaign uses already stays in it; who may not use it cannot launch it.
"""

from __future__ import annotations

from accounts.models import User
from campaigns.merging import groups
from campaigns.states import State
from core.edits import EditRefusedError
from destinations.models import Destination


def refuse_changes(before: State, after: State, by: User) -> None:
    """Raises EditRefusedError where an edit puts a closed destination into a group, or changes
    what is sent to one: also an edit that brings back what was."""
    held = {group["key"]: {*group["destinations"]} for group in groups(before["parts"])}
    chosen = {
        key
        for group in groups(after["parts"])
        for key in {*group["destinations"]} - held.get(group["key"], set())
    }
    was, now = before["attributes"], after["attributes"]
    changed = {int(key) for key in {*was, *now} if was.get(key) != now.get(key)}
    _refuse(chosen | changed, by)


def refuse(destination: Destination, by: User) -> None:
    """Raises EditRefusedError where the destination is for others only."""
    _refuse({destination.pk}, by)


def _refuse(destinations: set[int], by: User) -> None:
    if not destinations:
        return
    for closed in Destination.objects.closed_to(by).filter(pk__in=destinations)[:1]:
        raise EditRefusedError(closed.only_words)
