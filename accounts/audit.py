"""What was done that must be answered for: by whom, to what, why.

Services write here, not views, so that commands and workers are told of as well. No entry
holds a secret or a customer's data.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

from django.db.models import Model
from django.utils import timezone

from accounts.errors import NoReasonError
from accounts.models import AuditEntry, User

Action = AuditEntry.Action

SESSION = timedelta(minutes=30)  # edits by one person within it are one entry
MUSTER = "Muster"
SHORTEST, LONGEST = 5, 1_000  # characters of a reason
_acting: ContextVar[str] = ContextVar("acting", default=MUSTER)


@contextmanager
def acting(name: str) -> Iterator[None]:
    """Within it, what nobody who is logged in does is done by this command."""
    token = _acting.set(name)
    try:
        yield
    finally:
        _acting.reset(token)


def record(
    by: User | None,
    action: Action,
    on: Model | None,
    about: str = "",
    *,
    kind: str = "",
    customers: int | None = None,
    details: str = "",
    reason: str = "",
) -> None:
    """Write an entry, in the transaction of what it tells of.

    by: None for Muster itself or the command that runs. on: the row that it is about. about:
    its name, where that is not how the row calls itself. kind: where there is no row.
    """
    AuditEntry.objects.create(
        who=by,
        by=by.email if by else _acting.get(),
        action=action,
        kind=kind or (_kind(on) if on else ""),
        key=on.pk if on else None,
        about=(about or str(on or ""))[:300],
        customers=customers,
        details=details,
        reason=reason,
    )


def reason(typed: str) -> str:
    """What somebody says a file of customers is for. Raises NoReasonError for too little."""
    words = typed.strip()[:LONGEST]
    if len(words) < SHORTEST:
        raise NoReasonError
    return words


def edited(by: User | None, on: Model) -> None:
    """Write that somebody edits a row that saves itself: one entry an editing session.

    A session goes on while nobody else, and nothing else, is written of the row for SESSION.
    """
    entries = AuditEntry.objects.filter(kind=_kind(on), key=on.pk)
    same = Action.CHANGED, by.pk if by else None, ""
    last = entries.values_list("action", "who", "details", "at").first()
    if last is None or last[:3] != same or last[3] < timezone.now() - SESSION:
        record(by, Action.CHANGED, on)


def _kind(on: Model) -> str:
    return str(on._meta.verbose_name)
