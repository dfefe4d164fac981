"""The text that runs: written anew from the parts of a SELECT, each name bound to one thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlglot.expressions as exp

from segments.sql.reading import Statement, folded
from warehouse.catalogue import CatalogueTable

Place = Callable[[str], Sequence[str]]
CUSTOMER = "customer"  # the one column of what runs


def bound(statement: Statement, base: CatalogueTable, place: Place, dialect: str) -> str:
    """The SELECT as one that gives the ids of customers, as text, each once.

    base: the table whose customers are everyone: an id that is not there falls away, as do
    nulls. place: the full name of a table of the catalogue (schema, name).
    """
    tree = statement.tree.copy()
    for table in list(tree.find_all(exp.Table)):
        if "table" in table.meta:
            called = table.alias or table.name
            _point(table, place(table.meta["table"]))
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(called, quoted=True)))
    everyone = exp.Table(alias=exp.TableAlias(this=exp.to_identifier("everyone")))
    _point(everyone, place(base.name))
    known = exp.select(_text("everyone", base.customer)).from_(everyone)
    given = exp.Subquery(
        this=tree,
        alias=exp.TableAlias(
            this=exp.to_identifier("given"), columns=[exp.to_identifier(CUSTOMER)]
        ),
    )
    whole = (
        exp.select(exp.alias_(_text("given", CUSTOMER), CUSTOMER))
        .distinct()
        .from_(given)
        .where(exp.In(this=_text("given", CUSTOMER), query=exp.Subquery(this=known)))
    )
    return whole.sql(dialect=dialect, identify=True, comments=False)


def at(statement: Statement, moment: datetime, zone: str) -> Statement:
    """The same with the moment in the place of each now, so that now is fixed for a count."""
    if not statement.timed:
        return statement
    local = moment.astimezone(ZoneInfo(zone))
    texts = {
        exp.DType.DATE: local.date().isoformat(),
        exp.DType.TIMESTAMP: local.replace(tzinfo=None).isoformat(" "),
        exp.DType.TIMESTAMPTZ: moment.astimezone(UTC).isoformat(" "),
    }
    tree = statement.tree.copy()
    for node in list(tree.walk()):
        kind = _now(node)
        if kind is not None:
            node.replace(exp.cast(exp.Literal.string(texts[kind]), kind))
    return Statement(tree, statement.tables, timed=False)


def _now(node: exp.Expr) -> exp.DType | None:
    """The type of a now, None for what is none."""
    match node:
        case exp.CurrentDate():
            return exp.DType.DATE
        case exp.CurrentTimestamp():
            return exp.DType.TIMESTAMPTZ
        case exp.Localtimestamp():
            return exp.DType.TIMESTAMP
        case exp.Anonymous():
            return {"now": exp.DType.TIMESTAMPTZ, "today": exp.DType.DATE}.get(folded(node.name))
    return None


def _point(table: exp.Table, parts: Sequence[str]) -> None:
    """Let it mean the table of that full name."""
    for key, part in zip(("this", "db", "catalog"), reversed(parts), strict=False):
        table.set(key, exp.to_identifier(part, quoted=True))


def _text(table: str, column: str) -> exp.Cast:
    return exp.cast(exp.column(exp.to_identifier(column, quoted=True), table), exp.DType.TEXT)
