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

from campaigns.models import Campaign
from runs.launch import LaunchRefusedError, launch
from runs.models import ENDED, Run, RunState
from runs.report import report, share_done

LOOK = 0.5  # seconds between two looks at a run


class Command(BaseCommand):
    help = (
        "Launch a campaign: the workers carry it out. Exit status 0 once the run is stored "
        "(with --wait: once it is complete), 1 when it ended otherwise or waits for a person, "
        "2 when something stands in its way: then the reasons are on stderr."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", help="Its exact name.")
        parser.add_argument("--now", action="store_true", help="Run it now, whatever its schedule.")
        parser.add_argument(
            "--test", type=int, metavar="N", help="Send to N customers only, on test lists."
        )
        parser.add_argument("--wait", action="store_true", help="Follow the run to its end.")
        parser.add_argument("--json", action="store_true", help="Print the run as JSON.")

    def handle(self, **options: Any) -> None:
        run = self.launched(options)
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

    def launched(self, options: dict[str, Any]) -> Run:
        campaign = Campaign.objects.live().filter(name=options["campaign"]).first()
        if campaign is None:
            self.refuse([f'There is no campaign called "{options["campaign"]}".'])
        delivery = campaign.delivery or {"when": "now"}
        if delivery != {"when": "now"} and not options["now"] and options["test"] is None:
            self.refuse(
                ["Schedules are not carried out yet. Add --now to launch the campaign at once."]
            )
        try:
            return launch(campaign, test=options["test"])
        except LaunchRefusedError as error:
            self.refuse(error.reasons)

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
