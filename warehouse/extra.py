"""Tables that Muster itself adds to the customer tables, such as what it sent.

An app registers them in ``AppConfig.ready``. They are part of the catalogue; a query that
names one gets its rows as a relation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from warehouse.query import Relation

if TYPE_CHECKING:
    from warehouse.catalogue import CatalogueTable


@dataclass(frozen=True, slots=True)
class Extra:
    """relation: reads what the table holds now; called once for each query that needs it."""

    table: CatalogueTable
    relation: Callable[[], Relation]


_registered: dict[str, Extra] = {}


def register(name: str, table: CatalogueTable, relation: Callable[[], Relation]) -> None:
    """Add a table, in place of one of the warehouse that has the same name."""
    _registered[name] = Extra(table, relation)


def registered() -> dict[str, Extra]:
    """All of them by name."""
    return dict(_registered)


def relation(name: str) -> Relation | None:
    """The rows of the table of that name; None when Muster adds no such table."""
    extra = _registered.get(name)
    return extra.relation() if extra else None


def state(name: str) -> str | None:
    """What the table of that name holds now, as a text that is another whenever its rows are.

    '' when Muster adds no such table; None when only the rows themselves could tell.
    """
    rows = relation(name)
    if rows is None:
        return ""
    if isinstance(rows, pa.Table):
        return None if rows.num_rows else "empty"
    return "/".join(str(path) for path in rows)
