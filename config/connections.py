"""Workers keep their database connections from task to task.

Celery closes them after each: opening one again costs more than all else that sending a
batch asks of the database.
"""

from __future__ import annotations

from typing import Any

from celery import Celery

# celery-types does not know those of Celery 5.7.
from celery.fixups.django import DjangoFixup, DjangoWorkerFixup  # type: ignore[attr-defined]

SECONDS = 600  # the oldest a connection gets


class KeptConnections(DjangoWorkerFixup):
    def install(self) -> Any:
        from django.db import connections

        for database in connections.settings.values():
            database |= {"CONN_MAX_AGE": SECONDS, "CONN_HEALTH_CHECKS": True}
        return super().install()

    def close_database(self, **_: Any) -> None:
        """Close those that are too old or broken, as Django does between requests."""
        from django.db import close_old_connections

        close_old_connections()


class Fixup(DjangoFixup):
    @property
    def worker_fixup(self) -> KeptConnections:
        """Made when a worker starts, as the settings are not read before."""
        if self._worker_fixup is None:  # type: ignore[has-type]
            self._worker_fixup = KeptConnections(self.app)
        return self._worker_fixup


def fixup(app: Celery) -> Any:
    return Fixup(app).install()
