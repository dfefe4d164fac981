"""``manage.py count SEGMENT``: count and reach of a segment, now."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import formats
from core.errors import MusterError
from segments import drafts
from segments.models import Segment
from segments.numbers import counting


class Command(BaseCommand):
    help = "Count a segment and say how many of its customers can be reached by email and phone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("segment", metavar="SEGMENT", help="its exact name")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, segment: str, **options: Any) -> None:
        found = Segment.objects.filter(name=segment).first() if segment else None
        if found is None:
            raise CommandError(f'There is no segment "{segment}".', returncode=2)
        try:
            context = counting.context()
            rule = found.rule
            if rule is None:
                rule = drafts.complete(found.draft, context.catalogue)
            reach = counting.reach(rule, context)
        except MusterError as error:
            raise CommandError(f"{segment}: {error}") from error
        if options["json"]:
            self.stdout.write(json.dumps({"segment": found.name, **reach.to_json()}))
            return
        self.stdout.write(formats.counted(reach.customers, "customer"))
        for name, value in reach.to_json().items():
            if name != "customers":
                self.stdout.write(f"{name:>10} {formats.count(value)}")
