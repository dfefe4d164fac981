"""What can be wrong with a manifest: every fault at once, each with its place."""

from __future__ import annotations

from collections.abc import Iterable

from core.errors import MusterError
from segments.rules import Fault


class ManifestError(MusterError):
    """The file is wrong; nothing was changed. faults: as campaigns[0].include[1] and its text."""

    def __init__(self, faults: Iterable[Fault]):
        self.faults = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))


def join(path: str, step: str) -> str:
    """The path one step deeper; a step is a key, an index as [0], or a path of its own."""
    if not path or not step or step.startswith("["):
        return path + step
    return f"{path}.{step}"


def listing(words: Iterable[str]) -> str:
    """'a, b and c'."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
