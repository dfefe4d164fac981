"""A brand to measure on: its tables, and campaigns that send to the local sandbox."""

from __future__ import annotations

import os
import sys
import uuid
from contextlib import redirect_stdout

from django.conf import settings
from django.core.management import call_command

from benchmarks.environment import BASE_DIR
from campaigns.models import Campaign
from manifests import applying
from runs.models import Run
from warehouse.engines import engine

TOKEN = "benchmark"  # noqa: S105  (the sandbox takes any)
MANIFEST = """
version: 1
credentials:
  - {{name: Sandbox, kind: attentive-api, token: {{env: SANDBOX_TOKEN}}}}
destinations:
  - name: Sandbox
    kind: attentive-api
    credential: Sandbox
    base_url: "http://127.0.0.1:{port}"
    default_attributes: {{phone: merged_customers.phone}}
segments:
  - {{name: Everyone, active: true, rule: {{all: []}}}}
campaigns:
  - name: {name}
    include: [Everyone]
    remaining:
      treatment_groups:
        - {{name: Everyone held out, split: 10, control: true}}
        - {{name: Everyone text A, split: 45, destinations: [Sandbox]}}
        - {{name: Everyone text B, split: 45, destinations: [Sandbox]}}
"""


def prepare(customers: int) -> None:
    """The database and the brand's tables, made where they are not there yet."""
    with redirect_stdout(sys.stderr):
        call_command("migrate", verbosity=0, interactive=False)
        if not engine().describe():
            call_command("load_demo", customers=customers)
        call_command("sync_catalogue")


def campaign() -> Campaign:
    """A campaign to everyone, a tenth held out and the others in two groups; never sent before.

    Whoever waits for workers clears what an interrupted benchmark left going.
    """
    clear()
    name = f"Benchmark {uuid.uuid4().hex[:8]}"
    text = MANIFEST.format(port=settings.SANDBOX_PORT, name=name)
    applying.apply(text, BASE_DIR, os.environ | {"SANDBOX_TOKEN": TOKEN})
    return Campaign.objects.with_groups().get(name=name)


def clear() -> None:
    """Forget all campaigns and runs."""
    Run.objects.all().delete()
    Campaign.objects.all().delete()
