"""Folders of segments and campaigns: three levels deep, each name once.

A folder is the path of names to it, as ``Brand/Autumn``; a row says in which it lies. What
a manifest names exists by being named; the model keeps those that hold nothing yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Concat, Substr

from core.errors import MusterError
from core.filing import Filed, filed, store
from core.formats import counted
from segments.models import Folder

LEVELS = 3
LONGEST = 60  # characters of a name: three fit into a path


class FolderError(MusterError):
    """Why a folder cannot be made, moved or deleted: text says so to the user."""

    def __init__(self, text: str):
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Shown:
    """A folder of the tree.

    level: 1 to 3; segments, campaigns: those in it and below, archived ones too.
    """

    path: str
    level: int
    segments: int
    campaigns: int

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def words(self) -> str:
        return words(self.path)


def words(path: str) -> str:
    """ "Brand/Autumn" -> "Brand / Autumn"."""
    return " / ".join(path.split("/"))


def tree() -> list[Shown]:
    """All folders, each before those in it, in the order of their names."""
    held: Counter[tuple[str, str]] = Counter()
    for model in filed():
        rows = model._default_manager.exclude(folder="").order_by()
        for path in rows.values_list("folder", flat=True):
            held.update((str(model._meta.verbose_name), way) for way in ways(path))
    every = {path for _, path in held}
    for path in Folder.objects.values_list("path", flat=True):
        every.update(ways(path))
    return [
        Shown(path, path.count("/") + 1, held["segment", path], held["campaign", path])
        for path in sorted(every, key=lambda path: path.casefold().split("/"))
    ]


def ways(path: str) -> list[str]:
    """The folder and those around it: "a/b" -> ["a", "a/b"]."""
    names = path.split("/")
    return ["/".join(names[: end + 1]) for end in range(len(names))]


def create(name: str, inside: str = "") -> str:
    """Make a folder; answers its path. Raises FolderError."""
    folders = tree()
    name = _name(name, folders)
    if inside and not any(folder.path == inside for folder in folders):
        raise FolderError(f"There is no folder “{words(inside)}” any more.")
    path = f"{inside}/{name}" if inside else name
    _refuse_too_deep(path)
    Folder.objects.create(path=path)
    return path


def rename(path: str, name: str) -> str:
    """Call a folder otherwise; what is in it comes along. Raises FolderError."""
    folders = tree()
    name = _name(name, [folder for folder in folders if folder.path != path])
    above = path.rpartition("/")[0]
    return _relocate(path, f"{above}/{name}" if above else name, folders)


def move(path: str, inside: str) -> str:
    """Put a folder into another, "" to the top; what is in it comes along. Raises FolderError."""
    folders = tree()
    if inside == path or inside.startswith(f"{path}/"):
        raise FolderError("A folder cannot lie in itself.")
    if inside and not any(folder.path == inside for folder in folders):
        raise FolderError(f"There is no folder “{words(inside)}” any more.")
    name = path.rpartition("/")[2]
    return _relocate(path, f"{inside}/{name}" if inside else name, folders)


def delete(path: str) -> None:
    """Take away a folder that holds nothing. Raises FolderError."""
    folders = tree()
    found = next((folder for folder in folders if folder.path == path), None)
    below = [folder for folder in folders if folder.path.startswith(f"{path}/")]
    held = {
        "folder": len(below),
        "segment": found.segments if found else 0,
        "campaign": found.campaigns if found else 0,
    }
    if parts := [counted(count, noun) for noun, count in held.items() if count]:
        raise FolderError(
            f"“{words(path)}” still holds {' and '.join(parts)}. Move them elsewhere first."
        )
    Folder.objects.filter(path=path).delete()


def place(rows: Sequence[Filed], path: str) -> None:
    """Put rows of one model into a folder, "" into none. Raises FolderError."""
    if path and not any(folder.path == path for folder in tree()):
        raise FolderError(f"There is no folder “{words(path)}” any more.")
    for row in rows:
        row.folder = path
    store(rows, "folder")


def place_back(rows: Sequence[Filed], was: Mapping[str, str]) -> None:
    """Put rows where they were, by their keys: a folder that is gone is there again by it."""
    for row in rows:
        row.folder = was[str(row.pk)]
    store(rows, "folder")


def _name(name: str, others: Sequence[Shown]) -> str:
    """The name as it is kept. Raises FolderError unless it can be one."""
    name = " ".join(name.split())
    if not name:
        raise FolderError("Give the folder a name.")
    if "/" in name:
        raise FolderError("A folder's name has no “/”: choose in which folder it lies instead.")
    if len(name) > LONGEST:
        raise FolderError(f"A folder's name has at most {LONGEST} characters.")
    for other in others:
        if other.name.casefold() == name.casefold():
            raise FolderError(f"There is a folder “{other.words}” already. Choose another name.")
    return name


def _refuse_too_deep(path: str) -> None:
    if path.count("/") >= LEVELS:
        raise FolderError(f"Folders go {LEVELS} levels deep.")


def _relocate(old: str, new: str, folders: Sequence[Shown]) -> str:
    """Give a folder another path, and everything in it."""
    paths = [folder.path for folder in folders]
    if old not in paths:
        raise FolderError(f"There is no folder “{words(old)}” any more.")
    for path in paths:
        if path == old or path.startswith(f"{old}/"):
            _refuse_too_deep(new + path.removeprefix(old))
    if new == old:
        return new
    if any(path.casefold() == new.casefold() != old.casefold() for path in paths):
        raise FolderError(f"There is a folder “{words(new)}” already.")
    with transaction.atomic():
        for model in filed():
            _rewrite(model._default_manager.all(), "folder", old, new)
        _rewrite(Folder.objects.all(), "path", old, new)
        Folder.objects.get_or_create(path=new)
    return new


def _rewrite(rows: QuerySet[Any], field: str, old: str, new: str) -> None:
    rows.filter(Q(**{field: old})).update(**{field: new})
    inside = rows.filter(**{f"{field}__startswith": f"{old}/"})
    inside.update(**{field: Concat(Value(new), Substr(field, len(old) + 1))})
