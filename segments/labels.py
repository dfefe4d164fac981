"""Labels of segments and campaigns: short words to find and gather them by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from core.errors import MusterError
from core.filing import Filed, store

MOST = 10  # on one of them
LONGEST = 35  # characters
KNOWN = re.compile(r"[A-Za-z0-9_-]+")


class LabelError(MusterError):
    def __init__(self, text: str):
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return self.text


def read(typed: Iterable[str]) -> list[str]:
    """The labels as typed, each once. Raises LabelError for one that cannot be a label."""
    labels: dict[str, str] = {}
    for label in (each.strip() for each in typed):
        if not label:
            continue
        if len(label) > LONGEST:
            raise LabelError(f"“{label}” is too long: a label has at most {LONGEST} characters.")
        if not KNOWN.fullmatch(label):
            raise LabelError(f"“{label}” cannot be a label: use letters, digits, “-” and “_”.")
        labels.setdefault(label.lower(), label)
    return list(labels.values())


def known(*models: type[Filed]) -> list[str]:
    """All labels that rows of the models have, in the order of the alphabet."""
    lists = [
        labels
        for model in models
        for labels in model._default_manager.exclude(labels=[])
        .order_by()
        .values_list("labels", flat=True)
    ]
    return sorted({str(label) for labels in lists for label in labels}, key=str.casefold)


def change(rows: Sequence[Filed], put_on: Sequence[str], taken_off: Iterable[str]) -> None:
    """Put labels on rows of one model and take others off.

    Raises LabelError; then nothing is changed.
    """
    off = {label.lower() for label in taken_off}
    changed = []
    for row in rows:
        kept = [label for label in row.labels if label.lower() not in off]
        held = {label.lower() for label in kept}
        labels = kept + [label for label in put_on if label.lower() not in held]
        if len(labels) > MOST:
            raise LabelError(f"{row} would have {len(labels)} labels. It takes {MOST} at most.")
        changed.append(labels)
    for row, labels in zip(rows, changed, strict=True):
        row.labels = labels
    store(rows, "labels")


def put_back(rows: Sequence[Filed], was: Mapping[str, list[str]]) -> None:
    """Give rows the labels that they had, by their keys."""
    for row in rows:
        row.labels = was[str(row.pk)]
    store(rows, "labels")
