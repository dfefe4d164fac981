"""What can be chosen in the editor, as options of a picklist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from core import formats
from core.nearest import nearest
from segments.rules import type_of
from segments.rules.joins import customer_of, paths
from segments.rules.operators import OPERATORS
from segments.wording import words
from segments.wording.behaviours import FILTERS, Behaviour, behaviours
from warehouse.catalogue import Catalogue, CatalogueTable, Column
from warehouse.meanings import is_id
from warehouse.models import Semantic
from warehouse.personal import is_personal
from warehouse.samples import samples

Option = dict[str, Any]
MEANINGS = {meaning.value: str(meaning.label) for meaning in Semantic}
SHOWN = 200
STARTERS = 4


def criteria(
    catalogue: Catalogue, segments: Iterable[str] = (), lists: Iterable[str] = ()
) -> list[Option]:
    """All that a line can ask: purchases and other events, segments, lists, then attributes.

    segments, lists: the names of those that there are.
    """
    found = [
        _behaviour(each, table)
        for table in events(catalogue)
        for each in behaviours(table, catalogue)
    ]
    members: list[Option] = [
        {"value": "segment:", "text": "In a segment", "note": "Members of a saved segment"}
    ]
    members += [
        {"value": f"segment:{name}", "text": f"In {name}", "note": "Segment"} for name in segments
    ]
    members += [
        {"value": f"member:{name}", "text": f"Member of {name}", "note": "Uploaded list"}
        for name in lists
    ]
    found += [{**each, "group": "Segments and lists"} for each in members]
    return found + attributes(catalogue)


def _behaviour(behaviour: Behaviour, table: CatalogueTable) -> Option:
    return {
        "value": f"event {behaviour.key}:{table.name}",
        "text": behaviour.text,
        "find": f"{behaviour.also} {table.name}",
        "group": words.table_label(table, table.name),
    }


def attributes(catalogue: Catalogue) -> list[Option]:
    """The columns of tables with one row a customer, those of the base table first."""
    tables = [table for table in catalogue.tables.values() if table.one_per_customer]
    tables.sort(key=lambda table: (table.name != catalogue.base, table.name))
    return [column_option(table, column) for table in tables for column in table.columns.values()]


def events(catalogue: Catalogue) -> list[CatalogueTable]:
    """The tables with many rows a customer: purchases first, orders before what is in them."""
    found = [
        table
        for table in catalogue.tables.values()
        if not table.one_per_customer and customer_of(table, catalogue) is not None
    ]
    names = {table.name for table in found}

    def place(table: CatalogueTable) -> tuple[bool, bool, str]:
        part = any(join.table in names for join in table.joins)
        return not table.meaning("order_value"), part, table.name

    return sorted(found, key=place)


def event_columns(
    event: CatalogueTable, catalogue: Catalogue, types: Iterable[str] = ()
) -> list[Option]:
    """The columns of an event's table and of all tables it leads to.

    What a purchase is mostly narrowed down by comes first: product, category, brand,
    store, channel.
    """
    tables = [catalogue.tables[name] for name in paths(event, catalogue)]
    tables.sort(key=lambda table: table.meaning("category") is None)
    wanted = set(types)
    found = [
        (table, column)
        for table in tables
        for column in table.columns.values()
        if not wanted or type_of(table, column) in wanted
    ]
    found.sort(
        key=lambda each: FILTERS.index(each[1].semantic) if each[1].semantic in FILTERS else 9
    )
    return [column_option(*each) for each in found]


def has_numbers(event: CatalogueTable, catalogue: Catalogue) -> bool:
    """Whether any column of an event's table, or of those it leads to, is a number."""
    tables = (catalogue.tables[name] for name in paths(event, catalogue))
    return any(
        type_of(table, each) == "number" for table in tables for each in table.columns.values()
    )


def event_option(table: CatalogueTable) -> Option:
    label = words.table_label(table, table.name)
    bought = words.is_purchase(table)
    note = f"{formats.counted(table.rows, 'row')} with dates" if table.rows else "Events"
    return {
        "value": f"event:{table.name}",
        "text": f"Bought ({words.lowered(label)})" if bought else label,
        "note": note,
    }


def column_option(table: CatalogueTable, column: Column) -> Option:
    """A column as it can be picked: amount and share say how much of it is filled."""
    kind = words.TYPES[type_of(table, column)]
    label = words.column_label(column, column.name)
    meaning = MEANINGS.get(column.semantic, "")
    note = [each for each in (meaning, kind) if each and each != label]
    option: Option = {
        "value": f"attribute:{table.name}.{column.name}",
        "text": label,
        "note": ", ".join(note),
        "find": column.name,
        "group": words.table_label(table, table.name),
    }
    if column.filled is not None and table.rows:
        option["amount"] = f"{formats.percent(column.filled / table.rows)} filled"
        option["share"] = round(column.filled / table.rows * 100)
    return option


def starters(catalogue: Catalogue) -> list[Option]:
    """Four criteria to begin an empty segment with, from what there is."""
    bought = [table for table in events(catalogue) if words.is_purchase(table)][:1]
    found = [
        _behaviour(each, table)
        for table in bought
        for each in behaviours(table, catalogue)
        if each.key in ("has", "days_last")
    ]
    base = catalogue.table(catalogue.base)
    for column in base.columns.values() if base else ():
        if base and column.type in ("text", "yes_no") and _speaks(base, column):
            found.append(column_option(base, column))
    return found[:STARTERS]


def _speaks(table: CatalogueTable, column: Column) -> bool:
    """Whether a column says something that customers share, rather than who they are."""
    told_apart = column.name == table.customer or is_id(column.name)
    return not told_apart and not is_personal(column)


def named(name: str, known: bool) -> list[Option]:
    """What a picklist whose options come as they are asked for holds: nothing, or a name."""
    if not name:
        return [{"value": "", "text": "", "selected": True}]
    chosen: Option = {"value": name, "text": name, "selected": True}
    return [chosen if known else {**chosen, "gone": True}]


def names(known: Iterable[str]) -> list[Option]:
    """Names as a picklist offers them, in their order."""
    return [{"value": each, "text": each} for each in sorted(known, key=str.casefold)]


def found(
    options: Iterable[Option],
    search: str,
    catalogue: Catalogue | None = None,
    recent: Sequence[str] = (),
    operators: bool = True,
) -> dict[str, Any]:
    """The options that hold every word that was typed, as static/js/picklist.js wants them.

    Those whose words begin so come first, then those whose names hold it, then those of
    which only a note does. An attribute that is the only one found, or of which an
    operator was typed too ("income blank"), brings its ``operators``. catalogue: of the
    attributes among them. recent: columns that come first as long as nothing is typed.
    """
    options = list(options)
    asked = search.lower().split()
    hits = [option for option in options if _holds(option, asked)]
    hits.sort(key=lambda option: _rank(option, asked))
    if asked and catalogue and operators:
        hits += _with_operators(options, hits, asked, catalogue)
    elif recent:
        hits = _recent(hits, recent) + hits
    each_once = {option["value"]: option for option in reversed(hits)}
    hits = [each_once[value] for value in dict.fromkeys(option["value"] for option in hits)]
    shown = [_sampled(option, catalogue) if catalogue else option for option in hits[:SHOWN]]
    near = "" if hits or not asked else nearest(search, (each["text"] for each in options))
    return {"options": shown, "more": max(len(hits) - SHOWN, 0), "near": near}


def _holds(option: Option, asked: list[str]) -> bool:
    parts = (
        option["text"],
        option.get("note", ""),
        option.get("find", ""),
        option.get("group", ""),
    )
    text = " ".join(parts).lower()
    return all(word in text for word in asked)


def _rank(option: Option, asked: list[str]) -> int:
    text = str(option["text"]).lower()
    if all(any(part.startswith(word) for part in text.split()) for word in asked):
        return 0
    return 1 if all(word in text for word in asked) else 2


def _with_operators(
    options: list[Option], hits: list[Option], asked: list[str], catalogue: Catalogue
) -> Iterator[Option]:
    columns = [option for option in hits if option["value"].startswith("attribute:")]
    alone = columns if len(columns) == 1 else []  # it comes first, with its usual operator
    for option in options:
        if not option["value"].startswith("attribute:"):
            continue
        left = [word for word in asked if word not in option["text"].lower()]
        if option not in alone and (not left or len(left) == len(asked)):
            continue
        name = option["value"].removeprefix("attribute:")
        for operator in OPERATORS[column_type(name, catalogue)]:
            said = words.OPERATORS[operator]
            if option in alone or all(word in said for word in left):
                yield {
                    "value": f"attribute {operator}:{name}",
                    "text": f"{option['text']} {said}",
                    "find": option["find"],
                    "group": option["group"],
                }


def column_type(name: str, catalogue: Catalogue) -> str:
    """The type of "table.column" as rules see it; text where there is no such column."""
    known = catalogue.find(name)
    return type_of(*known) if known else "text"


def _recent(options: list[Option], columns: Sequence[str]) -> list[Option]:
    by_value = {option["value"].lower(): option for option in options}
    found = (by_value.get(f"attribute:{column}".lower()) for column in columns)
    return [{**option, "group": "Recent"} for option in found if option]


def _sampled(option: Option, catalogue: Catalogue) -> Option:
    """An attribute with values that it has, such as they are."""
    known = catalogue.find(str(option["value"]).partition(":")[2])
    if not known or not option["value"].startswith("attribute:"):
        return option
    values = samples(known[0]).get(known[1].name)
    if not values:
        return option
    return {**option, "note": f"{option['note']}, such as {', '.join(values)}".lstrip(", ")}


def of_values(
    values: Sequence[tuple[str, int]], recent: Sequence[str], numbers: bool = False
) -> list[Option]:
    """Real values with how often they occur; recent: those that come first, where they occur.

    numbers: written as people do, 12.5 for 12.50.
    """
    if numbers:
        values = [(format(Decimal(each).normalize(), "f"), count) for each, count in values]
    most = max((count for _, count in values), default=0)
    found: list[Option] = [
        {
            "value": value,
            "text": value,
            "amount": formats.count(count),
            "share": round(count / most * 100) if most else 0,
        }
        for value, count in values
    ]
    by_value = {option["value"]: option for option in found}
    first = [{**by_value[each], "group": "Recent"} for each in recent if each in by_value]
    named = {option["value"] for option in first}
    return first + [option for option in found if option["value"] not in named]


def chosen(options: Iterable[tuple[str, str]], value: str) -> Iterator[Option]:
    """Plain options of a select, the chosen one marked."""
    for each, text in options:
        yield {"value": each, "text": text, "selected": each == value}
