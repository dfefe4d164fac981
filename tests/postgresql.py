"""A PostgreSQL of the tests' own, thrown away afterwards.

``python -m tests.postgresql COMMAND...`` runs a command with ``TEST_DATABASE_URL`` set to it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.environment import free_port

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def programs() -> Path | None:
    """The folder of the newest PostgreSQL server on this machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    path = shutil.which("initdb")
    return Path(path).resolve().parent if path else None


@contextmanager
def running() -> Iterator[str]:
    """The URL of a fresh server; stopped and removed on leaving.

    PostgreSQL refuses to run as root, so root hands it to the user that its package made.
    """
    folder = Path(tempfile.mkdtemp(prefix="muster-pg-"))
    server = programs()
    if server is None:
        raise RuntimeError("PostgreSQL is not installed: apt install postgresql")
    user: list[str] = []
    if os.geteuid() == 0:
        user = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    port, data = free_port(), folder / "data"

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [*user, str(server / program), "-D", str(data), *arguments],
            check=True,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    options = " ".join(f"-c {option}" for option in FAST)
    address = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
    try:
        call("initdb", "-A", "trust", "-U", "muster", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        call("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"{address} {options}", "start")
        try:
            yield f"postgres://muster@127.0.0.1:{port}/postgres"
        finally:
            call("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    with running() as url:
        sys.exit(subprocess.call(sys.argv[1:], env=os.environ | {"TEST_DATABASE_URL": url}))
