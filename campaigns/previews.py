"""The files of the last counts: who is behind the figures of a draft, kept for a while.

A folder for each count, by its name, with the files of a run: ``snapshot.parquet`` and
``members.parquet``. They are only kept: whoever finds them gone counts again.
"""

from __future__ import annotations

import os
import shutil
import time
import uuid
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from core.errors import MusterError

SNAPSHOT = "snapshot.parquet"
MEMBERS = "members.parquet"
COUNTS = 6
BYTES = 2 * 1024**3  # of all of them; the last one stays, whatever its size
READ = 120.0  # seconds after it was asked for in which a count is likely to be read
SECONDS = 86_400.0


class GoneError(MusterError):
    def __str__(self) -> str:
        return "The count behind this figure is no longer kept. Load the page again."


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
        find(name)
    prune()
    return final


def prune(now: float | None = None) -> None:
    """Take away what is old, and the oldest of what is too much. now: seconds since 1970.

    Others may do the same at once.
    """
    now = time.time() if now is None else now
    if not place().is_dir():
        return
    dated = sorted(((_modified(each), each) for each in place().iterdir()), reverse=True)
    total = 0
    for count, (when, folder) in enumerate(dated):
        total += _size(folder)
        age = now - when
        much = (count >= COUNTS and age > READ) or total > BYTES
        moving = folder.name.startswith(".")
        if age > SECONDS or (much and count and not moving):
            _remove(folder)


def _remove(folder: Path) -> None:
    """By another name first, so that nobody finds half of it."""
    going = folder.with_name(f".{folder.name.lstrip('.')}.{uuid.uuid4().hex[:8]}")
    with suppress(OSError):
        folder.rename(going)
        shutil.rmtree(going, ignore_errors=True)


def _size(folder: Path) -> int:
    total = 0
    for file in (SNAPSHOT, MEMBERS):
        with suppress(OSError):
            total += (folder / file).stat().st_size
    return total


def _modified(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0
