"""Launch a campaign."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any, NoReturn

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from accounts import audit
from campaigns import schedule
from campaigns.models import Campaign
from runs import scheduling
from runs.launch import LaunchRefusedError, launch
from runs.models import ENDED, Run, RunState
from runs.report import report, share_done
from runs.trial import Trial

LOOK = 0.5  # seconds between two looks at a run
NOTHING_TO_FOLLOW = (
    "Its schedule starts its runs later, so --wait has none to follow. "
    "Leave --wait out, or run the campaign now with --now."
)


class Command(BaseCommand):
    help = (
        "Launch a campaign: the workers carry it out, now or by its schedule. Exit status 0 "
        "once that is stored (with --wait: once the run is complete), 1 when the run ended "
        "otherwise or waits for a person, 2 when something stands in its way: then the reasons "
        "are on stderr."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", help="Its exact name.")
        parser.add_argument("--now", action="store_true", help="Run it now, whatever its schedule.")
        parser.add_argument(
            "--test", type=int, metavar="N", help="Send to N customers only, on test lists."
        )
        parser.add_argument("--wait", action="store_true", help="Follow a run to its end.")
        parser.add_argument("--json", action="store_true", help="Print what was stored as JSON.")

    def handle(self, **options: Any) -> None:
        campaign = self.named(options["campaign"])
        planned = not schedule.at_once(campaign.delivery)
        with audit.acting("manage.py launch"):
            if planned and not options["now"] and options["test"] is None:
                self.schedule(campaign, options)
            else:
                self.run(campaign, options)

    def named(self, name: str) -> Campaign:
        campaign = Campaign.objects.live().filter(name=name).first()
        if campaign is None:
            self.refuse([f'There is no campaign called "{name}".'])
        return campaign

    def schedule(self, campaign: Campaign, options: dict[str, Any]) -> None:
        """Set its schedule going and print the first due time: null where new data decides."""
        if options["wait"]:
            self.refuse([NOTHING_TO_FOLLOW])
        try:
            campaign = scheduling.begin(campaign)
        except LaunchRefusedError as error:
            self.refuse(error.reasons)
        if options["json"]:
            told = {"campaign": campaign.name, "next": first_due(campaign)}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        self.stdout.write(f"{campaign} is scheduled. {campaign.timing}")
        if campaign.due_next:
            self.stdout.write(f"First due {campaign.due_next}.")

    def run(self, campaign: Campaign, options: dict[str, Any]) -> None:
        try:
            size = options["test"]
            run = launch(campaign, test=None if size is None else Trial(size))
        except LaunchRefusedError as error:
            self.refuse(error.reasons)
        if options["wait"]:
            self.follow(run)
        run.refresh_from_db()
        if options["json"]:
            self.stdout.write(json.dumps(report(run), ensure_ascii=False))
        else:
            self.stdout.write(f"Run {run.pk} of {run.campaign}: {run.get_state_display()}.")
            if run.problem:
                self.stdout.write(run.problem)
        if options["wait"] and run.state != RunState.COMPLETE:
            sys.exit(1)

    def refuse(self, reasons: Iterable[str]) -> NoReturn:
        for reason in reasons:
            self.stderr.write(reason)
        sys.exit(2)

    def follow(self, run: Run) -> None:
        """Wait until a run has ended or waits for a person; a bar where a person looks."""
        console = Console(file=sys.stderr)
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
            task = bar.add_task(run.get_state_display(), total=1.0)
            while True:
                run.refresh_from_db()
                bar.update(task, description=run.get_state_display(), completed=share_done(run))
                if run.state in ENDED or run.state == RunState.WAITING:
                    return
                time.sleep(LOOK)


def first_due(campaign: Campaign) -> str | None:
    """In its time zone, as "2026-12-01T09:00:00-05:00"."""
    due = campaign.next_due_at
    if due is None or schedule.after_load(campaign.delivery):
        return None
    return due.astimezone(schedule.zone(campaign.delivery)).isoformat(timespec="seconds")
