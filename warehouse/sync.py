"""Reading the catalogue from the warehouse: what is there, and what it seems to mean.

Facts (rows, types, fill, uniqueness) are always taken anew. Guesses (customer column, key,
meanings, joins) come from names and values together, and never replace what an admin said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from warehouse import guessing, meanings, survey
from warehouse.catalogue import within
from warehouse.engines import engine
from warehouse.engines.base import Engine
from warehouse.guessing import Guess
from warehouse.models import Attribute, Join, Sync, Table
from warehouse.survey import TableFacts

# Of an attribute, what syncing finds out.
FIELDS = ("name", "label", "position", "gone", "type", "zoned", "filled", "facts", "semantic")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What syncing found. gone: tables that the warehouse no longer has."""

    tables: Sequence[str]
    gone: Sequence[str]
    version: str


def sync() -> Outcome:
    """Bring the catalogue up to the data of now. Raises errors of the WarehouseError family."""
    source = engine()
    version = source.version()
    facts = survey.survey(source, named_customers())
    guesses = guessing.guess(source, facts, named_base())
    facts = with_whose(source, facts, guesses)
    with transaction.atomic():
        tables = store_tables(facts, guesses)
        store_attributes(tables, facts, guesses)
        store_joins(tables, guesses)
        gone = Table.objects.filter(gone=True).values_list("name", flat=True)
        Sync.objects.update_or_create(
            pk=1, defaults={"data_version": version, "synced_at": timezone.now()}
        )
        return Outcome([table.name for table in facts], list(gone), version)


def named_customers() -> dict[str, str]:
    """The customer columns that an admin named, by table in lower case."""
    corrected = Table.objects.filter(corrected=True)
    return {table.name.lower(): table.customer for table in corrected}


def named_base() -> str:
    synced = Sync.objects.first()
    return synced.base_table.lower() if synced else ""


def with_whose(
    source: Engine, facts: Sequence[TableFacts], guesses: Mapping[str, Guess]
) -> list[TableFacts]:
    """The facts, and of each customer column whether all of its values are everyone's ids."""
    named = named_customers()
    customers = {
        table.name: table.column(named.get(table.name.lower(), guesses[table.name].customer))
        for table in facts
    }
    everyone = guessing.base_table(facts, named_base())
    ids = customers[everyone.name] if everyone else None
    if everyone is None or ids is None or "unique" not in ids.facts:
        return list(facts)
    fact = within(everyone.name, ids.name)
    told = []
    for table in facts:
        column = customers[table.name]
        if column and survey.lies_within(source, table, column.name, everyone, ids.name):
            columns = [
                replace(each, facts=each.facts | {fact}) if each is column else each
                for each in table.columns
            ]
            table = replace(table, columns=columns)
        told.append(table)
    return told


def store_tables(facts: Sequence[TableFacts], guesses: Mapping[str, Guess]) -> dict[str, Table]:
    """The rows of Table by the tables' names in lower case, as the warehouse has them now."""
    known = {table.name.lower(): table for table in Table.objects.all()}
    fresh: list[Table] = []
    changed: list[Table] = []
    for found in facts:
        table = known.get(found.name.lower()) or Table(name=found.name)
        guess = guesses[found.name]
        table.name, table.rows, table.gone = found.name, found.rows, False
        if not table.corrected:
            table.label = meanings.table_label(found.name)
            table.customer = guess.customer
            table.key = guess.key
            table.one_per_customer = guess.one_per_customer
        (changed if table.pk else fresh).append(table)
    present = {found.name.lower() for found in facts}
    for name, table in known.items():
        if name not in present and not table.gone:
            table.gone = True
            changed.append(table)
    Table.objects.bulk_create(fresh)
    Table.objects.bulk_update(
        changed, ["name", "label", "rows", "gone", "customer", "key", "one_per_customer"]
    )
    return {table.name.lower(): table for table in [*fresh, *changed] if not table.gone}


def store_attributes(
    tables: Mapping[str, Table], facts: Sequence[TableFacts], guesses: Mapping[str, Guess]
) -> None:
    """Store the columns of each table; what an admin has corrected stays, what is gone is marked.

    tables, guesses: by the tables' names, of ``tables`` in lower case.
    """
    known = {
        (attribute.table_id, attribute.name.lower()): attribute
        for attribute in Attribute.objects.filter(table__in=tables.values())
    }
    fresh: list[Attribute] = []
    changed: list[Attribute] = []
    for found in facts:
        table, guess = tables[found.name.lower()], guesses[found.name]
        for position, column in enumerate(found.columns):
            attribute = known.pop((table.pk, column.name.lower()), None) or Attribute(table=table)
            before = stored(attribute)
            attribute.name, attribute.position, attribute.gone = column.name, position, False
            attribute.type, attribute.zoned = column.type, column.zoned
            attribute.filled, attribute.facts = column.filled, sorted(column.facts)
            if not attribute.corrected:
                attribute.label = meanings.label(column.name)
                attribute.semantic = guess.semantics.get(column.name, "")
            if not attribute.pk:
                fresh.append(attribute)
            elif stored(attribute) != before:
                changed.append(attribute)
    for attribute in known.values():
        if not attribute.gone:
            attribute.gone = True
            changed.append(attribute)
    Attribute.objects.bulk_create(fresh)
    Attribute.objects.bulk_update(changed, FIELDS, batch_size=500)


def stored(attribute: Attribute) -> list[object]:
    return [getattr(attribute, name) for name in FIELDS]


def store_joins(tables: Mapping[str, Table], guesses: Mapping[str, Guess]) -> None:
    """Guessed joins are made anew; one that an admin made or changed stays, and stands alone."""
    Join.objects.filter(table__in=tables.values(), corrected=False).delete()
    kept = {
        (table, column.lower())
        for table, column in Join.objects.filter(table__in=tables.values()).values_list(
            "table_id", "column"
        )
    }
    Join.objects.bulk_create(
        Join(
            table=tables[name.lower()],
            column=join.column,
            to_table=tables[join.table.lower()],
            to_column=join.to_column,
        )
        for name, guess in guesses.items()
        for join in guess.joins
        if (tables[name.lower()].pk, join.column.lower()) not in kept
    )
