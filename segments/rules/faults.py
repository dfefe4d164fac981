"""What can be wrong with a rule, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from core.errors import MusterError


@dataclass(frozen=True, slots=True)
class Fault:
    """path: where in the tree, e.g. ``all[1].where.value``, '' for the root itself."""

    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}" if self.path else self.text


class RuleError(MusterError):
    """A rule that cannot be read; faults: every one found."""

    def __init__(self, faults: Sequence[Fault]):
        super().__init__(faults)
        self.faults = list(faults)

    def __str__(self) -> str:
        return "; ".join(str(fault) for fault in self.faults)


def near(word: str, words: Iterable[str]) -> str:
    """`` Did you mean "..."?`` for a word close to one of those known, else ''."""
    known = {each.lower(): each for each in words}
    found = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f' Did you mean "{known[found[0]]}"?' if found else ""


def listed(words: Iterable[str]) -> str:
    """``a, b or c``"""
    words = list(words)
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
