"""send_ratio: batches sent by the workers, beside a bare threaded loop with the same bodies."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import requests
from django.conf import settings
from django.db.models import Max, Sum

from benchmarks import processes, stage
from benchmarks.figure import Figure, agree
from destinations.kinds import connect
from runs import batches
from runs.launch import launch
from runs.models import Batch, BatchState, Delivery, DeliveryState, Run

GOAL = 0.9
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
        run = launch(stage.campaign())
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
