"""The catalogue as plain values: what rules are checked against and compiled from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Column:
    """type: a value of models.Type; semantic: one of models.Semantic or ''.

    zoned: a time that carries its zone (a moment); others are in the brand's zone.
    facts: what is known of all values, so that a query may leave work out:
    "unique" (nor is one blank), "trimmed" (no white space around), "lower" (no upper case).
    """

    name: str
    type: str
    semantic: str = ""
    label: str = ""
    filled: int | None = None
    zoned: bool = False
    facts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class JoinTo:
    """Each row of the table leads to the row of ``table`` whose ``to_column`` equals ``column``."""

    column: str
    table: str
    to_column: str


@dataclass(frozen=True, slots=True)
class CatalogueTable:
    """A table. customer: the customer id column or ''; key: the column naming a row, or ''.

    one_per_customer: its columns are attributes of customers; otherwise, with
    a customer column, its rows are events. Column names are the keys of
    ``columns`` in the warehouse's own spelling.
    """

    name: str
    columns: Mapping[str, Column]
    customer: str = ""
    key: str = ""
    one_per_customer: bool = False
    joins: tuple[JoinTo, ...] = ()
    rows: int | None = None
    label: str = ""

    def column(self, name: str) -> Column | None:
        """The column of that name, whatever its case."""
        folded = name.lower()
        return next((c for c in self.columns.values() if c.name.lower() == folded), None)

    def meaning(self, semantic: str) -> Column | None:
        """The first column with that semantic."""
        return next((c for c in self.columns.values() if c.semantic == semantic), None)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All tables, by their own names. version: the data version they were read at."""

    tables: Mapping[str, CatalogueTable] = field(default_factory=dict)
    base: str = ""  # the table whose customer ids are everyone
    version: str = ""

    def table(self, name: str) -> CatalogueTable | None:
        """The table of that name, whatever its case."""
        folded = name.lower()
        return next((t for t in self.tables.values() if t.name.lower() == folded), None)
