"""Secrets: entered once, replaced, refused; never shown again."""

from __future__ import annotations

import re
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from destinations.errors import TokenUnusableError
from destinations.models import Credential

# What an HTTP header can carry.
TOKEN = re.compile(r"[\x21-\x7e]+")


def clean_token(text: str) -> str:
    """A pasted token without the blanks and line breaks around it.

    Raises TokenUnusableError when there are some inside, or nothing is left.
    """
    token = text.strip()
    if not TOKEN.fullmatch(token):
        raise TokenUnusableError()
    return token


def replace(credential: Credential, token: str, by: User | None) -> None:
    """Set another token, which nobody has refused yet; the caller saves."""
    credential.secret = {"token": clean_token(token)}
    credential.set_at = timezone.now()
    credential.set_by = by
    credential.refused_at = None


def refused(credential: Credential, at: datetime) -> None:
    """Send nothing more with this secret; one entered meanwhile is not the one refused."""
    Credential.objects.filter(pk=credential.pk, set_at=credential.set_at).update(refused_at=at)


def works(credential: Credential) -> None:
    """The secret was accepted after all, as when its permission was granted meanwhile."""
    same = Credential.objects.filter(pk=credential.pk, set_at=credential.set_at)
    same.exclude(refused_at=None).update(refused_at=None)
