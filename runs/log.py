"""A run's log: what happened, in words."""

from __future__ import annotations

from runs.models import LogEntry, Run
from runs.tools import Tools

LENGTH = 500


def write(run: Run | int, text: str, tools: Tools) -> None:
    """text: a sentence without any personal data."""
    run_id = run if isinstance(run, int) else run.pk
    LogEntry.objects.create(run_id=run_id, at=tools.now(), text=text[:LENGTH])
