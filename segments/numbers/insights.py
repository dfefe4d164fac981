"""What a segment is worth, beside everyone: all figures of its page from one query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import ibis

from core.arithmetic import ratio
from segments.compile import Context, bits, flags, ir, measured
from segments.numbers import counting
from segments.numbers.asking import answer
from segments.numbers.metrics import Measure
from segments.numbers.purchases import Purchases, purchases
from segments.numbers.spending import spending
from segments.rules.nodes import Last

YEAR = Last(1, "years")
INSIDE = "inside_"  # before the names of figures that are the segment's, not everyone's


@dataclass(frozen=True, slots=True)
class Sums:
    """What some customers come to; None where the data cannot tell.

    email, phone, both: those with a value in Merged Customers. active: those with an order
    in the last year, whose orders, revenue and units (pieces bought) the rest counts. own:
    own metrics by their names.
    """

    customers: int
    email: int | None = None
    phone: int | None = None
    both: int | None = None
    active: int | None = None
    orders: int | None = None
    revenue: float | None = None
    units: float | None = None
    own: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def neither(self) -> int | None:
        if self.email is None or self.phone is None or self.both is None:
            return None
        return self.customers - self.email - self.phone + self.both

    @property
    def order_value(self) -> float | None:
        return ratio(self.revenue, self.orders)

    @property
    def revenue_each(self) -> float | None:
        """Revenue a customer, those without orders included."""
        return ratio(self.revenue, self.customers)

    @property
    def orders_each(self) -> float | None:
        """Orders a customer, those without orders included."""
        return ratio(self.orders, self.customers)

    @property
    def units_each(self) -> float | None:
        """Units an order."""
        return ratio(self.units, self.orders)

    @property
    def unit_revenue(self) -> float | None:
        return ratio(self.revenue, self.units)


@dataclass(frozen=True, slots=True)
class Insights:
    """lacking: why a figure is not available, by its name in Sums, or own metric's."""

    segment: Sums
    everyone: Sums
    lacking: Mapping[str, str]


def insights(
    rule: Any, context: Context, measures: Iterable[Measure] = (), key: str = ""
) -> Insights:
    """The figures of the customers that match, and of everyone.

    measures: own metrics; one that the data cannot answer is told in ``lacking``. key: a
    name by which engine().cancel stops the query. Raises as ``counting.count`` does.
    """
    found = purchases(context.catalogue)
    reached = counting.contacts(context.catalogue)
    lacking = dict(found.lacking)
    fitting = []
    for measure in measures:
        if fault := measure.fault(context):
            lacking[measure.name] = f"not available: {fault}"
        else:
            fitting.append(measure)

    def counted() -> ir.Table:
        plan = _Plan({"inside": rule}, context, found, fitting, reached)
        inside = {INSIDE + name: value for name, value in plan.asked(plan.rows.inside).items()}
        return plan.rows.aggregate(**inside, **plan.asked())

    about = ("insights", [(each.attribute, each.event, each.aggregate) for each in fitting])
    row = answer(about, [rule], context, counted, key).row
    own = [each.name for each in fitting]
    inside = {name: row.pop(INSIDE + name) for name in tuple(row) if INSIDE + name in row}
    return Insights(_sums(inside, own), _sums(row, own), lacking)


def by_part(rules: Sequence[Any], context: Context, key: str = "") -> dict[int, Sums]:
    """The figures of the customers who match just these of the rules and none of the others.

    By the rules that they match (bit i: the i-th); those who match none are part 0, and a
    part that holds nobody is absent. Raises as ``counting.count`` does.
    """

    def counted() -> ir.Table:
        named = {f"rule_{place}": rule for place, rule in enumerate(rules)}
        plan = _Plan(
            named, context, purchases(context.catalogue), [], counting.contacts(context.catalogue)
        )
        parts = plan.rows.group_by(part=bits([plan.rows[name] for name in named]))
        return parts.aggregate(**plan.asked())

    found = answer("parts", rules, context, counted, key)
    names = found.columns[1:]
    return {int(part): _sums(dict(zip(names, values, strict=True))) for part, *values in found.rows}


# What each figure of a segment's page is made of, by its name there.
SOURCES = {
    "customers": ("customers",),
    "active": ("active",),
    "revenue": ("revenue",),
    "order_value": ("revenue", "orders"),
    "orders": ("orders", "customers"),
    "reach": ("customers", "phone", "email", "both"),
    "tree": ("customers", "orders", "revenue", "units"),
}

AVERAGES = ("order_value", "orders")


def alone(rule: Any, figure: str, context: Context) -> ir.Table:
    """One of SOURCES by itself: the sums that it is made of, of the customers that match, and
    what an average comes to, as ``result``.

    What the data cannot tell is no column. Raises RuleError, NoCustomersError.
    """
    sums = SOURCES[figure]
    bought = any(name in sums for name in ("active", "orders", "revenue", "units"))
    found = purchases(context.catalogue) if bought else Purchases()
    reached = counting.contacts(context.catalogue) if "both" in sums else {}
    plan = _Plan({}, context, found, [], reached, among=rule, units="units" in sums)
    told = plan.rows.aggregate(**{k: each for k, each in plan.asked().items() if k in sums})
    if figure in AVERAGES and all(name in told.columns for name in sums):
        whole, parts = (told[name].cast("float64") for name in sums)
        told = told.mutate(result=whole / parts.nullif(0))
    return told


def measure_alone(rule: Any, measure: Measure, context: Context) -> ir.Table:
    """The same of an own metric."""
    plan = _Plan({}, context, Purchases(), [measure], {}, among=rule)
    return plan.rows.aggregate(value=plan.asked()["own_0"])


def _sums(figures: Mapping[str, Any], own: Sequence[str] = ()) -> Sums:
    """What a query answered to ``_Plan.asked``. own: names of own metrics, in their order."""
    told = {name: _plain(value) for name, value in figures.items()}
    named = {name: told.pop(f"own_{place}") for place, name in enumerate(own)}
    amounts = {name: told.pop(name) for name in ("revenue", "units") if name in told}
    return Sums(**{name: int(n) for name, n in told.items()}, **amounts, own=named)


@dataclass
class _Plan:
    """Everyone, or those among a rule, with what is asked of each: the rules, contacts, orders,
    own metrics."""

    rules: Mapping[str, Any]
    context: Context
    purchases: Purchases
    measures: list[Measure]
    contacts: Mapping[str, Any]
    among: Any = None
    units: bool = True

    def __post_init__(self) -> None:
        typed = {
            f"own_{place}": measure.attribute
            for place, measure in enumerate(self.measures)
            if measure.attribute
        }
        rules = {**self.rules, **self.contacts}
        rows = flags(rules, self.context, among=self.among, columns=typed)
        rows = spending(rows, YEAR, self.purchases, self.context, units=self.units)
        self.bought = [name for name in ("orders", "revenue", "units") if name in rows.columns]
        for place, measure in enumerate(self.measures):
            if measure.event is not None:
                each = measured(measure.event, self.context)
                own = each.select(**{f"of_{place}": each.customer, f"own_{place}": each.result})
                rows = rows.left_join(own, [("customer_id", f"of_{place}")])
                if measure.event.measure in ("count", "total"):
                    rows = rows.mutate(**{f"own_{place}": rows[f"own_{place}"].fill_null(0)})
        self.rows = rows

    def asked(self, inside: ir.BooleanValue | None = None) -> dict[str, ir.Value]:
        """The aggregates: of those inside, of everyone without."""
        rows = self.rows
        found: dict[str, ir.Value] = {}
        found["customers"] = _many(inside) if inside is not None else rows.count()
        for name in self.contacts:
            found[name] = _many(_both(rows[name], inside))
        if len(self.contacts) == 2:
            found["both"] = _many(_both(rows.email & rows.phone, inside))
        if "orders" in self.bought:
            found["active"] = _many(_both(rows.orders > 0, inside))
        for name in self.bought:
            found[name] = rows[name].sum(where=inside).fill_null(0)
        for place, measure in enumerate(self.measures):
            found[f"own_{place}"] = measure.aggregated(rows[f"own_{place}"], inside)
        return found


def _both(condition: ir.BooleanValue, inside: ir.BooleanValue | None) -> ir.BooleanValue:
    return condition if inside is None else condition & inside


def _many(condition: ir.BooleanValue) -> ir.Value:
    """How often it is true; a sum is quicker than a count with a filter."""
    return condition.cast("int32").sum().fill_null(ibis.literal(0))


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
