"""The files of a run, under VAR_DIR. The database names them relative to it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from core.failpoints import hit
from core.files import ignore, replacing


def path(relative: str) -> Path:
    return Path(settings.VAR_DIR) / relative


def fresh(folder: str, name: str) -> str:
    """A name that no other attempt uses: a late worker can overwrite nothing."""
    return f"{folder}/{name}-{uuid.uuid4().hex[:8]}.parquet"


@contextmanager
def written(relative: str, stage: str = "") -> Iterator[Path]:
    """Write to the path that is given; the file gets its name once it is whole and stored.

    stage: the failpoints' ("diff": diff.written, diff.synced, diff.renamed).
    """
    hook = (lambda point: hit(f"{stage}.{point}")) if stage else ignore
    with replacing(path(relative), hook) as rough:
        yield rough


def discard(relative: str) -> None:
    """Take away a file that nothing names any more."""
    with suppress(OSError):
        path(relative).unlink()
