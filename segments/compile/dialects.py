"""From an Ibis expression to SQL text in the words of one engine. Nothing is executed."""

from __future__ import annotations

from typing import Any

import ibis.expr.operations as ops
import sqlglot.expressions as exp
from ibis.backends.sql.compilers import DuckDBCompiler, PostgresCompiler

from segments.compile import ir
from segments.compile.context import Context
from segments.compile.folding import WHITE
from segments.compile.patterns import for_postgres
from warehouse import extra
from warehouse.query import Query

_COMPILERS = {"duckdb": DuckDBCompiler, "postgres": PostgresCompiler}


def to_query(expr: ir.Table, context: Context, dialect: str, key: str = "") -> Query:
    """The expression as one SELECT, with the relations that it reads beside the warehouse.

    context: the one the expression was built with. dialect: "duckdb" or "postgres".
    key: a name by which engine().cancel stops the SQL of segments, which runs here: their
    members are such relations. Raises SqlError, WarehouseError where that fails.
    """
    relations = {}
    for name in sorted({table.name for table in expr.op().find(ops.UnboundTable)}):
        found = context.relations[name] if name in context.relations else extra.relation(name)
        if found is not None:
            relations[name] = found(key) if callable(found) else found
    return Query(to_sql(expr, dialect), relations)


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
