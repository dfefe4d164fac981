"""From SQL text to one SELECT of customer ids that may be run, or all that is wrong with it.

The text is parsed in the words of the warehouse's engine and each part of it looked up in
``allowed``: what is not named there is refused. What runs is written anew from the
parts (``binding``), so that a comment, a hint or a trick of spelling never reaches the engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlglot
import sqlglot.expressions as exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers
from sqlglot.tokenizer_core import Token, TokenType

from core.nearest import did_you_mean
from segments.sql import allowed
from segments.sql.errors import Problem, SqlRefusedError
from warehouse.catalogue import Catalogue

LONGEST = 100_000  # characters
DEPTH = 40  # of parentheses
MOST_TOKENS = 20_000

ONE_SELECT = "Write one SELECT that gives customer ids: SELECT customer_id FROM ..."
ONE_COLUMN = "Give one column, the customer id"
_PLACE = re.compile(r"(\d+):(\d+)")


@dataclass(frozen=True, slots=True)
class Statement:
    """tree: the SELECT, each name of a table that is no CTE's as the catalogue spells it.

    tables: those of the catalogue that it reads. timed: whether it asks what time it is.
    """

    tree: exp.Query
    tables: frozenset[str]
    timed: bool


def read(text: str, catalogue: Catalogue) -> Statement:
    """The SELECT of a segment's SQL. Raises SqlRefusedError."""
    try:
        tree = _parsed(text, catalogue.dialect)
        reader = _Reader(text, catalogue)
        reader.query(tree, frozenset())
        if not reader.problems:  # of a table that is not known the columns are not either
            reader.columns(tree)
        reader.result(tree)
        tree.sql(catalogue.dialect)
    except RecursionError:
        raise SqlRefusedError(
            [Problem("This SQL is nested too deeply. Split it into WITH parts.")]
        ) from None
    if reader.problems:
        ordered = sorted(reader.problems, key=lambda each: (each.line, each.column))
        raise SqlRefusedError(list(dict.fromkeys(ordered)))
    return Statement(tree, frozenset(reader.tables), reader.timed)


def problems(text: str, catalogue: Catalogue) -> list[Problem]:
    """All that is wrong with it; none: it can be run."""
    try:
        read(text, catalogue)
    except SqlRefusedError as error:
        return error.problems
    return []


def _parsed(text: str, dialect: str) -> exp.Query:
    if not text.strip():
        raise SqlRefusedError([Problem(ONE_SELECT)])
    if len(text) > LONGEST:
        raise SqlRefusedError([Problem(f"At most {LONGEST:,} characters; this has {len(text):,}.")])
    if "\0" in text:
        raise SqlRefusedError([Problem("It holds a character that cannot be read. Take it out.")])
    try:
        tokens = sqlglot.tokenize(text, dialect=dialect)
        _measure(tokens, text)
        found = sqlglot.Dialect.get_or_raise(dialect).parser().parse(tokens, text)
    except ParseError as error:
        raise SqlRefusedError([_parse_problem(error)]) from None
    except TokenError as error:
        raise SqlRefusedError([_token_problem(error)]) from None
    statements = [each for each in found if each is not None]
    if len(statements) > 1:
        raise SqlRefusedError([Problem(f"Here are {len(statements)} statements. {ONE_SELECT}")])
    tree = statements[0] if statements else None
    while isinstance(tree, exp.Subquery) and not tree.args.get("alias"):
        tree = tree.this
    if not isinstance(tree, exp.Select | exp.SetOperation):
        word = text.split(None, 1)[0].upper() if tokens else ""
        told = f"{word[:30]} is not allowed. " if word.isalpha() else ""
        raise SqlRefusedError([Problem(told + ONE_SELECT, 1, 1)])
    return normalize_identifiers(tree, dialect=dialect) if dialect == "postgres" else tree


def _measure(tokens: list[Token], text: str) -> None:
    if len(tokens) > MOST_TOKENS:
        raise SqlRefusedError(
            [Problem(f"At most {MOST_TOKENS:,} words and signs; this has {len(tokens):,}.")]
        )
    depth = 0
    for token in tokens:
        if token.token_type in (TokenType.L_PAREN, TokenType.CASE, TokenType.L_BRACKET):
            depth += 1
        elif token.token_type in (TokenType.R_PAREN, TokenType.END, TokenType.R_BRACKET):
            depth -= 1
        if depth > DEPTH:
            raise SqlRefusedError(
                [
                    Problem(
                        f"Parentheses are nested more than {DEPTH} deep.",
                        *place(text, token.start),
                    )
                ]
            )


def _parse_problem(error: ParseError) -> Problem:
    first = error.errors[0] if error.errors else {}
    line, column = first.get("line") or 0, first.get("col") or 0
    wrong = str(first.get("highlight") or "").strip()
    column = max(1, column - len(wrong) + 1)
    said = f"“{wrong[:40]}” does not fit here." if wrong else "The statement is not complete."
    return Problem(f"{said} Look at what stands just before.", line, column)


def _token_problem(error: TokenError) -> Problem:
    found = _PLACE.search(str(error.__cause__))  # where the last thing that was read begins
    at = (int(found[1]), int(found[2]) + 1) if found else (0, 0)
    return Problem("A quote or a comment is opened and does not end.", *at)


def place(text: str, start: int) -> tuple[int, int]:
    """Line and column, from 1, of a place in the text."""
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)


def folded(name: str) -> str:
    """As engines compare names: only the letters of ASCII have a case."""
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in name)


@dataclass
class _Reader:
    text: str
    catalogue: Catalogue
    problems: list[Problem] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)
    timed: bool = False

    def problem(self, node: exp.Expr, text: str) -> None:
        starts = [each.meta["start"] for each in node.walk() if "start" in each.meta]
        own = node.meta.get("start")
        start = own if own is not None else min(starts, default=None)
        self.problems.append(Problem(text, *(place(self.text, start) if start is not None else ())))

    # Which tables a name means

    def query(self, node: exp.Expr, names: frozenset[str]) -> None:
        """A part and all below it. names: of the CTEs that are known there, folded."""
        if not self.part(node):
            return
        known = names
        ctes = node.args.get("with_")
        if ctes is not None:
            known = self._ctes(ctes, names)
        if isinstance(node, exp.Table):
            self._table(node, known)
            children: Iterator[exp.Expr] = (
                each for each in node.iter_expressions() if each is not node.this
            )
        else:
            children = node.iter_expressions()
        for child in children:
            if child is not ctes:
                self.query(child, known)

    def _ctes(self, node: exp.With, names: frozenset[str]) -> frozenset[str]:
        for cte in node.expressions:
            if not isinstance(cte, exp.CTE) or not cte.alias:
                self.problem(cte, "Give this part of WITH a name: WITH name AS (SELECT ...).")
                continue
            own = {folded(cte.alias)}
            self.query(cte.this, names | own if node.recursive else names)
            for child in cte.iter_expressions():
                if child is not cte.this:
                    self.query(child, names)
            names |= own
        if node.args.get("search") or node.args.get("cycle") or node.args.get("udfs"):
            self.problem(node, "WITH takes only SELECTs here.")
        return names

    def _table(self, node: exp.Table, names: frozenset[str]) -> None:
        if not isinstance(node.this, exp.Identifier):
            self.problem(node, "A function in the place of a table is not allowed. Name a table.")
            return
        if node.args.get("db") or node.args.get("catalog"):
            self.problem(node, f'Name the table alone: "{node.name}", without what stands before.')
            return
        if folded(node.name) in names:
            return
        table = self.catalogue.table(node.name)
        if table is None:
            hint = did_you_mean(node.name, self.catalogue.tables) or " See the tables beside."
            self.problem(node, f'There is no table "{node.name[:80]}".{hint}')
            return
        self.tables.add(table.name)
        node.meta["table"] = table.name

    # What it is made of

    def part(self, node: exp.Expr) -> bool:
        """Whether the part may stand here; what it is made of is another question."""
        kind = type(node)
        if isinstance(node, exp.Anonymous):
            name = str(node.name)
            if not isinstance(node.this, str) or folded(name) not in allowed.NAMED:
                return self._refuse_function(node, name)
            self.timed = self.timed or folded(name) in ("now", "today")
            return True
        if kind in (exp.CurrentDate, exp.CurrentTimestamp, exp.Localtimestamp):
            self.timed = True
            return True
        if kind in allowed.PARTS:
            return self._fits(node)
        if kind in allowed.FUNCTIONS:
            return True
        if isinstance(node, exp.Func):
            name = self.text[node.meta["start"] : node.meta["end"] + 1] if node.meta else ""
            return self._refuse_function(node, name or node.sql_name())
        if isinstance(node, exp.Parameter | exp.Placeholder):
            self.problem(node, "Write the value itself: nobody fills in a parameter here.")
        else:
            self.problem(node, f"{_words(node)} cannot stand in a segment's SQL.")
        return False

    def _refuse_function(self, node: exp.Expr, name: str) -> bool:
        self.problem(node, f"The function {folded(name[:80])} is not allowed.")
        return False

    def _fits(self, node: exp.Expr) -> bool:
        match node:
            case exp.DataType() if node.this not in allowed.TYPES:
                self.problem(node, f"The type {str(node)[:80]} is not allowed here.")
            case exp.Var() if node.name.upper() not in allowed.UNITS:
                self.problem(node, f"“{node.name[:80]}” is not known here.")
            case exp.Collate() if folded(node.expression.name) not in allowed.COLLATIONS:
                self.problem(node, "This collation is not allowed.")
            case exp.Star() if any(node.args.values()):
                self.problem(node, "Name the columns that are meant, one by one.")
            case _:
                return True
        return False

    # Columns

    def columns(self, tree: exp.Query) -> None:
        """Names of columns that nothing here has."""
        known = {
            folded(column) for name in self.tables for column in self.catalogue.tables[name].columns
        }
        for node in tree.walk():
            if isinstance(node, exp.Alias):
                known.add(folded(node.alias))
            elif isinstance(node, exp.TableAlias):
                known |= {folded(each.name) for each in node.args.get("columns") or ()}
        for column in tree.find_all(exp.Column):
            if isinstance(column.this, exp.Identifier) and folded(column.name) not in known:
                hint = did_you_mean(column.name, sorted(known))
                self.problem(column, f'There is no column "{column.name[:80]}".{hint}')

    def result(self, tree: exp.Expr) -> None:
        """One column, in each SELECT whose rows are the result."""
        if isinstance(tree, exp.SetOperation):
            self.result(tree.this)
            self.result(tree.expression)
        elif isinstance(tree, exp.Subquery):
            self.result(tree.this)
        elif isinstance(tree, exp.Select):
            columns = tree.expressions
            star = next((each for each in columns if each.is_star), None)
            if star is not None:
                self.problem(star, f"{ONE_COLUMN}, by its name instead of *.")
            elif len(columns) != 1:
                at = columns[1] if len(columns) > 1 else tree
                self.problem(at, f"{ONE_COLUMN}; here are {len(columns)}.")
        else:
            self.problem(tree, ONE_SELECT)


def _words(node: exp.Expr) -> str:
    """The name of a part, as in "Table sample"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).capitalize()
