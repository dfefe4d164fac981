"""What one process may take of the machine for its DuckDB work.

DuckDB's own defaults take 80% of the memory and every core, for each process.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

GIB = 1024**3
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def memory() -> int:
    """Bytes: a quarter of the machine or container, from half a GiB up to 4 GiB."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # no container, or one without a limit ("max")
        total = min(total, int(CGROUP_LIMIT.read_text()))
    return max(GIB // 2, min(4 * GIB, total // 4))


def threads() -> int:
    """At most two: several processes and requests share the machine."""
    return min(2, os.cpu_count() or 1)
