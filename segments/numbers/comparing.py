"""Segments beside each other: their figures, and who is in which of them, from one pass.

Every customer is in one *part*: the set of compared segments that hold them, as a bit for
each. Whatever is asked of the comparison is a sum of parts, so all of it adds up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import or_
from typing import Any

from core.errors import MusterError
from segments.compile import Context
from segments.models import Segment
from segments.numbers.insights import Sums, by_part
from segments.numbers.purchases import purchases
from segments.rules import check

FEWEST, MOST = 2, 5
ADDED = ("customers", "email", "phone", "both", "active", "orders", "revenue", "units")


class BrokenSegmentError(MusterError):
    def __init__(self, name: str):
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return (
            f"“{self.name}” asks for something that is no longer in the data. "
            "Mend it, or take it out of the comparison."
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """parts: what the customers of each come to, by which segments hold them (bit i: the i-th
    of names); parts that hold nobody are absent. lacking: why a figure is not available, by
    its name in Sums."""

    names: tuple[str, ...]
    parts: Mapping[int, Sums]
    lacking: Mapping[str, str]

    @property
    def masks(self) -> range:
        """All parts that there can be, that of nobody's segment among them."""
        return range(1 << len(self.names))

    def of(self, masks: Iterable[int]) -> Sums:
        """Who is in one of those parts."""
        return reduce(_added, (self.parts[m] for m in set(masks) if m in self.parts), self._nobody)

    def within(self, segments: Iterable[int]) -> Sums:
        """Who is in all of those segments, whatever else they are in; of none: everyone."""
        asked = reduce(or_, (1 << index for index in segments), 0)
        return self.of(mask for mask in self.parts if mask & asked == asked)

    def largest(self, most: int) -> list[int]:
        """The parts with the most customers, those in no segment left out."""
        inside = [mask for mask in self.parts if mask]
        return sorted(inside, key=lambda mask: (-self.parts[mask].customers, mask))[:most]

    @property
    def _nobody(self) -> Sums:
        """No customers, with what is not known of anyone unknown of them too."""
        some = next(iter(self.parts.values()), Sums(0))
        known: dict[str, Any] = {n: None if getattr(some, n) is None else 0 for n in ADDED}
        return Sums(**known)


def compare(segments: Sequence[Segment], context: Context, key: str = "") -> Comparison:
    """Who is in which of the published segments.

    key: a name by which engine().cancel stops the query. Raises BrokenSegmentError, and as
    ``counting.count`` does.
    """
    for segment in segments:
        if check(segment.rule, context.catalogue, context.segments, context.lists):
            raise BrokenSegmentError(segment.name)
    parts = by_part([segment.rule for segment in segments], context, key)
    return Comparison(
        tuple(segment.name for segment in segments), parts, purchases(context.catalogue).lacking
    )


def said(names: Sequence[str], mask: int) -> str:
    """A part in words: "In Gold and VIPs, not in Staff"."""
    inside = [name for index, name in enumerate(names) if mask >> index & 1]
    outside = [name for index, name in enumerate(names) if not mask >> index & 1]
    if not inside:
        return "In none of them"
    if not outside:
        return "In both" if len(inside) == FEWEST else "In all of them"
    if len(inside) == 1:
        return f"Only in {inside[0]}"
    return f"In {_listed(inside, 'and')}, not in {_listed(outside, 'or')}"


def rule_of(masks: Collection[int], names: Sequence[str]) -> dict[str, Any]:
    """A rule for those who are in one of the parts, as short as it can be said.

    names: of the compared segments, bit 0 first.
    """
    terms = _covering(set(masks), len(names))
    rules = [_term(care, value, names) for care, value in terms]
    if len(rules) == 1:
        return rules[0]
    return {"any": [each["all"][0] if len(each["all"]) == 1 else each for each in rules]}


def _term(care: int, value: int, names: Sequence[str]) -> dict[str, Any]:
    """In all segments whose bit is set, in none of the others that matter."""
    places = [index for index in range(len(names)) if care >> index & 1]
    nodes: list[dict[str, Any]] = [
        {"segment": names[index]} for index in places if value >> index & 1
    ]
    outside = [{"segment": names[index]} for index in places if not value >> index & 1]
    return {"all": nodes + ([{"none": outside}] if outside else [])}


def _covering(masks: set[int], size: int) -> list[tuple[int, int]]:
    """Few (bits that matter, their values) that together are those parts and no other.

    Two that differ in one bit are one in which it does not matter (Quine and McCluskey).
    """
    terms = {((1 << size) - 1, mask) for mask in masks}
    prime: set[tuple[int, int]] = set()
    while terms:
        joined, merged = set(), set()
        for one, other in combinations(sorted(terms), 2):
            differs = one[1] ^ other[1]
            if one[0] == other[0] and differs & (differs - 1) == 0:
                joined.add((one[0] & ~differs, one[1] & ~differs))
                merged |= {one, other}
        prime |= terms - merged
        terms = joined
    chosen, left = [], set(masks)
    while left:
        best = max(sorted(prime), key=lambda term: sum(m & term[0] == term[1] for m in left))
        chosen.append(best)
        left = {mask for mask in left if mask & best[0] != best[1]}
    return chosen


def _added(one: Sums, other: Sums) -> Sums:
    """Both together; what is not known of one of them is not known of both."""
    pairs = {name: (getattr(one, name), getattr(other, name)) for name in ADDED}
    known: dict[str, Any] = {
        name: None if a is None or b is None else a + b for name, (a, b) in pairs.items()
    }
    return Sums(**known)


def _listed(names: Sequence[str], word: str) -> str:
    return f"{', '.join(names[:-1])} {word} {names[-1]}" if len(names) > 1 else names[0]
