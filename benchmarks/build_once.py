"""One build in this process; prints the most memory it took, in bytes.

``python -m benchmarks.build_once CUSTOMERS``; with ``prepare`` behind it nothing is built, but
the brand is made where it is not there yet: loading and looking at tables is other work, by
another process, and would be the most that this one took.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import environment


def main(customers: int, words: Sequence[str]) -> None:
    environment.set_up(customers)
    import django

    django.setup()
    from benchmarks import stage

    if words == ["prepare"]:
        stage.prepare(customers)
    else:
        sys.stdout.write(f"{built(customers)}\n")


def built(customers: int) -> int:
    from benchmarks import stage
    from benchmarks.build import build
    from campaigns.definition import freeze

    definition = freeze(stage.campaign())
    with tempfile.TemporaryDirectory(dir=environment.folder(customers)) as folder:
        build(definition, Path(folder))
    return most_memory()


def most_memory() -> int:
    """Bytes. What getrusage tells would include the process that started this one."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
