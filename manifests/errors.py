"""What can be wrong with a manifest: every fault at once, each with its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import MusterError


@dataclass(frozen=True, slots=True)
class Fault:
    """path: where in the file, as campaigns[0].include[1]; '' for the file as a whole."""

    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}" if self.path else self.text


class ManifestError(MusterError):
    """The file is wrong; nothing was changed."""

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
