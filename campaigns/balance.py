"""Whether the treatment groups of each sub-audience are alike before anything is sent.

Who is in which group is left to chance, so groups should differ by no more than chance makes.
Where they do, a comparison between them would not tell what the campaign did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import sqrt
from pathlib import Path

import ibis

from campaigns import previews
from campaigns.definition import Definition, Part
from campaigns.members import people
from core.arithmetic import ratio
from core.experiments import FEWEST_PEOPLE, means_differ, shares_differ, uneven
from segments.compile import Context, flags, ir
from segments.numbers.asking import answer
from segments.numbers.purchases import purchases
from segments.numbers.spending import spending
from segments.rules.nodes import Last
from segments.wording import words
from warehouse.catalogue import Catalogue
from warehouse.models import Semantic

YEAR, LATELY = Last(1, "years"), Last(90, "days")
REGIONS = (Semantic.STATE, Semantic.COUNTRY, Semantic.CITY)
NAMED = 3  # regions that a group tells
SIZE, SPEND, RECENCY, REGION = "size", "spend", "recency", "region"


@dataclass(frozen=True, slots=True)
class GroupBalance:
    """spend: revenue a customer in the last year; recency: the share with an order in the last
    90 days; both None where the data cannot tell. regions: how many live where; '' unknown."""

    name: str
    split: int
    people: int
    spend: float | None
    recency: float | None
    regions: Mapping[str, int]
    error: float | None = None

    @property
    def share_of(self) -> Sequence[tuple[str, float]]:
        """The most frequent regions, each with the share of the group."""
        known = Counter({region: count for region, count in self.regions.items() if region})
        return [(region, count / self.people) for region, count in known.most_common(NAMED)]


@dataclass(frozen=True, slots=True)
class PartBalance:
    """differs: in which of SIZE, SPEND, RECENCY and REGION, by more than chance."""

    name: str
    groups: Sequence[GroupBalance]
    differs: Sequence[str]

    @property
    def too_small(self) -> bool:
        return min(group.people for group in self.groups) < FEWEST_PEOPLE

    @property
    def people(self) -> int:
        return sum(group.people for group in self.groups)


@dataclass(frozen=True, slots=True)
class Balance:
    """parts: of each sub-audience with several groups. region: the label of the column."""

    parts: Sequence[PartBalance]
    region: str
    spend: bool
    recency: bool


def balance(definition: Definition, folder: Path, context: Context, key: str = "") -> Balance:
    """folder: of ``previews``, with the members of the counted definition. key: a name by which
    engine().cancel stops the query. Raises WarehouseError."""
    bought = purchases(context.catalogue)
    region = _region(context.catalogue)
    file = folder / previews.MEMBERS
    found = answer(
        ("balance", str(file), region),
        [],
        context,
        lambda: _summed(people(file, context), region, context),
        key,
    )
    rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    rows.sort(key=lambda row: (row["part"], row["group"]))
    groups = {
        place: list(some) for place, some in groupby(rows, lambda row: (row["part"], row["group"]))
    }
    parts = [
        _part(part, [groups.get((index, place), []) for place in range(len(part.groups))])
        for index, part in enumerate(definition.parts)
        if len(part.groups) > 1
    ]
    column = context.catalogue.find(region) if region else None
    return Balance(
        [part for part in parts if part.people],
        words.column_label(column[1], region) if column else "",
        spend=bool(bought.value),
        recency=bought.table is not None,
    )


def _region(catalogue: Catalogue) -> str:
    """The column that says where customers live, "table.column"; '' where none does."""
    tables = [catalogue.table(catalogue.base), catalogue.table("merged_customers")]
    for meaning in REGIONS:
        for table in tables:
            if table and table.one_per_customer and (column := table.meaning(meaning)):
                return f"{table.name}.{column.name}"
    return ""


def _summed(rows: ir.Table, region: str, context: Context) -> ir.Table:
    """For each group and region: people, revenue with its squares, and who ordered lately."""
    bought = purchases(context.catalogue)
    kept = ["customer_id", "part", "group"]
    zero = ibis.literal(0.0)
    rows = spending(rows, YEAR, bought, context, units=False)
    spent = rows.revenue.cast("float64") if "revenue" in rows.columns else zero
    rows = rows.select(*kept, spent=spent)
    rows = spending(rows, LATELY, bought, context, units=False)
    lately = (rows.orders > 0).cast("int32") if "orders" in rows.columns else ibis.literal(0)
    rows = rows.select(*kept, "spent", lately=lately)
    if region:
        lives = flags({}, context, {"region": region}, of=rows.select("customer_id").distinct())
        joined = rows.left_join(lives, "customer_id")
        rows = joined.select(*rows.columns, region=joined.region.fill_null(""))
    else:
        rows = rows.mutate(region=ibis.literal(""))
    return rows.group_by("part", "group", "region").aggregate(
        people=rows.count(),
        spent=rows.spent.sum(),
        squares=(rows.spent**2).sum(),
        lately=rows.lately.sum(),
    )


def _part(part: Part, found: Sequence[Sequence[Mapping[str, float]]]) -> PartBalance:
    groups = [
        _group(group.name, group.split, rows)
        for group, rows in zip(part.groups, found, strict=True)
    ]
    return PartBalance(part.name, groups, _differs(groups))


def _group(name: str, split: int, rows: Sequence[Mapping[str, float]]) -> GroupBalance:
    number = int(sum(row["people"] for row in rows))
    spent, squares = (float(sum(row[each] for row in rows)) for each in ("spent", "squares"))
    variance = max(squares - spent**2 / number, 0.0) / (number - 1) if number > 1 else 0.0
    return GroupBalance(
        name,
        split,
        number,
        ratio(spent, number),
        ratio(sum(row["lately"] for row in rows), number),
        {str(row["region"]): int(row["people"]) for row in rows},
        sqrt(variance / number) if number else None,
    )


def _differs(groups: Sequence[GroupBalance]) -> list[str]:
    """In what; nothing but the size where a group has too few people to tell."""
    people_of = [group.people for group in groups]
    differs = [SIZE] if uneven(people_of, [group.split for group in groups]) else []
    if min(people_of) < FEWEST_PEOPLE:
        return differs
    if means_differ([g.spend or 0.0 for g in groups], [g.error or 0.0 for g in groups]):
        differs.append(SPEND)
    lately = [round((group.recency or 0.0) * group.people) for group in groups]
    if shares_differ([[some, of - some] for some, of in zip(lately, people_of, strict=True)]):
        differs.append(RECENCY)
    named = sorted({region for group in groups for region in group.regions})
    if shares_differ([[group.regions.get(each, 0) for each in named] for group in groups]):
        differs.append(REGION)
    return differs
