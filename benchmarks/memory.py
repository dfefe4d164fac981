"""build_memory_ratio: the most memory that a build takes, at N customers and at a tenth of them."""

from __future__ import annotations

import json
import subprocess
import sys

from benchmarks.environment import BASE_DIR
from benchmarks.figure import Figure

GOAL = 1.2


def measure(customers: int) -> Figure:
    large, small = peak(customers), peak(max(customers // 10, 1))
    baseline = f"{small / 1e6:,.0f} MB against {large / 1e6:,.0f} MB"
    return Figure("build_memory_ratio", round(large / small, 2), "times", baseline, GOAL)


def peak(customers: int) -> int:
    """Bytes of a process of its own that builds once, and does nothing else."""
    build_once(customers, "prepare")
    return int(json.loads(build_once(customers)))


def build_once(customers: int, *words: str) -> str:
    """What it printed last."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.build_once", str(customers), *words],
        cwd=BASE_DIR,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout.splitlines()[-1] if done.stdout else ""
