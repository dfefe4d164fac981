"""What may be typed on the page of own metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from segments.models import Metric
from segments.numbers import metrics
from segments.rules import type_of
from segments.rules.joins import time_of
from segments.sheets import options
from segments.wording import words
from warehouse.catalogue import Catalogue

PERIODS = [
    ("", "All time"),
    ("30", "Last 30 days"),
    ("90", "Last 90 days"),
    ("365", "Last 365 days"),
]


class MetricForm(forms.ModelForm):
    """measured: "attribute:TABLE.COLUMN", "count:EVENT" or "total:EVENT.COLUMN"."""

    measured = forms.ChoiceField(label="What")
    period = forms.ChoiceField(
        label="When", choices=PERIODS, required=False, help_text="For events such as orders."
    )

    class Meta:
        model = Metric
        fields = ["name", "measured", "aggregate", "period", "format", "unit"]
        labels = {"aggregate": "Over the customers", "format": "Shown as"}
        help_texts = {"unit": "Words behind the number, such as visits or points."}
        error_messages = {"name": {"required": "Give the metric a name."}}

    def __init__(self, catalogue: Catalogue, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.catalogue = catalogue
        self.fields["measured"].choices = [("", "Choose"), *measurable(catalogue)]  # type: ignore[attr-defined]
        self.fields["aggregate"].choices = [("", "Choose"), *Metric.Aggregate.choices]  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial.update(_chosen(self.instance.measured))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("measured") and cleaned.get("aggregate"):
            measured = _json(cleaned["measured"], cleaned.get("period", ""), self.catalogue)
            if fault := metrics.fault(measured, cleaned["aggregate"], self.catalogue):
                self.add_error("aggregate", fault)
            cleaned["measured"] = measured
        return cleaned


def measurable(catalogue: Catalogue) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be measured, by tables: attributes of customers, events and their numbers."""
    found: dict[str, list[tuple[str, str]]] = {}
    for option in options.attributes(catalogue):
        table, column = catalogue.find(option["value"].removeprefix("attribute:")) or (None, None)
        if table and column and column.name.lower() != table.customer.lower():
            offered = found.setdefault(words.table_label(table, table.name), [])
            offered.append((str(option["value"]), words.column_label(column, column.name)))
    for table in options.events(catalogue):
        label = words.table_label(table, table.name)
        offered = found.setdefault(label, [])
        offered.append((f"count:{table.name}", f"{label}: how many"))
        for column in table.columns.values():
            if type_of(table, column) == "number":
                told = f"{label}: {words.lowered(words.column_label(column, column.name))}, total"
                offered.append((f"total:{table.name}.{column.name}", told))
    return list(found.items())


def _chosen(measured: Mapping[str, Any]) -> dict[str, str]:
    """The fields from what is stored: the way back from ``_json``."""
    if "attribute" in measured:
        return {"measured": f"attribute:{measured['attribute']}", "period": ""}
    of = f"total:{measured['of']}" if "of" in measured else f"count:{measured['event']}"
    return {"measured": of, "period": str(measured.get("period", {}).get("last", ""))}


def _json(chosen: str, period: str, catalogue: Catalogue) -> dict[str, Any]:
    kind, _, name = chosen.partition(":")
    if kind == "attribute":
        return {"attribute": name}
    found = catalogue.find(name) if kind == "total" else None
    table = found[0] if found else catalogue.table(name)
    measured: dict[str, Any] = {"event": table.name if table else name}
    if found:
        measured |= {"measure": "total", "of": name}
    if period and table and time_of(table, catalogue):
        measured["period"] = {"last": int(period), "unit": "days"}
    return measured
