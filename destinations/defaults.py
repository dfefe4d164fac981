"""Default attributes as people keep and remove them."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from destinations.models import DefaultAttributes, Destination


def keep(attributes: DefaultAttributes, by: User) -> None:
    """Store what was checked already. Campaigns that follow take it at their next run."""
    new = attributes.pk is None
    attributes.edited_by = by
    with transaction.atomic():
        attributes.save()
        action = audit.Action.CREATED if new else audit.Action.CHANGED
        audit.record(by, action, attributes, details=f"Sends {attributes.identifier}")


def remove(destination: Destination, by: User) -> None:
    """From then on each campaign that followed chooses itself."""
    with transaction.atomic():
        for stored in DefaultAttributes.objects.filter(destination=destination):
            audit.record(by, audit.Action.DELETED, stored)
            stored.delete()
