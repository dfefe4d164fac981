"""What can be wrong with a rule, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.errors import MusterError


@dataclass(frozen=True, slots=True)
class Fault:
    """path: where in the rule, as ``all[1].where.value``, or in the manifest that holds it;
    '' for the whole."""

    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}" if self.path else self.text


class Faults(list[Fault]):
    """Every fault found on the way through a rule, in its order."""

    def add(self, path: str, text: str) -> None:
        self.append(Fault(path, text))


class RuleError(MusterError):
    """A rule that cannot be read; faults: every one found."""

    def __init__(self, faults: Sequence[Fault]):
        super().__init__(faults)
        self.faults = list(faults)

    def __str__(self) -> str:
        return "; ".join(str(fault) for fault in self.faults)


def listed(words: Iterable[str]) -> str:
    """``a, b or c``"""
    words = list(words)
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
