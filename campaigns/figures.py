"""How many: the counted figures of a campaign's audience, which add up to the last person.

included = excluded + audience; with first match only audience = places, otherwise a
customer has a place in each sub-audience that takes her; places = control + no_group
+ the customers of the treatment groups; and of each delivery
customers = filtered + no_identifier + invalid + duplicate + to_send.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class PartFigures:
    """Places in one sub-audience. no_group: those that no group takes."""

    customers: int = 0
    no_group: int = 0


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """Places in one treatment group. part, group: indexes into the definition."""

    part: int
    group: int
    control: bool
    customers: int = 0


@dataclass(frozen=True, slots=True)
class DeliveryFigures:
    """What becomes of one treatment group at one destination. reasons: of the invalid."""

    part: int
    group: int
    destination: int
    customers: int = 0
    filtered: int = 0
    no_identifier: int = 0
    invalid: int = 0
    duplicate: int = 0
    to_send: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)

    @property
    def adds_up(self) -> bool:
        left_out = self.filtered + self.no_identifier + self.invalid + self.duplicate
        return (
            self.customers == left_out + self.to_send and sum(self.reasons.values()) == self.invalid
        )


@dataclass(frozen=True, slots=True)
class Waterfall:
    """From the audience to what one destination is sent. elsewhere: places whose groups
    go to other destinations, or to none yet."""

    included: int
    excluded: int
    audience: int
    places: int
    control: int
    no_group: int
    elsewhere: int
    customers: int
    filtered: int
    no_identifier: int
    invalid: int
    duplicate: int
    to_send: int
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one campaign, at one moment.

    excluded: of each exclusion in order, the people whom it is the first to take out.
    parts: of each part in order. control, no_group: places. several_places: people in
    more than one sub-audience; held_out_and_sent: people held out in one of them and
    sent in another (both 0 with first match only).
    """

    included: int = 0
    excluded: tuple[int, ...] = ()
    audience: int = 0
    places: int = 0
    control: int = 0
    no_group: int = 0
    several_places: int = 0
    held_out_and_sent: int = 0
    parts: tuple[PartFigures, ...] = ()
    groups: tuple[GroupFigures, ...] = ()
    deliveries: tuple[DeliveryFigures, ...] = ()
    data_version: str = ""

    @property
    def left_out(self) -> int:
        """People whom the exclusions take out."""
        return sum(self.excluded)

    @property
    def to_send(self) -> int:
        """What all deliveries send together; one person may be in several."""
        return sum(delivery.to_send for delivery in self.deliveries)

    @property
    def adds_up(self) -> bool:
        """Whether every equation holds. Figures that do not add up must not be sent."""
        treated = sum(group.customers for group in self.groups if not group.control)
        held_out = sum(group.customers for group in self.groups if group.control)
        of_group = {(each.part, each.group): each.customers for each in self.groups}
        return (
            self.included == self.left_out + self.audience
            and self.places >= self.audience
            and self.places == sum(part.customers for part in self.parts)
            and self.places == held_out + self.no_group + treated
            and self.control == held_out
            and self.no_group == sum(part.no_group for part in self.parts)
            and all(each.adds_up for each in self.deliveries)
            and all(each.customers == of_group[each.part, each.group] for each in self.deliveries)
        )

    def group(self, part: int, group: int) -> GroupFigures:
        """Raises KeyError for a group that the campaign does not have."""
        for each in self.groups:
            if (each.part, each.group) == (part, group):
                return each
        raise KeyError((part, group))

    def delivery(self, part: int, group: int, destination: int) -> DeliveryFigures:
        """Raises KeyError for a delivery that the campaign does not make."""
        for each in self.deliveries:
            if (each.part, each.group, each.destination) == (part, group, destination):
                return each
        raise KeyError((part, group, destination))

    def waterfall(self, destination: int) -> Waterfall:
        """The steps from the included customers to those who are sent to one destination."""
        there = [each for each in self.deliveries if each.destination == destination]
        customers = sum(each.customers for each in there)
        reasons: dict[str, int] = {}
        for each in there:
            for reason, people in each.reasons.items():
                reasons[reason] = reasons.get(reason, 0) + people
        return Waterfall(
            included=self.included,
            excluded=self.left_out,
            audience=self.audience,
            places=self.places,
            control=self.control,
            no_group=self.no_group,
            elsewhere=self.places - self.control - self.no_group - customers,
            customers=customers,
            filtered=sum(each.filtered for each in there),
            no_identifier=sum(each.no_identifier for each in there),
            invalid=sum(each.invalid for each in there),
            duplicate=sum(each.duplicate for each in there),
            to_send=sum(each.to_send for each in there),
            reasons=reasons,
        )


def to_json(figures: Figures) -> dict[str, Any]:
    return asdict(figures)


def from_json(data: Mapping[str, Any]) -> Figures:
    return Figures(
        **{
            **data,
            "excluded": tuple(data["excluded"]),
            "parts": tuple(PartFigures(**part) for part in data["parts"]),
            "groups": tuple(GroupFigures(**group) for group in data["groups"]),
            "deliveries": tuple(DeliveryFigures(**each) for each in data["deliveries"]),
        }
    )
