"""A segment once more: a draft of the same rule that goes its own way."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from core.edits import EditRefusedError
from segments import folders, publishing
from segments.models import Segment


def copy(original: Segment, by: User) -> Segment:
    """A draft without a name, in the same folder, of the rule as it is edited."""
    return Segment.objects.create(
        description=original.description,
        folder=original.folder,
        labels=original.labels,
        draft=original.current_rule,
        created_by=by,
        edited_by=by,
    )


def save_as(original: Segment, name: str, folder: str, by: User) -> Segment:
    """A copy with a name of its own, in a folder, "" for none. Raises EditRefusedError."""
    if not name.strip():
        raise EditRefusedError("Give the segment a name.")
    if folder and not any(each.path == folder for each in folders.tree()):
        raise EditRefusedError("This folder is gone. Choose another one.")
    with transaction.atomic():
        made = copy(original, by)
        made.folder = folder
        made.save(update_fields=["folder"])
        publishing.rename(made, name)
    return made
