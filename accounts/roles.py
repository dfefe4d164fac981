"""Three roles: marketers do the work, viewers look on, admins look after the installation.

Marketer and Viewer are groups; after every migration they hold exactly what is listed
here. An admin is a superuser.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q

from accounts.models import User

MARKETER = "Marketer"
VIEWER = "Viewer"
ADMIN = "Admin"
ROLES = (MARKETER, VIEWER, ADMIN)

SEES = (
    "segments.segment",
    "segments.segmentversion",
    "segments.customerlist",
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
PERMISSIONS = {
    VIEWER: VIEWS,
    MARKETER: VIEWS | CHANGES | {"campaigns.launch_campaign"},
}


def create_roles() -> None:
    """Give the groups their permissions, no fewer and no more."""
    for role, names in PERMISSIONS.items():
        wanted = Q(pk__in=[])
        for name in names:
            app, _, codename = name.partition(".")
            wanted |= Q(content_type__app_label=app, codename=codename)
        with transaction.atomic():
            group, _ = Group.objects.get_or_create(name=role)
            group.permissions.set(Permission.objects.filter(wanted))


def after_migrate(sender: Any, **kwargs: Any) -> None:
    """Django makes an app's permissions after *its* migration; the roles need those of all."""
    for app in apps.get_app_configs():
        create_permissions(app, verbosity=0)
    create_roles()


def role_of(user: User) -> str:
    """The person's role; "" for someone who was given none."""
    if user.is_superuser:
        return ADMIN
    return next((group.name for group in user.groups.all() if group.name in PERMISSIONS), "")


def give_role(user: User, role: str) -> None:
    """Make a stored user a marketer, a viewer or an admin; it replaces the role before."""
    user.is_staff = user.is_superuser = role == ADMIN
    user.save(update_fields=["is_staff", "is_superuser"])
    user.groups.remove(*Group.objects.filter(name__in=PERMISSIONS))
    if role in PERMISSIONS:
        user.groups.add(Group.objects.get(name=role))
