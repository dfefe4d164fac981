"""Write the manifest of what is there."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from manifests import exporting


class Command(BaseCommand):
    help = (
        "Write the manifest of this installation to stdout, without secrets and the members "
        "of lists. Unfinished drafts are left out and named on stderr."
    )

    def handle(self, **options: Any) -> None:
        export = exporting.export()
        self.stdout.write(export.text, ending="")
        for line in export.left_out:
            self.stderr.write(line)
