"""What customers did, each by its plain name: "Bought", "Repeat purchase", "Was in a campaign"."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from segments.rules.joins import paths, time_of
from segments.wording import words
from warehouse.catalogue import Catalogue, CatalogueTable

SENT = "campaign_recipients"  # what Muster itself sent
# What a purchase is mostly narrowed down by, as people think of it.
FILTERS = ("product_name", "category", "brand", "store", "channel")
LATELY: dict[str, Any] = {"last": 90, "unit": "days"}
LONG_AGO: dict[str, Any] = {"days_ago": 90}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A criterion about events that is ready to be filled in.

    key: what stands for it in a picklist; also: other words by which it is found;
    asks: the criterion without its table; about: the column ("table.column") of a
    condition that it begins with.
    """

    key: str
    text: str
    also: str = ""
    asks: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""


def behaviours(table: CatalogueTable, catalogue: Catalogue) -> list[Behaviour]:
    """All that can be asked about the events of a table, the plainest first."""
    if table.name.lower() == SENT:
        return list(_sent(table))
    return list(_done(table, catalogue))


def criterion(table: CatalogueTable, key: str, catalogue: Catalogue) -> dict[str, Any]:
    """The rule of a behaviour; of one that nobody knows, whether there is any such event."""
    known = {each.key: each for each in behaviours(table, catalogue)}
    found = known.get(key, Behaviour("has", "", asks=ONCE))
    made = {"event": table.name, **copy.deepcopy(dict(found.asks))}
    if found.about:
        made["where"] = {"all": [{"attribute": found.about, "operator": "is_in", "value": []}]}
    return made


ONCE: dict[str, Any] = {"operator": "at_least", "value": 1}
NEVER: dict[str, Any] = {"operator": "is", "value": 0}


def _done(table: CatalogueTable, catalogue: Catalogue) -> Iterator[Behaviour]:
    bought = words.is_purchase(table)
    label = words.lowered(words.table_label(table, table.name))
    many, one = ("purchases", "purchase") if bought else (label, words.singular(label))
    yield Behaviour("has", "Bought" if bought else f"Has {many}", f"has purchased {label}", ONCE)
    yield Behaviour(
        "has_not",
        "Has not bought" if bought else f"Has no {many}",
        f"has not purchased never without {label}",
        NEVER,
    )
    timed = time_of(table, catalogue) is not None
    if timed and table.customer:
        yield Behaviour(
            "first", f"First {one}", "new", {"which": "first", "period": LATELY, **ONCE}
        )
        yield Behaviour(
            "repeat", f"Repeat {one}", "again", {"which": "repeat", "period": LATELY, **ONCE}
        )
    if table.customer:
        yield Behaviour(
            "most_frequent",
            f"Most frequent {one}",
            "favourite favorite most often",
            {"measure": "most_frequent", "of": ""},
        )
    yield Behaviour("number", f"Number of {many}", "how many times count", {**ONCE, "value": 2})
    yield from _sums(table, catalogue, many)
    if timed and table.customer:
        for measure in ("first", "last"):
            yield Behaviour(
                f"days_{measure}",
                f"Days since {measure} {one}",
                "how long ago recency",
                {"measure": measure, "operator": "is_before", "value": LONG_AGO},
            )


def _sums(table: CatalogueTable, catalogue: Catalogue, many: str) -> Iterator[Behaviour]:
    if table.meaning("order_value") is not None:
        for measure, text in (("total", "Total value"), ("average", "Average value")):
            yield Behaviour(
                measure, f"{text} of {many}", "spent revenue amount", _at_least(measure)
            )
    if of := _quantity(table, catalogue):
        yield Behaviour(
            "quantity", "Quantity of items", f"number units {many}", _at_least("total", of)
        )


def _at_least(measure: str, of: str = "") -> dict[str, Any]:
    asked = {"measure": measure, "operator": "at_least", "value": ""}
    return {**asked, "of": of} if of else asked


def _quantity(table: CatalogueTable, catalogue: Catalogue) -> str:
    for name in paths(table, catalogue):
        column = catalogue.tables[name].meaning("quantity")
        if column is not None and column.type == "number":
            return f"{name}.{column.name}"
    return ""


def _sent(table: CatalogueTable) -> Iterator[Behaviour]:
    """Campaign activity. Who was held out was in a campaign, but nothing was sent to her."""

    def about(name: str) -> str:
        return f"{table.name}.{name}"

    sent = {"where": {"attribute": about("control"), "operator": "is_false"}}
    yield Behaviour("has", "Was in a campaign", "received recipients", ONCE, about("campaign"))
    yield Behaviour("has_not", "Was not in a campaign", "never", NEVER, about("campaign"))
    yield Behaviour("part", "Was in a sub-audience", "campaign", ONCE, about("sub_audience"))
    yield Behaviour(
        "group", "Was in a treatment group", "campaign treatment", ONCE, about("treatment_group")
    )
    yield Behaviour(
        "number", "Number of times sent", "how many campaigns", {**ONCE, "value": 2, **sent}
    )
    for measure, text in (("first", "First sent"), ("last", "Last sent")):
        span = {"n": 30, "unit": "days"}
        asks = {"measure": measure, "operator": "is_in_last", "value": span, **sent}
        yield Behaviour(measure, text, "campaign days since", asks)
