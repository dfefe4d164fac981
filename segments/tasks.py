"""What workers start: counts of segments. Tasks take ids and nothing else; any may run twice."""

from __future__ import annotations

import logging

from celery import shared_task

from core.errors import MusterError
from core.hints import hint
from segments.numbers import tracking

logger = logging.getLogger(__name__)


@shared_task
def count_due_segments() -> None:
    """Have each segment counted that was not yet today; beat asks each hour."""
    for segment_id in tracking.due():
        hint(count_segment.name, segment_id)


@shared_task
def count_segment(segment_id: int) -> None:
    try:
        tracking.count(segment_id)
    except MusterError as error:  # a rule that no longer fits, a warehouse that is away
        logger.warning("Segment %s was not counted: %s", segment_id, error)
