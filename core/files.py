"""A file that others may read gets its name only once it is whole and on the disk."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

Hook = Callable[[str], None]


def ignore(point: str) -> None:
    """The hook that does nothing."""


@contextmanager
def replacing(final: Path, hook: Hook = ignore) -> Iterator[Path]:
    """Write to the path that is given; it replaces ``final`` at the end, or vanishes on an error.

    hook: called after each step, with "written", "synced" and "renamed".
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    rough = final.with_name(f".{final.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        yield rough
        hook("written")
        sync(rough)
        hook("synced")
        rough.replace(final)
        sync(final.parent)
        hook("renamed")
    finally:
        rough.unlink(missing_ok=True)


@contextmanager
def working_folder() -> Iterator[Path]:
    """A folder for one piece of work, which only its owner can read and which goes with it."""
    base = Path(settings.VAR_DIR) / "tmp"
    base.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=base, prefix="campaign-") as folder:
        yield Path(folder)


def sync(path: Path) -> None:
    """Wait until the disk has the file, or the folder's list of names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
