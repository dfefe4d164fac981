"""The files of the last counts: who is behind the figures of a draft, kept for a while.

A folder for each count, by its name, with the files of a run: ``snapshot.parquet`` and
``members.parquet``. They are only kept: whoever finds them gone counts again.
"""

from __future__ import annotations

import os
import shutil
import time
import uuid
from pathlib import Path

from django.conf import settings

SNAPSHOT = "snapshot.parquet"
MEMBERS = "members.parquet"
COUNTS = 6
BYTES = 2 * 1024**3  # of all of them; the last one stays, whatever its size
SECONDS = 86_400.0


def place() -> Path:
    return Path(settings.VAR_DIR) / "previews"


def find(name: str) -> Path | None:
    """The folder of a count; it stays for a while after this."""
    folder = place() / name
    try:
        os.utime(folder)
    except FileNotFoundError:
        return None
    return folder


def keep(folder: Path, name: str) -> Path:
    """Take a count's two files out of a working folder; where they are now."""
    final = place() / name
    rough = final.with_name(f".{name}.{uuid.uuid4().hex[:8]}")
    rough.mkdir(parents=True, mode=0o700)
    for file in (SNAPSHOT, MEMBERS):
        (folder / file).replace(rough / file)
    try:
        rough.rename(final)
    except OSError:  # another process has counted the same
        shutil.rmtree(rough, ignore_errors=True)
    prune()
    return final


def prune(now: float | None = None) -> None:
    """Take away what is old, and the oldest of what is too much. now: seconds since 1970."""
    now = time.time() if now is None else now
    dated = ((_modified(folder), folder) for folder in place().iterdir())
    total = 0
    for count, (when, folder) in enumerate(sorted(dated, reverse=True)):
        total += sum(file.stat().st_size for file in folder.glob("*.parquet"))
        late = now - when > SECONDS
        # What is being moved here is nobody's to take away.
        if late or (not folder.name.startswith(".") and count and _much(count, total)):
            shutil.rmtree(folder, ignore_errors=True)


def _much(count: int, total: int) -> bool:
    return count >= COUNTS or total > BYTES


def _modified(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0
