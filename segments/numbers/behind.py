"""The customers behind a number that a page shows, as a rule.

A number is named by words that an address can hold: nothing that customers' data say is in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import MusterError
from segments import drafts
from segments.compile import Context
from segments.numbers import counting
from segments.numbers.breakdown import breakdown
from segments.numbers.insights import YEAR
from segments.numbers.purchases import purchases
from segments.wording import words
from warehouse.catalogue import Catalogue

Node = dict[str, Any]
PARTS = {
    "phone": "With a phone",
    "email": "With an email",
    "both": "With a phone and an email",
    "phone_only": "With a phone, without an email",
    "email_only": "With an email, without a phone",
    "neither": "With neither a phone nor an email",
    "active": "With an order in the last year",
}


class NoSuchNumberError(MusterError):
    def __str__(self) -> str:
        return "This number is no longer there: the rule or the data has changed. Count again."


@dataclass(frozen=True, slots=True)
class Behind:
    """rule: who is counted. label: who they are, '' for all that a page is about."""

    rule: Node
    label: str = ""


def part(rule: Node, name: str, catalogue: Catalogue) -> Behind:
    """Those of a rule's customers whom one of PARTS tells. Raises NoSuchNumberError."""
    if name not in PARTS:
        raise NoSuchNumberError
    told = _active(catalogue) if name == "active" else _reached(name, catalogue)
    return Behind({"all": [rule, told]}, PARTS[name])


def _active(catalogue: Catalogue) -> Node:
    table = purchases(catalogue).table
    if table is None:
        raise NoSuchNumberError
    period = {"last": YEAR.n, "unit": YEAR.unit}
    return {"event": table.name, "operator": "at_least", "value": 1, "period": period}


def _reached(name: str, catalogue: Catalogue) -> Node:
    contacts = counting.contacts(catalogue)
    if name in contacts:
        return contacts[name]
    if len(contacts) < 2:
        raise NoSuchNumberError
    if name == "both":
        return {"all": [*contacts.values()]}
    if name == "neither":
        return {"none": [*contacts.values()]}
    has, lacks = ("phone", "email") if name == "phone_only" else ("email", "phone")
    return {"all": [contacts[has], {"none": [contacts[lacks]]}]}


def line(root: Node, id: str, catalogue: Catalogue) -> Node:
    """A line or group of a draft alone, whatever stands around it. Raises NoSuchNumberError."""
    node = drafts.find(root, id)
    kept = {key: value for key, value in (node or {}).items() if key != "off"}
    rule = drafts.complete(kept, catalogue)
    if not drafts.has_criteria(rule):
        raise NoSuchNumberError
    return rule


def bar(rule: Node, attribute: str, place: int | None, context: Context, key: str = "") -> Behind:
    """Those of a rule's customers in a bar of a breakdown, which is named by its place there.

    Raises NoSuchNumberError, and as ``breakdown.breakdown`` does.
    """
    bars = breakdown(rule, attribute, context, key).bars
    if place is None or place >= len(bars) or bars[place].criterion is None:
        raise NoSuchNumberError
    found = context.catalogue.find(attribute)
    label = words.column_label(found[1], attribute) if found else ""
    told: Mapping[str, Any] = bars[place].criterion or {}
    said = bars[place].label
    return Behind({"all": [rule, dict(told)]}, f"{label}: {said}" if label else said)
