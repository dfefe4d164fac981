"""Where a benchmark's data lies, told to Django before its settings are read."""

from __future__ import annotations

import os
import socket
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent


def folder(customers: int) -> Path:
    """Kept from one run to the next: making a large brand takes longer than measuring it."""
    kept = os.environ.get("BENCHMARKS_DIR") or BASE_DIR / "var" / "benchmarks"
    return Path(kept) / str(customers)


def set_up(customers: int) -> None:
    """Let this process, and those it starts, live in the folder of a brand of that size."""
    place = folder(customers)
    sandbox, broker, web = (free_port() for _ in range(3))
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "VAR_DIR": str(place),
        "DATABASE_URL": f"sqlite:///{place}/muster.sqlite3",
        "WAREHOUSE_URL": f"duckdb://{place}/warehouse",
        "REDIS_URL": f"redis://127.0.0.1:{broker}/0",
        "PORT": str(web),
        "SANDBOX_PORT": str(sandbox),
        "OUTBOUND_HOSTS": f"127.0.0.1:{sandbox}",
        "DEBUG": "false",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
        "TIME_ZONE": "UTC",
        "DEFAULT_COUNTRY": "US",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
