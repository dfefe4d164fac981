"""How operators, measures and units read: in menus and in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warehouse.catalogue import Catalogue, CatalogueTable, Column

# Menus: operator -> words, whatever the type.
OPERATORS = {
    "is": "is",
    "is_not": "is not",
    "is_in": "is any of",
    "is_not_in": "is none of",
    "contains": "contains",
    "does_not_contain": "does not contain",
    "starts_with": "starts with",
    "does_not_start_with": "does not start with",
    "ends_with": "ends with",
    "does_not_end_with": "does not end with",
    "matches": "matches pattern",
    "does_not_match": "does not match pattern",
    "less_than": "less than",
    "at_most": "at most",
    "greater_than": "more than",
    "at_least": "at least",
    "between": "between",
    "is_not_between": "not between",
    "is_on": "on",
    "is_not_on": "not on",
    "is_before": "before",
    "is_on_or_before": "on or before",
    "is_after": "after",
    "is_on_or_after": "on or after",
    "is_between": "between",
    "is_in_last": "in the last",
    "is_not_in_last": "not in the last",
    "is_in_next": "in the next",
    "is_not_in_next": "not in the next",
    "has_anniversary_in_next": "has an anniversary in the next",
    "has_anniversary_today": "has an anniversary today",
    "is_in_this": "in this",
    "is_in_previous": "in the previous",
    "is_true": "is yes",
    "is_false": "is no",
    "is_blank": "is blank",
    "is_not_blank": "is not blank",
}
MEASURES = {
    "count": "times",
    "total": "total",
    "average": "average",
    "lowest": "lowest",
    "highest": "highest",
    "first": "first",
    "last": "last",
    "most_frequent": "most frequent",
}
TYPES = {
    "text": "Text",
    "number": "Number",
    "date": "Date",
    "time": "Date and time",
    "yes_no": "Yes or no",
}


def table_label(table: CatalogueTable | None, name: str) -> str:
    return (table.label if table else "") or _spaced(name)


def criterion_label(criterion: Mapping[str, Any], catalogue: Catalogue) -> str:
    """What a criterion or group is about, in a word or two: "Household income", "Orders"."""
    if "segment" in criterion:
        return str(criterion["segment"]) or "Segment"
    if "event" in criterion:
        event = str(criterion["event"])
        return table_label(catalogue.table(event), event)
    if "attribute" in criterion:
        attribute = str(criterion["attribute"])
        found = catalogue.find(attribute)
        return column_label(found[1] if found else None, attribute)
    return "Group"


def nothing(criterion: Mapping[str, Any], catalogue: Catalogue) -> str:
    """What a customer lacks for whom it is blank: "no household income on file"."""
    label = lowered(criterion_label(criterion, catalogue))
    if "event" not in criterion:
        return f"no {label} on file"
    of = str(criterion.get("of") or "")
    if not of:
        return f"no such {label} on file"
    found = catalogue.find(of)
    column = lowered(column_label(found[1] if found else None, of))
    return f"no such {label}, or no {column} in them"


def column_label(column: Column | None, attribute: str) -> str:
    return (column.label if column else "") or _spaced(attribute.rpartition(".")[2])


def lowered(label: str) -> str:
    """For the middle of a sentence: "Household income" -> "household income", "SMS" stays."""
    first = label.split(" ", 1)[0]
    return label if first.isupper() and len(first) > 1 else label[:1].lower() + label[1:]


def singular(label: str) -> str:
    return label[:-1] if label.endswith("s") else label


def _spaced(name: str) -> str:
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def is_purchase(table: CatalogueTable | None) -> bool:
    """Whether the rows of a table are purchases, and so are bought rather than had."""
    if table is None:
        return False
    return bool(table.meaning("order_value")) or table.name.lower() in ("orders", "order_items")
