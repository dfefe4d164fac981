"""What two groups of people did, side by side, and how much of it may be chance.

People were put into the groups at random, so a difference larger than chance makes is what
the campaign did. All intervals are at 95%: of a hundred such campaigns without any effect,
five have an interval that leaves 0 out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from math import exp, hypot, sqrt
from statistics import NormalDist

from core.arithmetic import ratio
from core.experiments import FEWEST_PEOPLE

SIDE = NormalDist().inv_cdf(0.975)
FEWEST_PURCHASERS = 10  # in both together


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the people of one treatment group did in the window, buyers or not.

    purchasers: those with an order. revenue, items: None where the data cannot tell.
    squares: the sum of the squares of each person's revenue.
    """

    people: int
    purchasers: int
    orders: int
    revenue: float | None = None
    squares: float | None = None
    items: float | None = None

    @property
    def conversion(self) -> float | None:
        return ratio(self.purchasers, self.people)

    @property
    def revenue_each(self) -> float | None:
        """Revenue a person, those without orders included."""
        return ratio(self.revenue, self.people)

    @property
    def order_value(self) -> float | None:
        return ratio(self.revenue, self.orders)

    @property
    def item_revenue(self) -> float | None:
        return ratio(self.revenue, self.items)

    @property
    def orders_each(self) -> float | None:
        """Orders a purchaser."""
        return ratio(self.orders, self.purchasers)

    @property
    def items_each(self) -> float | None:
        """Items an order."""
        return ratio(self.items, self.orders)

    @property
    def deviation(self) -> float | None:
        """The standard deviation of revenue a person, those without orders as 0."""
        if self.revenue is None or self.squares is None or self.people < 2:
            return None
        spread = self.squares - self.revenue**2 / self.people
        return sqrt(max(spread, 0.0) / (self.people - 1))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A difference and the ends of its 95% interval."""

    value: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether chance alone would hardly do it: 0 is not in the interval."""
        return self.low > 0 or self.high < 0

    def times(self, people: int) -> Estimate:
        return Estimate(self.value * people, self.low * people, self.high * people)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a treatment did beside its control, of one figure.

    apart: the difference a person; whole: that of all who were treated; lift: the share of
    the control's figure that it is, None where the control has none.
    """

    apart: Estimate
    whole: Estimate
    lift: Estimate | None


def together(outcomes: Iterable[Outcome]) -> Outcome:
    """Several groups as one."""
    return reduce(
        lambda one, other: Outcome(
            one.people + other.people,
            one.purchasers + other.purchasers,
            one.orders + other.orders,
            _plus(one.revenue, other.revenue),
            _plus(one.squares, other.squares),
            _plus(one.items, other.items),
        ),
        outcomes,
    )


def _plus(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else one + other


def too_small(treated: Outcome, control: Outcome) -> bool:
    """Whether there are too few people or purchasers to tell anything."""
    return (
        min(treated.people, control.people) < FEWEST_PEOPLE
        or treated.purchasers + control.purchasers < FEWEST_PURCHASERS
    )


def conversion(treated: Outcome, control: Outcome) -> Effect | None:
    """The effect on conversion; None where it is too small to tell."""
    ours, theirs = treated.conversion, control.conversion
    if ours is None or theirs is None or too_small(treated, control):
        return None
    apart = newcombe(treated.purchasers, treated.people, control.purchasers, control.people)
    errors = [
        sqrt(share * (1 - share) / each.people)
        for share, each in ((ours, treated), (theirs, control))
    ]
    return Effect(apart, apart.times(treated.people), _lift(ours, theirs, errors))


def revenue(treated: Outcome, control: Outcome) -> Effect | None:
    """The effect on revenue a person; None where it is too small to tell, or not known.

    Welch's interval: the revenues of the two groups may spread differently.
    """
    ours, theirs = treated.revenue_each, control.revenue_each
    spread, their_spread = treated.deviation, control.deviation
    if ours is None or theirs is None or spread is None or their_spread is None:
        return None
    if too_small(treated, control):
        return None
    errors = [spread / sqrt(treated.people), their_spread / sqrt(control.people)]
    width = SIDE * hypot(*errors)
    apart = Estimate(ours - theirs, ours - theirs - width, ours - theirs + width)
    return Effect(apart, apart.times(treated.people), _lift(ours, theirs, errors))


def _lift(ours: float, theirs: float, errors: Sequence[float]) -> Estimate | None:
    """The difference as a share of the control's; None where one of the two is not above 0.

    The interval is that of the ratio's logarithm, as the control's figure is uncertain too.
    """
    if ours <= 0 or theirs <= 0:
        return None
    times = ours / theirs
    width = exp(SIDE * hypot(errors[0] / ours, errors[1] / theirs))
    return Estimate(times - 1, times / width - 1, times * width - 1)


def wilson(successes: int, of: int) -> tuple[float, float]:
    """The ends of Wilson's interval of a share."""
    share, square = successes / of, SIDE**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    width = SIDE / (1 + square / of) * sqrt(share * (1 - share) / of + square / (4 * of**2))
    return max(middle - width, 0.0), min(middle + width, 1.0)


def newcombe(ours: int, of: int, theirs: int, of_theirs: int) -> Estimate:
    """The difference of two shares. Its interval, out of Wilson's for each, holds near 0 and
    1 as well (Newcombe 1998, method 10)."""
    share, other = ours / of, theirs / of_theirs
    low, high = wilson(ours, of)
    other_low, other_high = wilson(theirs, of_theirs)
    return Estimate(
        share - other,
        share - other - hypot(share - low, other_high - other),
        share - other + hypot(high - share, other - other_low),
    )
