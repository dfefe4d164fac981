"""How the sandbox's process is started, by the command and by tests alike."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
THREADS = 8


def arguments(port: int, host: str = "127.0.0.1") -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi"),
        *("--host", host, "--port", str(port)),
        *("--workers", "1", "--blocking-threads", str(THREADS)),
        *("--no-ws", "--log-level", "error", "--working-dir", str(ROOT)),
        "destinations.attentive.sandbox.wsgi:application",
    ]


def environment(
    state: Path,
    *,
    host: str = "127.0.0.1",
    tokens: Sequence[str] = (),
    job_seconds: float = 5.0,
    unknown_share: float = 0.0,
    checks: bool = True,
) -> dict[str, str]:
    """tokens: those it takes; none given, it takes any. checks: off for benchmarks."""
    return os.environ | {
        "SANDBOX_STATE": str(state),
        "SANDBOX_HOST": host,
        "SANDBOX_TOKENS": " ".join(tokens),
        "SANDBOX_JOB_SECONDS": str(job_seconds),
        "SANDBOX_UNKNOWN_SHARE": str(unknown_share),
        "SANDBOX_CHECKS": "on" if checks else "off",
        "PYTHONPATH": str(ROOT),
    }
