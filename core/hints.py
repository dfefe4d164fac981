"""What workers are asked to do, through a broker that may be away.

A message is a hint and no more: what it asks for stands in the database as well, where
workers look for what is due. So one that gets lost, or is not sent, costs only time.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from celery import current_app
from kombu.exceptions import OperationalError

BROKER_REST = 5.0  # seconds for which a broker that failed is left alone
logger = logging.getLogger(__name__)


class Hints:
    _silent_until = 0.0

    def give(self, task: str, *arguments: int, **options: Any) -> None:
        """task: its name, as "runs.tasks.build_run". options: those of Celery's send_task."""
        if time.monotonic() < self._silent_until:
            return
        try:
            current_app.send_task(task, arguments, retry=False, **options)
        except (OperationalError, OSError):
            self._silent_until = time.monotonic() + BROKER_REST
            logger.warning("The broker cannot be reached. What is due is done later.")


hint = Hints().give
