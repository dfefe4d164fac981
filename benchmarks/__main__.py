"""``python -m benchmarks [NAMES] [N=1000000]``: one line of JSON a figure.

NAMES: count insights build memory send launch page lines lines_purchase editor
campaign_editor; by default all.
"""

from __future__ import annotations

import importlib
import logging
import os
import re
import subprocess
import sys
from collections.abc import Sequence

from benchmarks import environment

BENCHMARKS = (
    "count",
    "insights",
    "build",
    "memory",
    "send",
    "launch",
    "page",
    "lines",
    "lines_purchase",
    "editor",
    "campaign_editor",
)
CUSTOMERS = 1_000_000


def main(words: Sequence[str]) -> int:
    names, customers = read(words)
    if strange := [name for name in names if name not in BENCHMARKS]:
        known = ", ".join(BENCHMARKS)
        sys.stderr.write(f"No such benchmark: {', '.join(strange)}. There are {known}.\n")
        return 2
    if len(names) > 1:
        return each_alone(names, customers)
    environment.set_up(customers)
    import django

    django.setup()
    logging.getLogger().setLevel(logging.WARNING)
    from benchmarks import stage

    stage.prepare(customers)
    figure = importlib.import_module(f"benchmarks.{names[0]}").measure(customers)
    sys.stdout.write(f"{figure.line()}\n")
    sys.stdout.flush()
    return 0


def each_alone(names: Sequence[str], customers: int) -> int:
    """Each in a process of its own: none warms or crowds another. Non-zero when one failed."""
    statuses = [
        subprocess.run(
            [sys.executable, "-m", "benchmarks", name, f"N={customers}"],
            cwd=environment.BASE_DIR,
            stdin=subprocess.DEVNULL,
            check=False,
        ).returncode
        for name in names
    ]
    return max(statuses)


def read(words: Sequence[str]) -> tuple[list[str], int]:
    """The names of the benchmarks and the number of customers."""
    given = os.environ.get("N", "")
    names = []
    for word in words:
        if word.startswith("N="):
            given = word.removeprefix("N=")
        else:
            names.append(re.sub("_(ratio|seconds|ms)$", "", word))
    names = ["memory" if name == "build_memory" else name for name in names]
    return names or list(BENCHMARKS), int(given.replace("_", "") or CUSTOMERS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
