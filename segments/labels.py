"""Labels of segments: short words to find and gather them by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from core.errors import MusterError
from segments.models import Segment

MOST = 10  # on one segment
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


def known() -> list[str]:
    """All labels that segments have, in the order of the alphabet."""
    lists = Segment.objects.exclude(labels=[]).order_by().values_list("labels", flat=True)
    return sorted({str(label) for labels in lists for label in labels}, key=str.casefold)


def change(segments: Sequence[Segment], put_on: Sequence[str], taken_off: Iterable[str]) -> None:
    """Put labels on segments and take others off. Raises LabelError; then nothing is changed."""
    off = {label.lower() for label in taken_off}
    for segment in segments:
        kept = [label for label in segment.labels if label.lower() not in off]
        held = {label.lower() for label in kept}
        labels = kept + [label for label in put_on if label.lower() not in held]
        if len(labels) > MOST:
            raise LabelError(f"{segment} would have {len(labels)} labels. It takes {MOST} at most.")
        segment.labels = labels
    Segment.objects.bulk_update(segments, ["labels"])
