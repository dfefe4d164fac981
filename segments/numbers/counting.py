"""How many customers a rule matches, and how many of them can be reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from segments.compile import Context, everyone, flags, ir, members
from segments.models import CustomerList, Segment
from segments.numbers.asking import answer
from warehouse.catalogue import Catalogue, current

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

    def counted() -> ir.Table:
        found = members(rule, context)
        return found.aggregate(n=found.count())

    return answer("count", [rule], context, counted, key).numbers["n"]


def total(context: Context, key: str = "") -> int:
    """All customers."""

    def counted() -> ir.Table:
        found = everyone(context)
        return found.aggregate(n=found.count())

    return answer("total", [], context, counted, key).numbers["n"]


def reach(rule: Any, context: Context, key: str = "") -> Reach:
    """Count and reach in one query. Raises as ``count`` does."""
    return reaches({"rule": rule}, context, key)["rule"]


def reaches(rules: Mapping[str, Any], context: Context, key: str = "") -> dict[str, Reach]:
    """Count and reach of several rules by name, all in one query. Raises as ``count`` does."""
    if not rules:
        return {}
    aliases = [f"rule_{place}" for place in range(len(rules))]

    def counted() -> ir.Table:
        return _reaches(dict(zip(aliases, rules.values(), strict=True)), context)

    told = answer("reaches", list(rules.values()), context, counted, key).numbers
    return {name: reach_of(told, f"{alias}_") for name, alias in zip(rules, aliases, strict=True)}


def _reaches(rules: Mapping[str, Any], context: Context) -> ir.Table:
    """One row with the figures of each rule, as "rule_figure"."""
    known = contacts(context.catalogue)
    if len(rules) == 1:  # whoever does not match is left out before anything is joined
        ((name, rule),) = rules.items()
        rows = flags(known, context, among=rule).mutate(**{name: True})
    else:
        rows = flags({**rules, **known}, context)
    figures = {}
    for name in rules:
        figures[f"{name}_customers"] = rows.count(where=rows[name])
        for contact in known:
            figures[f"{name}_{contact}"] = rows.count(where=rows[name] & rows[contact])
        if len(known) == 2:
            figures[f"{name}_both"] = rows.count(where=rows[name] & rows.email & rows.phone)
    return rows.aggregate(**figures)


def contacts(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    """Who has an email, who has a phone, as rules; without those that cannot be told."""
    return {
        name: {"attribute": column, "operator": "is_not_blank"}
        for name, column in contact_columns(catalogue).items()
        if column
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


def reach_of(figures: Mapping[str, int], prefix: str = "") -> Reach:
    """Of figures by name: customers, and of email, phone and both those that are known."""
    email, phone, both = (figures.get(f"{prefix}{name}") for name in ("email", "phone", "both"))
    customers = figures[f"{prefix}customers"]
    neither = None
    if email is not None and phone is not None and both is not None:
        neither = customers - email - phone + both
    return Reach(customers, email, phone, both, neither)
