"""How many customers a rule matches, and how many of them can be reached.

Counts are kept in Django's cache, which the settings put into files below VAR_DIR: web and
workers share them, they outlive a restart, and reading a page never takes the database's
write lock. A key names the SQL, the relations it reads and the data version, so that what
is found is true; nothing needs to be thrown away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from segments.compile import Context, everyone, flags, members, to_query
from segments.models import CustomerList, Segment
from warehouse.catalogue import Catalogue, current
from warehouse.engines import engine
from warehouse.query import Query

KEPT = 2 * 86_400  # seconds: what was counted two days ago is not asked for again
STEP = timedelta(minutes=5)  # pages within the same five minutes ask the same question


@dataclass(frozen=True, slots=True)
class Reach:
    """customers: all that match. email, phone: those with a value that is not blank in
    Merged Customers; both, neither of them. None: there is no such column."""

    customers: int
    email: int | None
    phone: int | None
    both: int | None
    neither: int | None

    def to_json(self) -> dict[str, int | None]:
        return asdict(self)


def context(moment: datetime | None = None, catalogue: Catalogue | None = None) -> Context:
    """What rules are compiled against now; five SQL queries, one without the catalogue's."""
    return Context(
        catalogue or current(),
        moment or timezone.now(),
        settings.TIME_ZONE,
        dict(Segment.objects.active().exclude(name="").values_list("name", "rule")),
        dict(CustomerList.objects.values_list("name", "digest")),
    )


def page_moment(now: datetime | None = None) -> datetime:
    """The now of a page's numbers: the last full five minutes."""
    now = now or timezone.now()
    return now - timedelta(minutes=now.minute % 5, seconds=now.second, microseconds=now.microsecond)


def count(rule: Any, context: Context, key: str = "") -> int:
    """The customers that match. key: a name by which engine().cancel stops the query.

    Raises RuleError for a rule that does not fit the catalogue, and WarehouseError.
    """
    found = members(rule, context)
    (answer,) = answers(found.aggregate(n=found.count()), context, key)
    return int(answer)


def total(context: Context, key: str = "") -> int:
    """All customers."""
    found = everyone(context)
    (answer,) = answers(found.aggregate(n=found.count()), context, key)
    return int(answer)


def reach(rule: Any, context: Context, key: str = "") -> Reach:
    """Count and reach in one query. Raises as ``count`` does."""
    return reaches({"rule": rule}, context, key)["rule"]


def reaches(rules: Mapping[str, Any], context: Context, key: str = "") -> dict[str, Reach]:
    """Count and reach of several rules by name, all in one query. Raises as ``count`` does."""
    if not rules:
        return {}
    columns = {
        name: column for name, column in contact_columns(context.catalogue).items() if column
    }
    known = {
        name: {"attribute": column, "operator": "is_not_blank"} for name, column in columns.items()
    }
    named = {f"rule_{index}": rule for index, rule in enumerate(rules.values())}
    if len(named) == 1:  # whoever does not match is left out before anything is joined
        rows = flags(known, context, among=named["rule_0"])
        rows = rows.mutate(rule_0=True)
    else:
        rows = flags({**named, **known}, context)
    figures = {}
    for name in named:
        figures[name, "customers"] = rows.count(where=rows[name])
        for contact in known:
            figures[name, contact] = rows.count(where=rows[name] & rows[contact])
        if len(known) == 2:
            figures[name, "both"] = rows.count(where=rows[name] & rows.email & rows.phone)
    columns_of = {f"{name}_{figure}": value for (name, figure), value in figures.items()}
    told = dict(zip(figures, answers(rows.aggregate(**columns_of), context, key), strict=True))
    return {
        own: reach_of({figure: n for (name, figure), n in told.items() if name == alias})
        for own, alias in zip(rules, named, strict=True)
    }


def contact_columns(catalogue: Catalogue) -> dict[str, str]:
    """Where reach is read: "table.column" of email and phone in Merged Customers, or ''."""
    table = catalogue.table("merged_customers") or catalogue.table(catalogue.base)
    found = {}
    for name in ("email", "phone"):
        column = (table.meaning(name) or table.column(name)) if table else None
        found[name] = ""
        if table is not None and column is not None and table.one_per_customer:
            found[name] = f"{table.name}.{column.name}"
    return found


def reach_of(answers: dict[str, int]) -> Reach:
    """The figures by name: customers, and those of email, phone and both that are known."""
    customers = answers["customers"]
    email, phone, both = (answers.get(name) for name in ("email", "phone", "both"))
    neither = None
    if email is not None and phone is not None and both is not None:
        neither = customers - email - phone + both
    return Reach(customers, email, phone, both, neither)


def answers(expression: Any, context: Context, key: str) -> tuple[int, ...]:
    """The one row of whole numbers of a query. Raises as ``count`` does."""
    (row,) = fetched(expression, context, key)
    return tuple(int(value) for value in row)


def fetched(expression: Any, context: Context, key: str = "") -> list[tuple[Any, ...]]:
    """The rows of a small query, from the cache when it was asked before of the same data.

    Raises as ``count`` does.
    """
    source = engine()
    query = to_query(expression, context, source.dialect, key)
    kept = _name(query, source.version())
    found: list[tuple[Any, ...]] | None = cache.get(kept) if kept else None
    if found is None:
        found = source.fetch(query, key)
        if kept and kept == _name(query, source.version()):  # counted before the data changed
            cache.set(kept, found, KEPT)
    return found


def _name(query: Query, version: str) -> str:
    """The key of a query's answer, '' when it reads rows that no name stands for."""
    parts = [settings.WAREHOUSE_URL, version, query.sql]
    for name, relation in query.relations.items():
        if isinstance(relation, pa.Table):
            if not name.startswith("values_"):  # these are named by what they hold
                return ""
        else:
            parts += [name, *(str(Path(path)) for path in relation)]
    return f"count:{hashlib.sha256(repr(parts).encode()).hexdigest()}"
