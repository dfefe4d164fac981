"""Campaigns are moved into folders and labelled, and the audit trail says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction

from accounts import audit
from accounts.models import User
from campaigns.models import Campaign
from segments import folders, labels


def move(campaigns: Sequence[Campaign], path: str, by: User) -> None:
    """Put them into a folder, "" into none. Raises FolderError."""
    with transaction.atomic():
        folders.place(campaigns, path)
        _tell_folders(campaigns, by)


def move_back(campaigns: Sequence[Campaign], was: Mapping[str, str], by: User) -> None:
    """Put them where they were, by their keys."""
    with transaction.atomic():
        folders.place_back(campaigns, was)
        _tell_folders(campaigns, by)


def label(
    campaigns: Sequence[Campaign], put_on: Sequence[str], taken_off: Iterable[str], by: User
) -> None:
    """Put labels on and take others off. Raises LabelError; then nothing is changed."""
    with transaction.atomic():
        labels.change(campaigns, put_on, taken_off)
        _tell_labels(campaigns, by)


def label_back(campaigns: Sequence[Campaign], was: Mapping[str, list[str]], by: User) -> None:
    """Give them the labels that they had, by their keys."""
    with transaction.atomic():
        labels.put_back(campaigns, was)
        _tell_labels(campaigns, by)


def _tell_folders(campaigns: Iterable[Campaign], by: User) -> None:
    for each in campaigns:
        where = folders.words(each.folder) or "none"
        audit.record(by, audit.Action.CHANGED, each, details=f"Folder: {where}")


def _tell_labels(campaigns: Iterable[Campaign], by: User) -> None:
    for each in campaigns:
        held = ", ".join(each.labels) or "none"
        audit.record(by, audit.Action.CHANGED, each, details=f"Labels: {held}")
