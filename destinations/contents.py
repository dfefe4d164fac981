"""What a source holds: how much of it is filled, and how much of that could be sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

import duckdb
import ibis
import pyarrow as pa
from django.conf import settings
from django.core.cache import cache

from core.formats import percent
from destinations import sources
from warehouse import identifiers
from warehouse.catalogue import Catalogue, CatalogueTable, Column
from warehouse.engines import engine
from warehouse.models import Type
from warehouse.query import Query
from warehouse.scratch import scratch

KEPT = 7 * 86_400  # seconds; a new data version asks anew whatever is kept
GOOD_SHARE = 0.8  # of the filled values; below, the pages warn
LEAST_SHARE = 0.1  # below, a column is not what it would be sent as
KINDS = (identifiers.PHONE, identifiers.EMAIL)
NOUNS = {identifiers.PHONE: "phones", identifiers.EMAIL: "emails"}


@dataclass(frozen=True, slots=True)
class Content:
    """Rows of the table, those that are filled, of these the valid phones and valid emails.

    phone, email: one valid value each, masked.
    """

    rows: int
    filled: int
    phones: int
    emails: int
    phone: str = ""
    email: str = ""

    def valid(self, kind: str) -> int:
        return self.phones if kind == identifiers.PHONE else self.emails

    def share(self, kind: str) -> float:
        """Of the filled values; 0 where nothing is filled."""
        return self.valid(kind) / self.filled if self.filled else 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """A source's content, read as phones or as emails, as a page shows it.

    misfit: why it cannot be sent as that; warning: what deserves a look; '' when nothing.
    """

    kind: str
    rows: int
    filled: int
    valid: int
    sample: str
    misfit: str
    warning: str


def contents(chosen: Iterable[str], catalogue: Catalogue) -> dict[str, Content]:
    """What each "table.column" holds, over every row; kept while the data is the same.

    One that is no longer there, or has no text with one row a customer, is left
    out. Raises errors of the WarehouseError family.
    """
    usable = _usable(chosen, catalogue)
    keys = _keys(usable)
    found = _kept(keys)
    for source, place in usable.items():
        if source not in found:
            found[source] = _read(*place)
            cache.set(keys[source], asdict(found[source]), KEPT)
    return found


def kept(chosen: Iterable[str], catalogue: Catalogue) -> dict[str, Content]:
    """What is known already of what each "table.column" holds: no value is read.

    Raises errors of the WarehouseError family.
    """
    return _kept(_keys(_usable(chosen, catalogue)))


def reading(source: str, kind: str, catalogue: Catalogue) -> Reading | None:
    """The source read as phones or as emails; None when ``contents`` leaves it out."""
    content = contents([source], catalogue).get(source)
    if content is None:
        return None
    return Reading(
        kind=kind,
        rows=content.rows,
        filled=content.filled,
        valid=content.valid(kind),
        sample=content.phone if kind == identifiers.PHONE else content.email,
        misfit=misfit(source, kind, content) or sources.fault(kind, source, catalogue),
        warning=warning(source, kind, content),
    )


def refusal(kind: str, source: str, catalogue: Catalogue) -> str:
    """Why the source cannot be sent as phones (or emails), its values asked first; '' when it can.

    Raises errors of the WarehouseError family.
    """
    if not source:
        return f"Choose the source of the {kind}."
    found = reading(source, kind, catalogue)
    return found.misfit if found else sources.fault(kind, source, catalogue)


def misfit(source: str, kind: str, content: Content) -> str:
    """Why a column cannot be sent as phones (or emails), by its values; '' when it can."""
    other = KINDS[1 - KINDS.index(kind)]
    column = source.partition(".")[2]
    if not content.filled or content.share(kind) >= max(content.share(other), LEAST_SHARE):
        return ""
    if content.share(other) > content.share(kind):
        return (
            f"{percent(content.share(other))} of {column} are {NOUNS[other]}. "
            f"Choose it for {other}, or another column for {kind}."
        )
    return (
        f"Only {percent(content.share(kind))} of {column} are {NOUNS[kind]}. Choose another column."
    )


def warning(source: str, kind: str, content: Content) -> str:
    """What deserves a look in a column that can be sent; '' when nothing does."""
    column = source.partition(".")[2]
    if not content.filled:
        return f"{column} is empty: nobody would be sent."
    if content.share(kind) < GOOD_SHARE:
        return f"Only {percent(content.share(kind))} of {column} are valid {NOUNS[kind]}."
    return ""


def masked(identifier: str) -> str:
    """An identifier as a page may show it: ``+1 *** 0143``, ``j***@ex...``."""
    name, at, host = identifier.partition("@")
    if at:
        return f"{name[:1]}***@{host[:2]}..."
    code = "+1" if identifier.startswith("+1") else identifier[:3]
    return f"{code} *** {identifier[-4:]}"


def _usable(
    chosen: Iterable[str], catalogue: Catalogue
) -> dict[str, tuple[CatalogueTable, Column]]:
    return {
        source: place
        for source in dict.fromkeys(chosen)
        if (place := sources.readable(source, catalogue))
    }


def _keys(usable: Mapping[str, tuple[CatalogueTable, Column]]) -> dict[str, str]:
    version = engine().version() if usable else ""
    return {source: _key(*place, version) for source, place in usable.items()}


def _kept(keys: Mapping[str, str]) -> dict[str, Content]:
    found = cache.get_many(list(keys.values()))
    return {source: Content(**found[key]) for source, key in keys.items() if key in found}


def _read(table: CatalogueTable, column: Column) -> Content:
    """All values in one query, each judged as both kinds."""
    kind = "string" if column.type == Type.TEXT else "float64"
    rows = ibis.table({column.name: kind}, name=table.name)
    values = rows.select(value=rows[column.name].cast("string"))
    query = Query(str(ibis.to_sql(values, dialect=engine().dialect)))
    with scratch() as connection:
        connection.execute("CREATE TABLE given (value VARCHAR)")
        for batch in engine().stream(query):
            _insert(connection, batch)
        identifiers.normalise(
            connection,
            "(SELECT value, value AS phone, value AS email FROM given)",
            {kind: kind for kind in KINDS},
            "settled",
        )
        [row] = connection.execute(
            "SELECT count(*), count(*) FILTER (trim(value, $white) <> ''), count(phone), "
            "count(email), min(phone), min(email) FROM settled",
            {"white": identifiers.WHITE_SPACE},
        ).fetchall()
    return Content(*row[:4], *(masked(value) if value else "" for value in row[4:]))


def _insert(connection: duckdb.DuckDBPyConnection, batch: pa.RecordBatch) -> None:
    connection.register("batch", pa.Table.from_batches([batch]))
    connection.execute("INSERT INTO given SELECT value FROM batch")
    connection.unregister("batch")


def _key(table: CatalogueTable, column: Column, version: str) -> str:
    text = json.dumps([table.name, column.name, version, settings.DEFAULT_COUNTRY])
    return f"contents:{hashlib.sha256(text.encode()).hexdigest()}"
