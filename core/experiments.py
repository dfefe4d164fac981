"""What a comparison of random groups can show at all, and whether they are alike."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

FEWEST_PEOPLE = 100  # in each group, below which nothing is told
CONFIDENCE, POWER = 0.95, 0.8
ALARM = 0.999  # each run is checked: an alarm that comes by chance is worse than none
FEWEST_EXPECTED = 5.0  # in a cell, below which chi-squared does not hold


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


def uneven(counts: Sequence[int], splits: Sequence[int]) -> bool:
    """Whether groups came out so far from their splits that chance hardly explains it.

    splits: percents.
    """
    people, percents = sum(counts), sum(splits)
    expected = [people * split / percents for split in splits] if percents else []
    if len(expected) < 2 or not all(expected):
        return False
    statistic = sum(
        (count - each) ** 2 / each for count, each in zip(counts, expected, strict=True)
    )
    return statistic > chi_squared(len(expected) - 1)


def means_differ(means: Sequence[float], errors: Sequence[float]) -> bool:
    """Whether means of groups are further apart than chance explains. errors: their standard
    errors."""
    if len(means) < 2 or not all(errors):
        return False
    weights = [1 / error**2 for error in errors]
    middle = sum(w * mean for w, mean in zip(weights, means, strict=True)) / sum(weights)
    statistic = sum(w * (mean - middle) ** 2 for w, mean in zip(weights, means, strict=True))
    return statistic > chi_squared(len(means) - 1)


def shares_differ(counts: Sequence[Sequence[int]]) -> bool:
    """Whether people spread otherwise over some values than chance explains.

    counts: for each group the people of each value, in one order of the values. Values that
    are too rare to say anything are taken together.
    """
    groups = [sum(row) for row in counts]
    whole = sum(groups)
    if len(counts) < 2 or not all(groups):
        return False
    columns = _frequent([*zip(*counts, strict=True)], min(groups) / whole)
    statistic = sum(
        (count - sum(column) * group / whole) ** 2 / (sum(column) * group / whole)
        for column in columns
        for count, group in zip(column, groups, strict=True)
    )
    return len(columns) > 1 and statistic > chi_squared((len(groups) - 1) * (len(columns) - 1))


def _frequent(columns: Sequence[Sequence[int]], smallest: float) -> list[Sequence[int]]:
    """The values with enough people for the smallest group, and all others as one."""
    often = [each for each in columns if sum(each) * smallest >= FEWEST_EXPECTED]
    rare = [each for each in columns if sum(each) * smallest < FEWEST_EXPECTED]
    together = [sum(row) for row in zip(*rare, strict=True)]
    return [*often, together] if sum(together) * smallest >= FEWEST_EXPECTED else often


def chi_squared(degrees: int) -> float:
    """The value that chi-squared exceeds once in 1,000, by Wilson and Hilferty."""
    side = NormalDist().inv_cdf(ALARM)
    part = 2 / (9 * degrees)
    return degrees * (1 - part + side * sqrt(part)) ** 3
