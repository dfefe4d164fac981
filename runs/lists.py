"""The lists of a campaign: which one a treatment group fills, and that Attentive has it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from campaigns import names
from campaigns.definition import Definition, Group, Part, Target
from campaigns.models import Campaign
from core.failpoints import hit
from destinations.connector import Connector
from runs.models import List
from runs.tools import Tools

TEST = "TEST_"
NAME_LENGTH = 240  # Attentive API v2, CreateSegmentRequest


def name(
    definition: Definition,
    part: Part,
    group: Group,
    target: Target,
    moment: datetime,
    *,
    test: bool,
) -> str:
    """What the list is called at its destination; a test's name says so."""
    day = moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    named = names.list_name(target.segment_name, definition.name, part.name, group.name, day)
    return f"{TEST}{named}"[:NAME_LENGTH] if test else named


def external_id(
    definition: Definition, group: Group, target: Target, moment: datetime, *, test: bool
) -> str:
    """The id that we choose: the same for a group in every run, so that it is one list.

    A template with the date makes a list a day. Two destinations may be one account
    at Attentive, so the destination is part of it.
    """
    parts = ["muster_test" if test else "muster", definition.campaign, group.key, str(target.id)]
    if "{date}" in target.segment_name:
        day = moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
        parts.append(f"{day:%Y%m%d}")
    return "_".join(parts)


def of_group(
    campaign: Campaign,
    definition: Definition,
    group: Group,
    target: Target,
    named: str,
    moment: datetime,
    *,
    test: bool,
) -> List:
    """The list that a group fills, made in our database where it is new.

    Attentive has no way to restore a list that was removed, so that after it comes another id.
    """
    known = external_id(definition, group, target, moment, test=test)
    if test:
        tests = List.objects.filter(campaign=campaign, group=group.key, test=True)
        if removed := tests.filter(destination=target.id).exclude(removal_due_at=None).count():
            known = f"{known}_{removed + 1}"
    found, _ = List.objects.get_or_create(
        destination_id=target.id,
        external_id=known,
        defaults={
            "campaign": campaign,
            "group": group.key,
            "name": named,
            "identifier": target.identifier,
            "test": test,
        },
    )
    if found.identifier != target.identifier:
        List.objects.filter(pk=found.pk).update(identifier=target.identifier)
    return found


def left_behind(campaign_id: int, definition: Definition) -> list[str]:
    """The names of a campaign's lists that hold people and that none of its groups fills.

    Muster takes no list away: a message in Attentive may still be meant for it.
    """
    filled = {
        (group.key, destination)
        for part in definition.parts
        for group in part.groups
        for destination in group.destinations
    }
    known = List.objects.filter(Q(held__gt=0) | Q(maybe__gt=0), campaign=campaign_id, test=False)
    return [each.name for each in known if (each.group, each.destination_id) not in filled]


def ensure(filled: List, named: str, connector: Connector, tools: Tools) -> None:
    """See to it that the destination has the list, under this name. Safe to repeat.

    Raises ListMissingError when somebody took it away there: it would be empty, and
    the ledger would be wrong.
    """
    hit("create.intent")
    connector.ensure_list(filled.external_id, named, created=filled.made_at is not None)
    hit("create.answered")
    now = tools.now()
    List.objects.filter(pk=filled.pk).update(name=named)
    List.objects.filter(pk=filled.pk, made_at=None).update(made_at=now)
    hit("create.committed")
