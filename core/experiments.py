"""What a comparison of two random groups can show at all."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

FEWEST_PEOPLE = 100  # in each group, below which nothing is told
CONFIDENCE, POWER = 0.95, 0.8


def smallest_lift(treated: int, control: int, share: float) -> float | None:
    """The smallest rise of a share that two groups of so many people are likely to show.

    share: of the control's people who buy without the campaign. Returns a part of it: 0.2
    means a rise from 5% to 6%. Likely: in four of five such comparisons the 95% interval of the
    difference leaves 0 out. None where a group has too few people to tell anything.
    """
    if min(treated, control) < FEWEST_PEOPLE:
        return None
    error = sqrt(share * (1 - share) * (1 / treated + 1 / control))
    sides = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) + NormalDist().inv_cdf(POWER)
    return sides * error / share
