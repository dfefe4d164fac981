"""Who is at work on what, and for how long. A lease gives progress, never safety."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection

from core.errors import MusterError
from runs.models import Delivery, Run
from runs.tools import Tools


class LeaseLostError(MusterError):
    """Another worker took over; what this one has done counts for nothing."""

    def __str__(self) -> str:
        return "Another worker has taken this step over."


def until(tools: Tools) -> datetime:
    """When another worker may take over, should this one fall silent now."""
    return tools.now() + timedelta(seconds=settings.LEASE_SECONDS)


@contextmanager
def kept(row: Run | Delivery, tools: Tools) -> Iterator[None]:
    """Renew the lease of a claimed row while long work goes on."""
    done = threading.Event()
    beating = threading.Thread(target=_renew, args=(row, tools, done), daemon=True)
    beating.start()
    try:
        yield
    finally:
        done.set()
        beating.join()


def _renew(row: Run | Delivery, tools: Tools, done: threading.Event) -> None:
    mine = type(row)._default_manager.filter(
        pk=row.pk, attempt=row.attempt, lease_until__isnull=False
    )
    try:
        while not done.wait(settings.LEASE_SECONDS / 3):
            try:
                if not mine.update(lease_until=until(tools)):
                    return
            except DatabaseError:
                connection.close()  # the next beat tries a new connection
    finally:
        connection.close()
