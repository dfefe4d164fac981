"""What workers start: no count is kept for longer than it is needed."""

from __future__ import annotations

from celery import shared_task

from campaigns import previews


@shared_task
def prune_previews() -> None:
    """Take away the files of old counts; beat asks each hour."""
    previews.prune()
