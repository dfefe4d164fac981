"""What workers start: counts of segments. Tasks take ids and nothing else; any may run twice."""

from __future__ import annotations

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from core.errors import MusterError
from segments import tracking

logger = logging.getLogger(__name__)


@shared_task
def count_due_segments() -> None:
    """Have each segment counted that was not yet today; beat asks each hour."""
    for segment_id in tracking.due():
        count_segment.delay(segment_id)


@shared_task
def count_segment(segment_id: int) -> None:
    try:
        tracking.count(segment_id)
    except MusterError as error:  # a rule that no longer fits, a warehouse that is away
        logger.warning("Segment %s was not counted: %s", segment_id, error)


def ask_to_count(segment_id: int) -> None:
    """Hint that a segment has changed; what the broker misses is due within the hour anyway."""
    try:
        count_segment.apply_async((segment_id,), retry=False)
    except (OperationalError, OSError):
        logger.warning("The broker cannot be reached. The segment is counted later.")
