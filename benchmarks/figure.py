"""One figure: what was measured, beside what."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median

REPEATS = 5


class DisagreementError(Exception):
    """The product and the plain way did not do the same work: their figures mean nothing."""


def agree(ours: object, plain: object) -> None:
    if ours != plain:
        raise DisagreementError(f"{ours!r} is not {plain!r}")


@dataclass(frozen=True, slots=True)
class Figure:
    """baseline: the plain way's own measure, in the unit it says; goal: the value to reach."""

    name: str
    value: float
    unit: str
    baseline: str
    goal: float

    def line(self) -> str:
        return json.dumps(asdict(self))


def seconds(work: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """How long the work takes once; before: what comes first and does not count."""
    before()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def side_by_side(
    ours: Callable[[], object],
    plain: Callable[[], object],
    before: Callable[[], object] = lambda: None,
    repeats: int = REPEATS,
) -> tuple[float, float]:
    """The median seconds of both, taken in turns after a warm-up.

    In turns, so that a machine that slows down meanwhile slows both.
    """
    pairs = [(seconds(ours, before), seconds(plain)) for _ in range(repeats + 1)][1:]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


def ratio(name: str, ours: float, plain: float, goal: float) -> Figure:
    return Figure(
        name, round(ours / plain, 2), "times", f"{shown(plain)} against {shown(ours)}", goal
    )


def shown(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"
