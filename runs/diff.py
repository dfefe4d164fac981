"""What a list lacks and what it has too much: the snapshot's members against the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from runs import ledger, relations


@dataclass(frozen=True, slots=True)
class Place:
    """Whose members: a sub-audience, a treatment group in it, a destination."""

    part: int
    group: int
    destination: int


@dataclass(frozen=True, slots=True)
class Difference:
    """People to keep, to add, to remove; listed: those the list held, or may have held."""

    kept: int
    added: int
    removed: int
    listed: int

    def removes_many(self, limit: int) -> bool:
        """More than 100 people and more than ``limit`` percent; 100 never is."""
        return limit < 100 and self.removed > 100 and self.removed * 100 > limit * self.listed


# An addition that may have been made is repeated: the same direction does no harm. The
# opposite of what may still be going on waits until that is over; it alone.
COMPARE = """
CREATE OR REPLACE TEMP TABLE difference AS
SELECT
    coalesce(t.identifier, l.identifier) AS identifier,
    CASE WHEN t.identifier IS NULL THEN 'remove' ELSE 'add' END AS operation,
    CASE
        WHEN l.until > $now
            AND l.operation <> CASE WHEN t.identifier IS NULL THEN 'remove' ELSE 'add' END
        THEN l.until
    END AS waits_until
FROM targets t
FULL JOIN previous l ON l.identifier = t.identifier
WHERE (t.identifier IS NOT NULL AND l.state IS DISTINCT FROM 'held')
    OR (t.identifier IS NULL AND l.state <> 'gone' AND $remove)
"""
TARGETS = """
CREATE OR REPLACE TEMP VIEW targets AS
SELECT identifier FROM population
WHERE part = {place.part} AND "group" = {place.group} AND destination = {place.destination}
    AND outcome = 'send'
"""


def compare(
    duck: duckdb.DuckDBPyConnection,
    members: str,
    place: Place,
    previous: str,
    now: datetime,
    *,
    remove: bool = True,
) -> Difference:
    """Leave the difference in ``duck``: identifier, operation, waits_until.

    members, previous: the run's members.parquet and the list's ledger ('' before the
    first delivery), relative to VAR_DIR. remove: false keeps people whom the snapshot
    lacks. Additions and removals are disjoint. waits_until is null where a request
    may begin at once.
    """
    relations.view(duck, "population", [members], ledger.MEMBERS)
    relations.view(duck, "previous", [previous], ledger.SCHEMA)
    duck.execute(TARGETS.format(place=place))
    duck.execute(COMPARE, {"now": now, "remove": remove})
    return counted(duck)


def counted(duck: duckdb.DuckDBPyConnection) -> Difference:
    """What the difference in ``duck`` comes to."""
    return Difference(
        *duck.execute(
            """
            SELECT
                (SELECT count(*) FROM targets) - count(*) FILTER (operation = 'add'),
                count(*) FILTER (operation = 'add'),
                count(*) FILTER (operation = 'remove'),
                (SELECT count(*) FROM previous WHERE state <> 'gone')
            FROM difference
            """
        ).fetchall()[0]
    )
