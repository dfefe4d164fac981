"""What was done that must be answered for: by whom, to what, why."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import AuditEntry, User


def exported(who: User, about: str, customers: int, columns: Sequence[str], reason: str) -> None:
    """Customers leave as a file. about: the segment and its version; columns: their names."""
    AuditEntry.objects.create(
        who=who,
        email=who.email,
        action=AuditEntry.Action.EXPORTED,
        about=about[:300],
        customers=customers,
        columns=", ".join(columns),
        reason=reason,
    )
