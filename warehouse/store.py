"""The embedded warehouse on disk: a native file for each table and version, and a pointer.

    current.json           {"version": 7, "mark": "5d0c...", "loaded_at": "2026-...",
                            "tables": {"orders": "orders/00000007.duckdb"}}
    orders/00000007.duckdb one table named "data", written once, never changed
    .lock                  held by the one process that is loading

Readers follow the pointer. A load writes its files under names of their own and replaces
the pointer once for all of its tables, so that a reader sees all of a load or none of it.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from core.files import replacing, sync

POINTER = "current.json"
DATA = "data"  # the name of the one table inside each file


@dataclass(frozen=True, slots=True)
class Pointer:
    """What is current. tables: file by table name, relative to the folder.

    mark: chosen at random by each load, so that the versions of a warehouse
    that was deleted and made again are not taken for older ones.
    """

    version: int = 0
    mark: str = ""
    loaded_at: datetime | None = None
    tables: Mapping[str, str] = field(default_factory=dict)

    @property
    def data_version(self) -> str:
        return f"{self.version}-{self.mark}" if self.mark else "0"


Stamp = tuple[int, int] | None


def stamp(folder: Path) -> Stamp:
    """Changes whenever the pointer is replaced; None while there is none."""
    try:
        facts = (folder / POINTER).stat()
    except FileNotFoundError:
        return None
    return facts.st_ino, facts.st_mtime_ns


def read(folder: Path) -> Pointer:
    """The pointer now; an empty one where nothing was loaded yet."""
    try:
        found = json.loads((folder / POINTER).read_text())
    except FileNotFoundError:
        return Pointer()
    return Pointer(
        version=found["version"],
        mark=found["mark"],
        loaded_at=datetime.fromisoformat(found["loaded_at"]),
        tables=found["tables"],
    )


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Be the only loader, waiting for another one to end; clears what a killed one left."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sweep(folder)
        yield


def fresh(folder: Path, table: str) -> Path:
    """A new file for the table, to be written under the lock; it is nobody's until published."""
    path = folder / table
    path.mkdir(parents=True, exist_ok=True)
    return path / f".tmp-{uuid.uuid4().hex}.duckdb"


def publish(folder: Path, files: Mapping[str, Path], gone: Iterable[str] = ()) -> Pointer:
    """Make finished files current, all at once, under the lock. gone: tables to drop.

    Files of earlier versions are unlinked afterwards: who has them open reads on.
    """
    before = read(folder)
    version = before.version + 1
    tables = {name: file for name, file in before.tables.items() if name not in set(gone)}
    for table, written in files.items():
        final = written.with_name(f"{version:08}.duckdb")
        sync(written)
        written.replace(final)
        sync(final.parent)
        tables[table] = str(final.relative_to(folder))
    pointer = Pointer(version, uuid.uuid4().hex[:12], datetime.now(UTC), tables)
    replace(folder, pointer)
    sweep(folder)
    return pointer


def replace(folder: Path, pointer: Pointer) -> None:
    """Write the pointer durably beside the old one, then put it in its place."""
    text = json.dumps(
        {
            "version": pointer.version,
            "mark": pointer.mark,
            "loaded_at": (pointer.loaded_at or datetime.now(UTC)).isoformat(),
            "tables": dict(sorted(pointer.tables.items())),
        }
    )
    with replacing(folder / POINTER) as rough:
        rough.write_text(text)


def sweep(folder: Path) -> None:
    """Remove what the pointer does not name: older versions and what a killed load left."""
    current = {folder / file for file in read(folder).tables.values()}
    for stale in folder.glob(f".{POINTER}.*"):
        stale.unlink(missing_ok=True)
    for table in folder.iterdir():
        if not table.is_dir():
            continue
        kept = False
        for file in table.iterdir():
            if file in current:
                kept = True
            elif file.is_dir():
                shutil.rmtree(file, ignore_errors=True)  # where DuckDB spilled
            else:
                file.unlink(missing_ok=True)
        if not kept:
            table.rmdir()
