"""The columns of a snapshot: one row for each customer of the included segments.

customer_id   text
excluded      index of the first exclusion that takes the customer out, else null
part          index of the first part that takes the customer (first match only), or
part_N        whether rule part N takes the customer (each of them; not the remaining one)
value_N       the mapped source N, as text
allowed_N     whether target N may be sent to the customer (targets with ``only_where``)
"""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.definition import Definition

CUSTOMER = "customer_id"
EXCLUDED = "excluded"
PART = "part"


def sources(definition: Definition) -> list[str]:
    """Each mapped source ("table.column") once, in the order of the targets."""
    return list(dict.fromkeys(target.source for target in definition.targets if target.source))


def part(index: int) -> str:
    return f"part_{index}"


def value(index: int) -> str:
    return f"value_{index}"


def allowed(index: int) -> str:
    return f"allowed_{index}"


def columns(definition: Definition) -> Sequence[str]:
    """All columns of the campaign's snapshot, in order."""
    rule_parts = range(len(definition.parts) - 1)
    return [
        CUSTOMER,
        EXCLUDED,
        *([PART] if definition.first_match_only else map(part, rule_parts)),
        *(value(index) for index in range(len(sources(definition)))),
        *(allowed(i) for i, t in enumerate(definition.targets) if t.only_where is not None),
    ]
