"""Show a run."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from runs.models import Run
from runs.report import report


class Command(BaseCommand):
    help = "Show the state of a run and its numbers. Exit status 2 when there is no such run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", help="The run's id, as launch prints it.")
        parser.add_argument("--json", action="store_true", help="Print the run as JSON.")

    def handle(self, *, id: str, **options: Any) -> None:
        run = found(id)
        if run is None:
            self.stderr.write(f'There is no run with the id "{id}".')
            sys.exit(2)
        told = report(run)
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        self.stdout.write(f"Run {run.pk} of {told['campaign']}: {run.get_state_display()}.")
        if run.problem:
            self.stdout.write(run.problem)
        for each in told["deliveries"]:
            counts = ", ".join(
                f"{name} {each[name]:,}" if each[name] is not None else f"{name} not known yet"
                for name in (
                    "customers",
                    "kept",
                    "added",
                    "removed",
                    "accepted",
                    "unknown",
                    "failed",
                    "not_reported",
                    "waiting",
                )
            )
            self.stdout.write(f"{each['segment_name']}: {counts}".replace("_", " "))


def found(text: str) -> Run | None:
    """The run of that id, as somebody typed it."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return Run.objects.select_related("campaign").filter(pk=int(text)).first()
