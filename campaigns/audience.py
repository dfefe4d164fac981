"""The whole campaign as one query over the customer tables, with the columns of ``layout``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import ibis
from django.conf import settings

from campaigns import layout
from campaigns.definition import Definition
from segments.compile import Context, flags, to_query
from warehouse.catalogue import Catalogue
from warehouse.query import Query


def query(
    definition: Definition,
    catalogue: Catalogue,
    moment: datetime,
    dialect: str,
    only: Sequence[str] | None = None,
) -> Query:
    """A row for each customer of the included segments, those that exclusions take out too.

    moment: the "now" of every relative date. only: the ids of customers to ask about, None
    for all. Raises RuleError when a rule or a
    mapped source does not fit the catalogue any more.
    """
    context = Context(catalogue, moment, settings.TIME_ZONE, definition.segments, definition.lists)
    asked = rows(definition, context)
    if only is not None:
        asked = asked.filter(asked[layout.CUSTOMER].isin(list(only)))
    return to_query(asked, context, dialect)


def rows(definition: Definition, context: Context) -> ibis.Table:
    """The same as an expression."""
    exclude = {f"exclude_{i}": each.rule for i, each in enumerate(definition.exclude)}
    parts = {layout.part(i): part.rule for i, part in enumerate(definition.parts[:-1])}
    allowed = {
        layout.allowed(i): target.only_where
        for i, target in enumerate(definition.targets)
        if target.only_where is not None
    }
    values = {layout.value(i): source for i, source in enumerate(layout.sources(definition))}
    included: dict[str, Any] = {"any": [each.rule for each in definition.include]}
    everyone = flags({"included": included, **exclude, **parts, **allowed}, context, values)
    audience = everyone.filter(everyone.included)
    last = len(definition.parts) - 1
    if definition.first_match_only:
        placed = {layout.PART: _first(audience, list(parts), last)}
    else:
        placed = {name: audience[name] for name in parts}
    return audience.select(
        **{
            layout.CUSTOMER: audience.customer_id,
            layout.EXCLUDED: _first(audience, list(exclude), None),
            **placed,
            **{name: audience[name] for name in (*values, *allowed)},
        }
    )


def _first(table: ibis.Table, columns: list[str], otherwise: int | None) -> ibis.Value:
    """The index of the first column that is true, else ``otherwise``."""
    other = ibis.literal(otherwise, type="int32")
    if not columns:
        return other
    branches = ((table[name], ibis.literal(i, type="int32")) for i, name in enumerate(columns))
    return ibis.cases(*branches, else_=other)
