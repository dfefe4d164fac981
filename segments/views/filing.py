"""The dialogs that file what was picked in a list, segments or campaigns: folder and labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, QueryDict

from core.filing import Filed, filed
from segments import folders, labels


def asked(
    request: HttpRequest, noun: str, action: str, rows: Sequence[Filed], fault: str
) -> dict[str, Any]:
    """What the dialog of any action shows. noun: "segment"; fault: why it was not done."""
    context: dict[str, Any] = {
        "noun": noun,
        "verb": action.capitalize(),
        "danger": action == "delete",
        "rows": rows,
        "fault": fault,
        "typed": request.POST,
    }
    if action == "move":
        context |= moving(rows, request.POST)
    if action == "label":
        context |= labelling(rows, request.POST)
    return context


def moving(rows: Sequence[Filed], typed: QueryDict) -> dict[str, Any]:
    """What bulk/move.html shows: the folders, and the one that all of the rows lie in."""
    here = {row.folder for row in rows}
    return {
        "folders": folders.tree(),
        "chosen": typed.get("folder", here.pop() if len(here) == 1 else ""),
    }


def folder(typed: QueryDict) -> str:
    """The path that was chosen, or of the new folder that was typed. Raises FolderError."""
    path = typed.get("folder", "")
    name = typed.get("new", "").strip()
    return folders.create(name, path) if name else path


def now_in(path: str) -> str:
    """ "now in “Brand / Autumn”"."""
    return f"now in “{folders.words(path)}”" if path else "now in no folder"


def labelling(rows: Sequence[Filed], typed: QueryDict) -> dict[str, Any]:
    """What bulk/label.html shows: the labels of the rows, and those that can be put on."""
    chosen = typed.getlist("put_on")
    return {
        "held": sorted({label for row in rows for label in row.labels}),
        "known": [
            {"value": label, "text": label, "selected": label in chosen}
            for label in dict.fromkeys([*labels.known(*filed()), *chosen])
        ],
        "taken_off": typed.getlist("take_off"),
    }
