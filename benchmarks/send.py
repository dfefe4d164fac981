"""send_ratio: batches sent by the workers, beside a bare threaded loop with the same bodies."""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import requests
from django.conf import settings
from django.db.models import Max, Sum

from benchmarks import processes, stage
from benchmarks.figure import Figure, agree
from campaigns.models import Campaign
from destinations.kinds import connect
from manifests import applying
from runs import batches
from runs.launch import launch
from runs.models import Batch, BatchState, Delivery, DeliveryState, Run

GOAL = 0.9
CREDENTIALS = 4  # so that no credential's limit of 100 requests a second is what is measured
MANIFEST = """
version: 1
credentials:
{credentials}
destinations:
{destinations}
segments:
  - {{name: Everyone, active: true, rule: {{all: []}}}}
campaigns:
  - name: {name}
    include: [Everyone]
    remaining:
      treatment_groups:
{groups}
"""
CREDENTIAL = "  - {{name: Sender {n}, kind: attentive-api, token: {{env: SANDBOX_TOKEN}}}}\n"
DESTINATION = (
    "  - {{name: Sender {n}, kind: attentive-api, credential: Sender {n}, "
    'base_url: "http://127.0.0.1:{port}", '
    "default_attributes: {{phone: merged_customers.phone}}}}\n"
)
GROUP = "        - {{name: Text {n}, split: {split}, destinations: [Sender {n}]}}\n"
THREADS = 16
REPEATS = 3


def measure(customers: int) -> Figure:
    with processes.running():
        measured = [once() for _ in range(REPEATS + 1)][1:]
    ours, plain = (median(rates) for rates in zip(*measured, strict=True))
    baseline = f"{plain:,.0f} against {ours:,.0f} members a second"
    return Figure("send_ratio", round(ours / plain, 2), "times", baseline, GOAL)


def once() -> tuple[float, float]:
    """Members a second through the workers, and through a bare loop."""
    with processes.sending_held() as begin:
        run = launch(campaign())
        processes.until(lambda: ready(run), "the batches are drawn")
        bodies = [
            batches.body(batch, connect(batch.delivery.destination))
            for batch in Batch.objects.filter(delivery__run=run).with_all()
        ]
        members = Batch.objects.filter(delivery__run=run).aggregate(n=Sum("size"))["n"]
        start = time.time()
        begin()
        last = last_answer(run)
    over(run)
    return members / (last - start), members / bare(bodies)


def campaign() -> Campaign:
    """A campaign to everyone, through several credentials; never sent before."""
    port, split = settings.SANDBOX_PORT, 100 // CREDENTIALS
    name = f"Benchmark {uuid.uuid4().hex[:8]}"
    numbers = range(CREDENTIALS)
    text = MANIFEST.format(
        name=name,
        credentials="".join(CREDENTIAL.format(n=n) for n in numbers),
        destinations="".join(DESTINATION.format(n=n, port=port) for n in numbers),
        groups="".join(GROUP.format(n=n, split=split) for n in numbers),
    )
    stage.clear()
    applying.apply(text, stage.BASE_DIR, os.environ | {"SANDBOX_TOKEN": stage.TOKEN})
    return Campaign.objects.with_groups().get(name=name)


def ready(run: Run) -> bool:
    deliveries = Delivery.objects.filter(run=run)
    return deliveries.exists() and not deliveries.filter(state=DeliveryState.PREPARING).exists()


def last_answer(run: Run) -> float:
    """When the destination had taken the last batch, in seconds of the clock."""
    sent = Batch.objects.filter(delivery__run=run)
    processes.until(
        lambda: not sent.filter(state__in=[BatchState.READY, BatchState.SENDING]).exists(),
        "everything is sent",
        every=0.2,
    )
    agree(sent.filter(state=BatchState.FAILED).count(), 0)
    answered = sent.aggregate(last=Max("sent_at"))["last"]
    return float(answered.timestamp())


def over(run: Run) -> None:
    processes.until(lambda: not Run.objects.going().filter(pk=run.pk).exists(), "the run ends", 0.5)


def bare(bodies: Sequence[bytes]) -> float:
    """Seconds to post the bodies by as many threads as a send worker has."""
    local = threading.local()
    url = f"http://127.0.0.1:{settings.SANDBOX_PORT}/v2/bulk/segments/members"
    headers = {"Authorization": f"Bearer {stage.TOKEN}", "Content-Type": "application/json"}

    def post(body: bytes) -> None:
        if not hasattr(local, "session"):
            local.session = requests.Session()
        local.session.post(url, body, headers=headers, timeout=60).raise_for_status()

    with ThreadPoolExecutor(THREADS) as pool:
        start = time.perf_counter()
        list(pool.map(post, bodies))
        return time.perf_counter() - start
