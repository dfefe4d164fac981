"""Who comes and goes stands in the audit, and who tries to."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from accounts import audit, guard
from accounts.models import User


@receiver(user_logged_in)
def came(sender: object, user: User, **kwargs: Any) -> None:
    audit.record(user, audit.Action.LOGGED_IN, user)


@receiver(user_logged_out)
def went(sender: object, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        audit.record(user, audit.Action.LOGGED_OUT, user)


@receiver(user_login_failed)
def failed(sender: object, credentials: dict[str, Any], **kwargs: Any) -> None:
    """What was typed is not kept: people type their password in the wrong field."""
    user = User.objects.filter(email__iexact=str(credentials.get("username", ""))).first()
    about = "" if user else "An email that nobody here has"
    with audit.acting("a stranger"):
        audit.record(None, audit.Action.LOG_IN_FAILED, user, about, kind="user")


@receiver(post_migrate)
def guarded(sender: Any, using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """After each migration: one that changes the table drops its triggers in SQLite."""
    if sender.label == "accounts":
        guard.stand(connections[using])
