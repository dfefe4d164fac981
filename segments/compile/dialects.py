"""From an Ibis expression to SQL text in the words of one engine. Nothing is executed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import ibis.expr.operations as ops
import sqlglot.expressions as exp
from ibis.backends.sql.compilers import DuckDBCompiler, PostgresCompiler

from segments.compile import ir
from segments.compile.context import Context, Source
from segments.compile.folding import WHITE
from segments.compile.patterns import for_postgres
from warehouse import extra
from warehouse.query import Query, Relation

_COMPILERS = {"duckdb": DuckDBCompiler, "postgres": PostgresCompiler}


@dataclass(frozen=True, slots=True)
class Compiled:
    """One SELECT. columns: of its result; relations: by name what it reads beside the warehouse.

    What was compiled once may be asked again and again: which rows there are is found each time.
    """

    sql: str
    columns: tuple[str, ...]
    relations: Mapping[str, Source]

    def query(self, key: str = "") -> Query:
        """As an engine runs it, after the SQL of segments, whose members are such relations.

        key: a name by which engine().cancel stops that. Raises SqlError, WarehouseError,
        ListMissingError.
        """
        found = {
            name: rows(key) if callable(rows) else rows for name, rows in self.relations.items()
        }
        return Query(self.sql, found)


def compiled(expr: ir.Table, context: Context, dialect: str) -> Compiled:
    """The expression in the words of an engine. Nothing is executed.

    context: the one the expression was built with. dialect: "duckdb" or "postgres".
    """
    relations: dict[str, Source] = {}
    for name in sorted({table.name for table in expr.op().find(ops.UnboundTable)}):
        if name in context.relations:
            relations[name] = context.relations[name]
        elif name in extra.registered():
            relations[name] = partial(_added, name)
    return Compiled(to_sql(expr, dialect), expr.columns, relations)


def _added(name: str, key: str) -> Relation:
    return extra.registered()[name].relation()


def to_query(expr: ir.Table, context: Context, dialect: str, key: str = "") -> Query:
    """``compiled`` and its ``query`` at once."""
    return compiled(expr, context, dialect).query(key)


def to_sql(expr: ir.Table, dialect: str) -> str:
    """The expression as one SELECT."""
    compiler = _COMPILERS[dialect]()
    tree = compiler.to_sqlglot(expr)
    if tree.find(exp.Anonymous):
        tree = tree.copy()  # nodes that stand in two places, apart
        for mark in reversed(list(tree.find_all(exp.Anonymous))):  # the inner ones first
            mark.replace(_WORDS[dialect](mark))
    return tree.sql(dialect=compiler.dialect, pretty=True)  # type: ignore[no-any-return]


def _duckdb(node: exp.Anonymous) -> Any:
    match node.name.lower(), node.expressions:
        case "muster_trim", [text]:
            return exp.Trim(this=text, expression=exp.Literal.string(WHITE))
        case "muster_lower", [text]:
            return exp.Lower(this=text)
        case "muster_matches", [text, pattern]:
            return exp.Anonymous(this="regexp_matches", expressions=[text, pattern])
        case "muster_matches_any_case", [text, pattern]:
            pattern = exp.Literal.string(f"(?i){pattern.name}")
            return exp.Anonymous(this="regexp_matches", expressions=[text, pattern])
        case "muster_in_order", [text]:
            return text
    return node


def _postgres(node: exp.Anonymous) -> Any:
    match node.name.lower(), node.expressions:
        case "muster_trim", [text]:
            return exp.Trim(this=text, expression=exp.Literal.string(WHITE))
        case "muster_lower", [text]:
            return _lower_in_postgres(text)
        case "muster_matches", [text, pattern]:
            pattern = exp.Literal.string(for_postgres(pattern.name, ignore_case=False))
            return exp.RegexpLike(this=text, expression=pattern)
        case "muster_matches_any_case", [text, pattern]:
            pattern = exp.Literal.string(for_postgres(pattern.name, ignore_case=True))
            return exp.RegexpLike(this=_lower_in_postgres(text), expression=pattern)
        case "muster_in_order", [text]:
            return exp.Anonymous(this="convert_to", expressions=[text, exp.Literal.string("UTF8")])
    return node


def _lower_in_postgres(text: exp.Expr) -> exp.Expr:
    """ICU's lower case, which depends on no locale of the server.

    Two letters that it lowers by what stands beside them, or to two letters, are put
    right before.
    """
    letters = exp.Anonymous(
        this="translate",
        expressions=[text, exp.Literal.string("İΣ"), exp.Literal.string("i\u03c3")],
    )
    collation = exp.to_identifier("und-x-icu", quoted=True)
    return exp.Lower(this=exp.Collate(this=letters, expression=collation))


_WORDS = {"duckdb": _duckdb, "postgres": _postgres}
