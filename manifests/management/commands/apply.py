"""Set up what a manifest says."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from accounts import audit
from core.errors import MusterError
from manifests import applying


class Command(BaseCommand):
    help = (
        "Show what a manifest would create, change and keep, and carry it out in one "
        "transaction. Calls nobody outside, launches and schedules nothing. Exit status 2 "
        "when the file is wrong: then every fault is listed and nothing is changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="The manifest, in YAML; - reads it from stdin.")
        parser.add_argument("--dry-run", action="store_true", help="Show the plan, change nothing.")

    def handle(self, *, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            text, folder = read(file)
            with audit.acting("manage.py apply"):
                plan = applying.apply(text, folder, os.environ, dry_run=dry_run)
        except MusterError as error:
            self.stderr.write(str(error))
            sys.exit(2)
        for line in plan.lines():
            self.stdout.write(line)
        if dry_run:
            self.stdout.write("A dry run: nothing was changed.")


def read(file: Path) -> tuple[str, Path]:
    """The file's text and the folder that its lists lie in. Raises UnreadableFileError."""
    if str(file) == "-":
        return sys.stdin.read(), Path.cwd()
    try:
        return file.read_text(encoding="utf-8"), file.parent
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFileError(str(file), reason(error)) from error


def reason(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not text in UTF-8"
    return (error.strerror or "it cannot be read").lower()


class UnreadableFileError(MusterError):
    def __init__(self, file: str, reason: str):
        super().__init__(file, reason)
        self.file, self.reason = file, reason

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}. Name a manifest that can be read."
