"""What feeds a destination: the campaign's own attributes, or the destination's defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts import audit
from accounts.models import User
from campaigns import closed
from campaigns.definition import source_of
from campaigns.editing import Edit, carry_out
from campaigns.models import AttributeMapping, Campaign, Status
from campaigns.states import MAPPING
from core.edits import EditRefusedError
from destinations import contents, sources
from destinations.contents import KINDS
from destinations.models import Destination
from warehouse import catalogue, identifiers
from warehouse.catalogue import Catalogue

UNDER_WAY = "the run under way keeps what it began with"


@dataclass(frozen=True, slots=True)
class Effective:
    """What a campaign sends to a destination. phone, email: "table.column", "" without one.

    identifier: the one of the two that is sent, "" until someone chooses.
    own: the campaign overrides the defaults; otherwise it follows them.
    """

    identifier: str = ""
    phone: str = ""
    email: str = ""
    only_where: Any = None
    own: bool = False

    def source(self, kind: str) -> str:
        return self.phone if kind == identifiers.PHONE else self.email


def effective(campaign: Campaign, destination: Destination, tables: Catalogue) -> Effective:
    """campaign: loaded with ``with_groups``, or with its mappings."""
    found = source_of(campaign, destination)
    preset = presets(tables)
    if found is None:
        return preset
    return Effective(
        identifier=found.identifier,
        phone=found.phone or preset.phone,
        email=found.email or preset.email,
        only_where=getattr(found, "only_where", None),
        own=isinstance(found, AttributeMapping),
    )


def presets(tables: Catalogue) -> Effective:
    """Where nobody chose yet: the phone and email that are suggested, neither of them sent."""
    return Effective(
        phone=sources.suggested(identifiers.PHONE, tables),
        email=sources.suggested(identifiers.EMAIL, tables),
    )


def choose(
    campaign_id: int,
    destination: Destination,
    wanted: Effective,
    base: int | None,
    by: User,
    *,
    key: str = "",
    insists: int | None = None,
) -> Campaign:
    """Edit attributes: what this campaign sends to the destination from now on.

    base, key, insists: as ``editing.Edit`` has them. The other row keeps its source. Raises
    EditRefusedError, ClashError, StaleEditError, Campaign.DoesNotExist, WarehouseError.
    """
    closed.refuse(destination, by)
    check(wanted)

    chosen = {name: getattr(wanted, name) for name in MAPPING}

    def do(campaign: Campaign) -> None:
        own = campaign.mappings.filter(destination=destination)
        if own.values(*MAPPING).first() == chosen:
            return
        AttributeMapping.objects.update_or_create(
            campaign=campaign, destination=destination, defaults=chosen
        )
        sent = f"sends {wanted.identifier or 'nothing yet'}"
        _told(by, campaign, destination, f"Overrides the default attributes: {sent}")

    asked = Edit("attributes", str(destination.pk), [], base, by, key, insists)
    return carry_out(campaign_id, asked, do)


def follow(
    campaign_id: int,
    destination: Destination,
    base: int | None,
    by: User,
    *,
    key: str = "",
    insists: int | None = None,
) -> Campaign:
    """Reset to defaults: the campaign follows the destination's default attributes again."""
    closed.refuse(destination, by)

    def do(campaign: Campaign) -> None:
        removed, _ = campaign.mappings.filter(destination=destination).delete()
        if not removed:
            return
        _told(by, campaign, destination, "Follows the default attributes")

    asked = Edit("attributes", str(destination.pk), [], base, by, key, insists)
    return carry_out(campaign_id, asked, do)


def _told(by: User, campaign: Campaign, destination: Destination, details: str) -> None:
    about = f"{campaign}: {destination}"
    audit.record(by, audit.Action.CHANGED, campaign, about, details=details)


def check(wanted: Effective) -> None:
    """Raises EditRefusedError for a choice that cannot be sent, WarehouseError when nobody
    can tell. Nothing is sent until someone chooses: then nothing is checked."""
    if wanted.identifier not in ("", *KINDS):
        raise EditRefusedError("Choose phone or email: Attentive takes one for each person.")
    if wanted.identifier:
        source = wanted.source(wanted.identifier)
        if text := contents.refusal(wanted.identifier, source, catalogue.current()):
            raise EditRefusedError(text)


def followers(destination: Destination) -> QuerySet[Campaign]:
    """Live campaigns that send to the destination what its default attributes say."""
    return _users(destination).exclude(mappings__destination=destination)


def overriders(destination: Destination) -> QuerySet[Campaign]:
    """Live campaigns that send it something of their own."""
    return _users(destination).filter(mappings__destination=destination)


def takes(campaign: Campaign) -> str:
    """When a campaign that follows takes changed default attributes, in words."""
    if campaign.next_due_at is not None:
        when = f"At its next run, {campaign.due_next or 'after the next load'}"
    elif campaign.missed_at is not None:
        when = "When somebody runs it: its time was missed"
    elif campaign.status == Status.DRAFT:
        when = "When it is launched"
    else:
        when = "If it is launched again"
    return f"{when}: {UNDER_WAY}" if _under_way(campaign) else when


def _under_way(campaign: Campaign) -> bool:
    """Whether a run of it goes on, or waits for a person."""
    if campaign.status == Status.WAITING:
        return campaign.missed_at is None
    return campaign.status == Status.RUNNING


def _users(destination: Destination) -> QuerySet[Campaign]:
    return (
        Campaign.objects.live().filter(sub_audiences__groups__destinations=destination).distinct()
    )
