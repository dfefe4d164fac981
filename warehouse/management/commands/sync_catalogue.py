"""Read tables, columns and their meaning from the warehouse."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import MusterError
from warehouse.sync import sync


class Command(BaseCommand):
    help = "Read tables, columns, keys and meanings from the warehouse into the catalogue."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outcome = sync()
        except MusterError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{len(outcome.tables)} tables: {', '.join(outcome.tables) or 'none'}")
        if outcome.gone:
            self.stdout.write(f"Gone from the warehouse: {', '.join(outcome.gone)}")
