"""``python -m demo.serving OPTIONS``: granian, whose worker does not outlive it.

Granian that is killed leaves its worker behind, which goes on to answer at the same port,
beside the one that comes back and after everything else has stopped.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from granian.cli import entrypoint

PR_SET_PDEATHSIG = 1


def stop_with_parent() -> None:
    """Have Linux send this process SIGTERM when its parent is gone, however it went."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    os.register_at_fork(after_in_child=stop_with_parent)
    entrypoint()  # type: ignore[no-untyped-call]
