"""Loaded by pytest before Django's settings: the tests' own folder, ports and addresses.

Whatever a developer's shell or ``.env`` says, tests neither read nor write it. Only
``TEST_DATABASE_URL`` is taken over: the database that they run on (default: SQLite).
"""

import atexit
import os
import random
import shutil
import socket
import tempfile
from pathlib import Path


def free_port() -> int:
    """A port that nothing on this machine listens on.

    Below the ports that the system gives to outgoing connections, and random, so
    that suites that run side by side stay apart.
    """
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


MEMORY, ROOM = Path("/dev/shm"), 2 << 30  # noqa: S108


def in_memory() -> None:
    """Put temporary folders into memory, where there is room.

    Muster waits until the disk has what it writes: thousands of times in these tests, a few
    milliseconds each.
    """
    there = "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK)
    if there and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


in_memory()
VAR_DIR = Path(tempfile.mkdtemp(prefix="muster-test-"))
(VAR_DIR / "static").mkdir()
atexit.register(shutil.rmtree, VAR_DIR, ignore_errors=True)
SANDBOX_PORT = free_port()

os.environ |= {
    "VAR_DIR": str(VAR_DIR),
    "DEBUG": "false",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", f"sqlite:///{VAR_DIR}/muster.sqlite3"),
    "WAREHOUSE_URL": f"duckdb://{VAR_DIR}/warehouse",
    "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",  # answers where a test takes `valkey`
    "PORT": str(free_port()),
    "SANDBOX_PORT": str(SANDBOX_PORT),
    "OUTBOUND_HOSTS": f"api.attentivemobile.com,sftp.attentivemobile.com,127.0.0.1:{SANDBOX_PORT}",
    "TIME_ZONE": "UTC",
    "DEFAULT_COUNTRY": "US",
    "SECRET_KEY": "",
    "CREDENTIAL_KEYS": "",
    # Playwright keeps an event loop in the tests' thread; Django would refuse queries there.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
}
