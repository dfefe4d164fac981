"""A file that others may read gets its name only once it is whole and on the disk."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

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
        _sync(rough)
        hook("synced")
        rough.replace(final)
        _sync(final.parent)
        hook("renamed")
    finally:
        rough.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
