"""Roles: marketers do the work, approvers also agree to what others launch, viewers look on,
admins look after the installation.

All but Admin are groups that a person is in; what they may do is written here and
nowhere in the database (accounts.backends). An admin is a superuser.

What concerns people's own data no role brings along: it is given to a person, one by one.
So is SQL: it reads every column, shows no mask, and what it costs nobody can foresee.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.contrib.auth.models import Group

if TYPE_CHECKING:
    from accounts.models import User

MARKETER = "Marketer"
APPROVER = "Approver"
VIEWER = "Viewer"
ADMIN = "Admin"
ROLES = (MARKETER, APPROVER, VIEWER, ADMIN)

SEES = (
    "segments.segment",
    "segments.segmentversion",
    "segments.customerlist",
    "segments.metric",
    "campaigns.campaign",
    "campaigns.subaudience",
    "campaigns.treatmentgroup",
    "campaigns.attributemapping",
    "destinations.destination",
    "destinations.defaultattributes",
    "runs.run",
    "runs.delivery",
    "runs.list",
)
EDITS = (
    "segments.segment",
    "segments.customerlist",
    "segments.metric",
    "campaigns.campaign",
    "campaigns.subaudience",
    "campaigns.treatmentgroup",
    "campaigns.attributemapping",
    "destinations.defaultattributes",
)
VIEWS = frozenset(name.replace(".", ".view_") for name in SEES)
CHANGES = frozenset(
    name.replace(".", f".{action}_") for name in EDITS for action in ("add", "change", "delete")
)
APPROVE = "campaigns.approve_campaign"
WORK = VIEWS | CHANGES | {"campaigns.launch_campaign"}
PERMISSIONS = {
    VIEWER: VIEWS,
    MARKETER: WORK,
    APPROVER: WORK | {APPROVE},
}

SEE_CONTACTS = "accounts.see_contacts"
EXPORT_CUSTOMERS = "accounts.export_customers"
USE_SQL = "segments.use_sql"
GIVEN = {  # by User's field
    "sees_contacts": SEE_CONTACTS,
    "exports_customers": EXPORT_CUSTOMERS,
    "writes_sql": USE_SQL,
}


def permissions_of(user: User) -> frozenset[str]:
    """What the person's role allows, and what was given to them beside it."""
    if user.role not in PERMISSIONS:
        return frozenset()
    given = (permission for field, permission in GIVEN.items() if getattr(user, field))
    return PERMISSIONS[user.role].union(given)


def role_of(user: User) -> str:
    """The person's role; "" for someone who was given none."""
    if user.is_superuser:
        return ADMIN
    return next((group.name for group in user.groups.all() if group.name in PERMISSIONS), "")


def give_teams(user: User, teams: Iterable[Group]) -> None:
    """Have a stored user in these teams and no others; the role stays."""
    user.groups.remove(*user.groups.exclude(name__in=ROLES))
    user.groups.add(*teams)


def give_role(user: User, role: str) -> None:
    """Give a stored user one of ROLES; it replaces the role before."""
    user.is_staff = user.is_superuser = role == ADMIN
    user.save(update_fields=["is_staff", "is_superuser"])
    user.groups.remove(*Group.objects.filter(name__in=PERMISSIONS))
    if role in PERMISSIONS:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    user.__dict__.pop("role", None)  # what was looked up before
