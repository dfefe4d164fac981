"""Bring files of customer tables into the embedded warehouse."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from core.errors import MusterError
from core.formats import counted
from warehouse import loading
from warehouse.loading import Report

BAR = (
    TextColumn("{task.description}"),
    BarColumn(),
    TaskProgressColumn(),
    TimeElapsedColumn(),
)


class Command(BaseCommand):
    help = (
        "Load CSV, CSV.gz and Parquet files, or folders of them: one table a file, named after "
        "it. A file with a faulty row is refused, with line and reason; the others are loaded. "
        "Exit status 1 when a file was refused, 2 when a path is not there: then nothing is loaded."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")

    def handle(self, *args: Any, paths: list[Path], **options: Any) -> None:
        if missing := [path for path in paths if not path.exists()]:
            for path in missing:
                self.stderr.write(f"{path}: there is no such file or folder. Nothing was loaded.")
            sys.exit(2)
        try:
            report = followed(loading.load(paths))
        except MusterError as error:
            raise CommandError(str(error)) from error
        self.tell(report)
        if report.refused:
            sys.exit(1)

    def tell(self, report: Report) -> None:
        for loaded in report.loaded:
            rows, columns = counted(loaded.rows, "row"), counted(loaded.columns, "column")
            self.stdout.write(f"{loaded.table}: {rows}, {columns}")
            for note in loaded.notes:
                self.stdout.write(f"  {note}")
        for refused in report.refused:
            self.stderr.write(f"{refused.path.name}: refused")
            for fault in refused.faults:
                self.stderr.write(f"  {fault}")


def followed(steps: Generator[loading.Progress, None, Report]) -> Report:
    """Run to the end, with a bar on a terminal."""
    console = Console(stderr=True)
    with Progress(*BAR, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=1.0)
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                report: Report = end.value
                return report
            number, files = step.file
            bar.update(
                task,
                description=f"{step.table or 'catalogue'} ({number}/{files}) {step.step}",
                completed=step.share,
            )
