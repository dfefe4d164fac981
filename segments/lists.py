"""Uploaded lists: files of customer ids, emails or phones, each value once."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from accounts.models import User
from core.errors import MusterError
from segments.compile.folding import trimmed
from segments.models import CustomerList


class EmptyListError(MusterError):
    def __init__(self, name: str):
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f'The list "{self.name}" holds no values. Its first column is the one that is read.'


class ListMissingError(MusterError):
    def __init__(self, digest: str):
        super().__init__(digest)
        self.digest = digest

    def __str__(self) -> str:
        return "The file of an uploaded list is gone from VAR_DIR/lists. Upload the list again."


def store(name: str, values: Iterable[str], by: User | None) -> CustomerList:
    """Keep the values of a list under its name; one of that name is replaced.

    White space around values is dropped, so are blanks and doubles. The file is named
    by the SHA-256 of what it holds, so that a run keeps the values it was frozen with.
    Raises EmptyListError when nothing is left.
    """
    kept = distinct(values)
    if not kept:
        raise EmptyListError(name)
    digest = digest_of(kept)
    _write(_path(digest), kept)
    stored, _ = CustomerList.objects.update_or_create(
        name__iexact=name,
        defaults={"digest": digest, "size": len(kept), "uploaded_by": by},
        create_defaults={"name": name, "digest": digest, "size": len(kept), "uploaded_by": by},
    )
    return stored


def distinct(values: Iterable[str]) -> list[str]:
    """What a list keeps of the values: trimmed, sorted, without blanks and doubles."""
    return sorted({trimmed(value) for value in values} - {""})


def digest_of(kept: Sequence[str]) -> str:
    """The digest of a list that holds exactly these values, as ``distinct`` gives them."""
    return hashlib.sha256("\n".join(kept).encode()).hexdigest()


def relation(digest: str) -> list[Path]:
    """The list as a table with one text column, ``value``. Raises ListMissingError."""
    path = _path(digest)
    if not path.exists():
        raise ListMissingError(digest)
    return [path]


def digests(names: Iterable[str]) -> dict[str, str]:
    """Name -> digest of the lists of those names."""
    stored = CustomerList.objects.filter(name__in=list(names))
    return dict(stored.values_list("name", "digest"))


def _path(digest: str) -> Path:
    return Path(settings.VAR_DIR) / "lists" / f"{digest}.parquet"


def _write(path: Path, values: list[str]) -> None:
    """The whole file or none: written beside, synced, renamed. Only its owner may read it."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".tmp-")  # mode 600
    with os.fdopen(handle, "wb") as file:
        pq.write_table(pa.table({"value": pa.array(values, pa.string())}), file)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
