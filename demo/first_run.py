"""What a newcomer finds: one campaign that really was delivered, and where everything is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from campaigns.models import Campaign, Status
from demo import PASSWORD
from demo.preflight import BASE_DIR, Plan
from demo.prepare import PEOPLE
from runs.models import Run

CAMPAIGN = "Weekend soft drinks"
PATIENCE = 180  # seconds
Say = Callable[[str], None]


def deliver(say: Say) -> None:
    """Launch the first campaign and see it delivered, where nothing was ever launched."""
    draft = Campaign.objects.filter(name=CAMPAIGN, status=Status.DRAFT)
    if Run.objects.exists() or not draft.exists():
        return
    say(f"Sending the campaign {CAMPAIGN} to the sandbox")
    command = [sys.executable, "manage.py", "launch", CAMPAIGN, "--wait"]
    try:
        status = subprocess.run(command, cwd=BASE_DIR, timeout=PATIENCE, check=False).returncode
    except subprocess.TimeoutExpired:
        status = None
    if status != 0:
        say("It is not delivered yet: its page says why.")


def welcome(plan: Plan) -> str:
    """The address and who may log in."""
    people = "\n".join(f"  {role:<10}{email}" for role, email, *_ in PEOPLE)
    return f"""
Muster is ready:  http://127.0.0.1:{plan.port}/

Log in with the password {PASSWORD} as
{people}

The sandbox, a local Attentive:  http://127.0.0.1:{plan.sandbox_port}/
Logs are in {plan.var / "log"}. Ctrl-C stops everything and keeps the data.
"""
