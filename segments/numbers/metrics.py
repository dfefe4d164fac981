"""Own metrics: what a brand likes to know of every segment, beside what Muster tells of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from core.errors import MusterError
from segments.compile import Context, ir
from segments.compile.operands import Operand
from segments.compile.text import is_blank
from segments.models import Metric
from segments.rules import check, parse, type_of
from segments.rules.nodes import Event
from segments.wording.words import column_label, lowered, table_label
from warehouse.catalogue import Catalogue
from warehouse.personal import is_personal

MOST = 10
OF_NUMBERS = ("average", "total", "lowest", "highest")
OF_ANY = ("count", "bars")


class TooManyMetricsError(MusterError):
    def __str__(self) -> str:
        return f"There are {MOST} own metrics already. Remove one first."


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric as it is counted. attribute: "table.column", or '' where an event is measured.

    event: what is measured for each customer; those without events count as 0 in a count
    or total and are left out otherwise. aggregate: a value of Metric.Aggregate, over customers.
    """

    name: str
    attribute: str
    event: Event | None
    aggregate: str
    json: Any = None

    def fault(self, context: Context) -> str:
        """Why the data cannot answer it, '' when it can."""
        return fault(self.json, self.aggregate, context.catalogue)

    def aggregated(self, value: ir.Value, inside: ir.BooleanValue | None) -> ir.Value:
        """The value's aggregate over those inside, or over everyone; null over nobody."""
        match self.aggregate:
            case "average":
                return value.mean(where=inside)
            case "total":
                return value.sum(where=inside).fill_null(0)
            case "lowest":
                return value.min(where=inside)
            case "highest":
                return value.max(where=inside)
            case "count":
                text = value.type().is_string()
                known = ~is_blank(Operand(value, "text")) if text else value.notnull()
                known = known if inside is None else known & inside
                return known.cast("int32").sum().fill_null(0)
        return value.fill_null(False).cast("int32").mean(where=inside)


def measure_of(metric: Metric) -> Measure:
    json: Mapping[str, Any] = metric.measured
    event = parse({**json, "operator": "at_least", "value": 1}) if "event" in json else None
    return Measure(
        metric.name,
        json.get("attribute", ""),
        event if isinstance(event, Event) else None,
        metric.aggregate,
        json,
    )


def fault(measured: Mapping[str, Any], aggregate: str, catalogue: Catalogue) -> str:
    """Why the data cannot answer a metric, '' when it can.

    measured: {"attribute"}, or an event of the rule language without operator and value.
    """
    if "attribute" in measured:
        found = catalogue.find(measured["attribute"])
        faults = check({"attribute": measured["attribute"], "operator": "is_blank"}, catalogue, {})
        if faults or found is None:
            return str(faults[0].text) if faults else "There is no such column."
        wanted = {"number": OF_NUMBERS, "yes_no": ("share",)}.get(type_of(*found), ())
        if aggregate == "bars" and is_personal(found[1]):
            return f"{column_label(found[1], found[1].name)} is personal: choose another column."
        if aggregate not in (*wanted, *OF_ANY):
            wording = Metric.Aggregate(aggregate).label.lower()
            return f"{column_label(found[1], found[1].name)} has no {wording}."
        return ""
    faults = check({**measured, "operator": "at_least", "value": 1}, catalogue, {})
    if faults:
        return str(faults[0].text)
    return "" if aggregate in OF_NUMBERS else "Choose an average, a total, the lowest or highest."


def save(metric: Metric) -> Metric:
    """Store it, a new one after the others. Raises TooManyMetricsError."""
    if metric.pk:
        metric.save()
        return metric
    with transaction.atomic():
        stored = Metric.objects.select_for_update()
        places = list(stored.values_list("position", flat=True))
        if len(places) >= MOST:
            raise TooManyMetricsError
        metric.position = max(places, default=0) + 1
        metric.save()
    return metric


def said(metric: Metric, catalogue: Catalogue) -> str:
    """What a metric measures, in words: "Average of Orders: how many, last 90 days"."""
    if metric.aggregate == Metric.Aggregate.BARS:
        return f"Bar chart of {_measured(metric, catalogue)}"
    if metric.aggregate == Metric.Aggregate.COUNT:
        return f"How many have a value of {_measured(metric, catalogue)}"
    return f"{metric.get_aggregate_display()} of {_measured(metric, catalogue)}"


def _measured(metric: Metric, catalogue: Catalogue) -> str:
    json: Mapping[str, Any] = metric.measured
    name = json.get("attribute") or json.get("of") or ""
    found = catalogue.find(name)
    column = column_label(found[1] if found else None, name) if name else "how many"
    if "event" in json:
        table = table_label(catalogue.table(json["event"]), json["event"])
        column = f"{table}: {lowered(column)}"
    period = json.get("period", {})
    when = f", last {period['last']} {period['unit']}" if "last" in period else ""
    return f"{column}{when}"
