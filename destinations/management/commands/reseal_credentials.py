"""After a new first key in CREDENTIAL_KEYS: ``manage.py reseal_credentials``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import resealing
from core.formats import counted


class Command(BaseCommand):
    help = "Encrypt every stored secret with the first of CREDENTIAL_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        done, lost = resealing.reseal()
        self.stdout.write(f"{counted(done, 'secret')} under the first key.")
        if lost:
            raise CommandError(
                f"No key of CREDENTIAL_KEYS opens {', '.join(lost)}. "
                "Add the old key again, or enter the secret anew."
            )
