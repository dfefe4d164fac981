"""Panels: the people whom marketers name to get tests, kept, opened and taken away.

Their phones and emails are encrypted where they are stored, and in no entry of the audit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction

from accounts import audit
from accounts.models import User
from core.fields import SecretLostError
from runs.models import Panel, Panelist
from warehouse.identifiers import EMAIL, PHONE
from warehouse.models import Semantic
from warehouse.personal import masked


@dataclass(frozen=True, slots=True)
class Person:
    """phone, email: as destinations know them, '' for none."""

    name: str
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)

    def identifier(self, kind: str) -> str:
        return {PHONE: self.phone, EMAIL: self.email}.get(kind, "")


@dataclass(frozen=True, slots=True)
class Shown:
    """A person of a panel as a page shows them. lost: no key opens their contact data."""

    pk: int
    name: str
    phone: str = ""
    email: str = ""
    lost: bool = False


def opened(panelist: Panelist) -> Person:
    """Raises SecretLostError."""
    contact = panelist.contact.open()
    return Person(panelist.name, contact.get(PHONE, ""), contact.get(EMAIL, ""))


def people(panel: Panel) -> list[Person]:
    """Raises SecretLostError."""
    return [opened(each) for each in panel.people.all()]


def shown(panelist: Panelist, *, unmasked: bool) -> Shown:
    try:
        person = opened(panelist)
    except SecretLostError:
        return Shown(panelist.pk, panelist.name, lost=True)
    if unmasked:
        return Shown(panelist.pk, person.name, person.phone, person.email)
    return Shown(
        panelist.pk,
        person.name,
        masked(person.phone, Semantic.PHONE) if person.phone else "",
        masked(person.email, Semantic.EMAIL) if person.email else "",
    )


def keep(panel: Panel, by: User) -> None:
    """Store what was checked already."""
    action = audit.Action.CHANGED if panel.pk else audit.Action.CREATED
    with transaction.atomic():
        panel.save()
        audit.record(by, action, panel)


def remove(panel: Panel, by: User) -> None:
    with transaction.atomic():
        audit.record(by, audit.Action.DELETED, panel)
        panel.delete()


def keep_person(panelist: Panelist, contact: Mapping[str, str], by: User) -> None:
    """Store what was checked already. contact: identifiers by their kind."""
    told = "A person was changed" if panelist.pk else "A person was added"
    panelist.contact = {kind: value for kind, value in contact.items() if value}
    with transaction.atomic():
        panelist.save()
        _changed(panelist.panel, by, told)


def remove_person(panelist: Panelist, by: User) -> None:
    with transaction.atomic():
        panelist.delete()
        _changed(panelist.panel, by, "A person was removed")


def _changed(panel: Panel, by: User, told: str) -> None:
    panel.save(update_fields=["edited_at"])
    audit.record(by, audit.Action.CHANGED, panel, details=told)
