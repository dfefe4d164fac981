"""Test lists are taken away from their destination again, once a person has asked for it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from accounts import audit
from accounts.models import User
from campaigns import closed
from campaigns.models import Campaign
from core.errors import MusterError
from destinations import credentials
from destinations.errors import CredentialRefusedError
from runs.models import List
from runs.tools import Tools, production

PAUSE = timedelta(minutes=1)  # before a destination that failed is asked again
SWITCHED_OFF = "The destination is switched off. Ask an admin to switch it on."


class TestGoingError(MusterError):
    def __str__(self) -> str:
        return "A test of this campaign is still going. Remove its lists once it has ended."


class NoTestListsError(MusterError):
    def __str__(self) -> str:
        return "There are no test lists to remove."


def remove_tests(campaign: Campaign, by: User | None = None, tools: Tools | None = None) -> None:
    """Have all test lists of a campaign removed; the next test makes new ones.

    Raises TestGoingError, NoTestListsError, EditRefusedError where one is at a destination that
    is for others only.
    """
    tools = tools or production()
    if campaign.runs.going().filter(test=True).exists():
        raise TestGoingError()
    lists = campaign.lists.filter(test=True, removal_due_at=None)
    if by is not None:
        for each in lists.select_related("destination"):
            closed.refuse(each.destination, by)
    chosen = list(lists.values_list("pk", flat=True))
    with transaction.atomic():
        if not lists.filter(pk__in=chosen).update(removal_due_at=tools.now()):
            raise NoTestListsError()
        audit.record(by, audit.Action.CLEARED, campaign)
    for pk in chosen:
        tools.enqueue("remove_list", pk, 0.0)


def remove(list_id: int, tools: Tools) -> None:
    """Take a list away at its destination. Safe to call at any time: one that is gone stays so."""
    due = List.objects.to_remove(tools.now()).select_related("destination__credential")
    found = due.filter(pk=list_id).first()
    if found is None:
        return
    destination = found.destination
    try:
        if not destination.enabled:
            put_off(found, SWITCHED_OFF, tools)
            return
        tools.connect(destination).archive_list(found.external_id)
    except MusterError as error:
        if isinstance(error, CredentialRefusedError):
            credentials.refused(destination.credential, tools.now())
        put_off(found, str(error), tools)
    else:
        List.objects.filter(pk=found.pk).update(removed_at=tools.now(), problem="")


def put_off(found: List, problem: str, tools: Tools) -> None:
    List.objects.filter(pk=found.pk).update(removal_due_at=tools.now() + PAUSE, problem=problem)


def words(lists: list[List]) -> str:
    """What becomes of the lists of a test; '' before anybody asked to remove them."""
    asked = [each for each in lists if each.removal_due_at]
    if not asked:
        return ""
    left = [each for each in asked if each.removed_at is None]
    if not left:
        return "Its test lists are removed from Attentive."
    problem = next((each.problem for each in left if each.problem), "")
    return f"Its test lists are being removed from Attentive. {problem}".strip()
