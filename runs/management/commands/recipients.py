"""Who was in a run, as CSV."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts import audit
from runs import recipients
from runs.management.commands.run import found


class Command(BaseCommand):
    help = (
        "Print a run's people as CSV: a row for each customer, place and destination, with "
        "what became of it and without identifiers. Exit status 2 when there is no such run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", help="The run's id, as launch prints it.")

    def handle(self, *, run: str, **options: Any) -> None:
        chosen = found(run)
        if chosen is None:
            self.stderr.write(f'There is no run with the id "{run}".')
            sys.exit(2)
        with audit.acting("manage.py recipients"):
            recipients.taken(chosen, None)
        for line in recipients.csv(chosen):
            self.stdout.write(line, ending="")
