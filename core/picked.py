"""What is done with rows that were picked in a list: the same for every list that has picks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest

from core.errors import MusterError
from core.formats import counted
from core.typed import whole

MOST = 200  # rows at once: four pages of a list
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Done:
    """names: what those were called to which it was done; was: by their keys, what the change
    answered."""

    names: list[str]
    was: dict[int, Any]


def keys(request: HttpRequest) -> list[int]:
    """The keys of the rows that were picked: the boxes are named s."""
    sent = request.POST if request.method == "POST" else request.GET
    return [pk for pk in map(whole, sent.getlist("s")) if pk is not None][:MOST]


def each(request: HttpRequest, rows: Iterable[Row], change: Callable[[Row], Any]) -> Done:
    """Do it to each that allows it, and tell why not of each that does not."""
    done = Done([], {})
    for row in rows:
        pk, name = row.pk, str(row)
        try:
            done.was[pk] = change(row)
            done.names.append(name)
        except MusterError as error:
            messages.error(request, str(error))
    return done


def said(names: Sequence[str], noun: str, what: str) -> str:
    """ "“Gold” is archived.", "2 segments are archived." what: "archived"."""
    if len(names) == 1:
        return f"“{names[0]}” is {what}."
    return f"{counted(len(names), noun)} are {what}."
