"""One build in this process; prints the most memory it took, in bytes.

``python -m benchmarks.build_once CUSTOMERS``
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks import environment


def main(customers: int) -> int:
    environment.set_up(customers)
    import django

    django.setup()
    from benchmarks import stage
    from benchmarks.build import build
    from campaigns.definition import freeze

    stage.prepare(customers)
    definition = freeze(stage.campaign())
    with tempfile.TemporaryDirectory(dir=environment.folder(customers)) as folder:
        build(definition, Path(folder))
    return most_memory()


def most_memory() -> int:
    """Bytes. What getrusage tells would include the process that started this one."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    sys.stdout.write(f"{main(int(sys.argv[1]))}\n")
