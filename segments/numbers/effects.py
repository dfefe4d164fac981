"""What a change of a rule does to who is in it: all counted in one pass over the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from segments.compile import Context, flags, ir
from segments.numbers.asking import answer
from segments.wording.difference import Step

MOST = 30  # steps of which each is counted; the query grows with them


@dataclass(frozen=True, slots=True)
class Effect:
    """Customers. before, after: who matched and who matches; steps: how many more each step
    brings, on top of those before it: together the change from before to after."""

    before: int
    after: int
    joined: int
    left: int
    steps: Sequence[int] = ()


def effect(old: Any, new: Any, steps: Sequence[Step], context: Context, key: str = "") -> Effect:
    """Compare two rules on the same data.

    steps: as ``difference.steps`` gives them for the two; more than MOST are not counted.
    key: a name by which engine().cancel stops the query. Raises as ``counting.count`` does.
    """
    between = list(steps[:-1]) if len(steps) <= MOST else []
    stages = {f"stage_{index}": step.rule for index, step in enumerate(between)}
    rules = {"old": old, "new": new, **stages}

    def counted() -> ir.Table:
        rows = flags(rules, context)
        return rows.aggregate(
            before=_many(rows.old),
            after=_many(rows.new),
            joined=_many(rows.new & ~rows.old),
            left=_many(rows.old & ~rows.new),
            **{name: _many(rows[name]) for name in stages},
        )

    found = answer("effect", list(rules.values()), context, counted, key).numbers
    changes: list[int] = []
    if steps and len(steps) <= MOST:
        sizes = [found["before"], *(found[name] for name in stages), found["after"]]
        changes = [there - here for here, there in pairwise(sizes)]
    return Effect(found["before"], found["after"], found["joined"], found["left"], changes)


def _many(condition: Any) -> Any:
    return condition.cast("int32").sum().fill_null(0)
