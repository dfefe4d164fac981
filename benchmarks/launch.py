"""launch_seconds: from pressing Launch until the destination has taken the last batch."""

from __future__ import annotations

import time
from statistics import median

from benchmarks import processes, stage
from benchmarks.figure import Figure, shown
from benchmarks.send import bare, last_answer, over
from destinations.kinds import connect
from runs import batches
from runs.launch import launch
from runs.models import Batch

GOAL_OF_TEN_MILLION = 30.0
REPEATS = 3


def measure(customers: int) -> Figure:
    with processes.running():
        measured = [once() for _ in range(REPEATS + 1)][1:]
    ours, plain = (median(times) for times in zip(*measured, strict=True))
    goal = round(GOAL_OF_TEN_MILLION * customers / 10_000_000, 1)
    baseline = f"{shown(plain)} for the requests alone, by a bare loop"
    return Figure("launch_seconds", round(ours, 2), "seconds", baseline, goal)


def once() -> tuple[float, float]:
    campaign = stage.campaign()
    start = time.time()
    run = launch(campaign)
    while not Batch.objects.filter(delivery__run=run).exists():
        time.sleep(0.05)
    last = last_answer(run)
    over(run)
    sent = Batch.objects.filter(delivery__run=run).with_all()
    bodies = [batches.body(each, connect(each.delivery.destination)) for each in sent]
    return last - start, bare(bodies)
