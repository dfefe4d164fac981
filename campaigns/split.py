# ruff: noqa: S608  (SQL is put together from our own column names, never from values)
"""Who gets what: each customer of a snapshot, place and destination has one outcome.

The hash of (customer id, the sub-audience's seed) picks the treatment group, the same in
every run. Then, for each destination, ``only_where`` filters first, identifiers are
normalised and checked, and one that several customers share goes to one of them: a
held-out one first, then the lowest customer id. Those who compete for it are, each with
a valid one, the customers in the destination's groups whom no filter leaves out, and
all who are held out. With first match only they compete over the whole campaign;
otherwise each sub-audience stands alone.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from campaigns import layout
from campaigns.definition import Definition, Part
from campaigns.figures import DeliveryFigures, Figures, GroupFigures, PartFigures
from core.errors import MusterError
from core.files import Hook, ignore, replacing
from warehouse import identifiers
from warehouse.quoting import literal
from warehouse.scratch import scratch

BUCKETS = 10_000
PERCENT = BUCKETS // 100
SEATS = 100  # of each part: one for each percent
NO_ONE = -1  # the group of customers whom no group takes

AT_ONCE = 100_000  # rows of one batch that is read from DuckDB
# Bytes for DuckDB: a few million customers fit, more are spilled, which costs less than it seems.
MEMORY = 384 * 1024**2

SEND = "send"
CONTROL = "control"
NO_GROUP = "no group"
FILTERED = "filtered"
NO_IDENTIFIER = "no identifier"
INVALID = "invalid"
DUPLICATE = "duplicate"


class DoubledCustomersError(MusterError):
    """rows: how many the snapshot has beside one for each customer."""

    def __init__(self, rows: int):
        super().__init__(rows)
        self.rows = rows

    def __str__(self) -> str:
        return (
            "A table that should have one row a customer has several for some of them "
            f"({self.rows:,} too many). Load it again, or correct the catalogue; nothing was sent."
        )


def bucket(seed: str, customer: str) -> int:
    """Where a customer falls among BUCKETS: the first 32 bits of MD5 of "SEED/CUSTOMER".

    MD5 because every engine has it, it is fast and will never change; it hides nothing.
    """
    digest = hashlib.md5(f"{seed}/{customer}".encode(), usedforsecurity=False).hexdigest()
    return int(digest[:8], 16) % BUCKETS


# DuckDB reads a digest as a number with its first byte as the lowest: the first 32 bits are
# the last ones of it, in reverse. Quicker than by way of the hexadecimal text.
DIGEST_SQL = "(md5_number(seed || '/' || customer_id) & 4294967295)::UINTEGER"
BUCKET_SQL = (
    "(((digest & 255) << 24) | ((digest & 65280) << 8) | ((digest >> 8) & 65280) | (digest >> 24)) "
    f"% {BUCKETS}"
)


@dataclass(frozen=True, slots=True)
class Slice:
    """The percents [start, stop) of a part that one group takes. group: its index."""

    group: int
    start: int
    stop: int


def slices(part: Part) -> list[Slice]:
    """Lay the groups end to end over 100 percent, in their order.

    A draft whose splits do not add up still gets figures: what lacks goes to no
    group, what is too much is cut off at the end.
    """
    edges = accumulate((group.split for group in part.groups), initial=0)
    return [
        Slice(index, min(start, 100), min(stop, 100))
        for index, (start, stop) in enumerate(pairwise(edges))
    ]


def split(snapshot: Path, members: Path, definition: Definition, hook: Hook = ignore) -> Figures:
    """Split a snapshot into ``members`` (Parquet) and count it.

    members: one row for each customer, place and destination: customer_id, part
    and group (indexes into the definition, group -1 where none takes her),
    destination (0 for a control and no group), outcome, reason (of an invalid
    one) and identifier (only of those to send). hook: "written", "synced", "renamed".
    Raises DoubledCustomersError.
    """
    with scratch(memory=MEMORY) as connection:
        _read(connection, snapshot)
        _place(connection, definition)
        for index in range(len(definition.targets)):
            _share(connection, definition, index)
        with replacing(members, hook) as rough:
            connection.execute(
                f"COPY ({_members(definition)}) TO {literal(str(rough))} (FORMAT parquet)"
            )
            connection.execute(
                f"CREATE VIEW members AS SELECT * FROM read_parquet({literal(str(rough))})"
            )
            return _count(connection, definition)


def _read(connection: duckdb.DuckDBPyConnection, snapshot: Path) -> None:
    connection.execute(
        f"CREATE VIEW snapshot AS SELECT * FROM read_parquet({literal(str(snapshot))})"
    )
    if not len(_repeated(connection, "hash(customer_id)", "snapshot")):
        return
    # Two customers of one hash are rare: then their ids are looked at.
    doubled = connection.execute("SELECT count(*) - count(DISTINCT customer_id) FROM snapshot")
    if rows := doubled.fetchall()[0][0]:
        raise DoubledCustomersError(rows)


def _repeated(connection: duckdb.DuckDBPyConnection, key: str, rows: str) -> np.ndarray:
    """Each value of a 64-bit key that several of the rows have, once.

    Sorted numbers take 8 bytes a row; grouping them takes ten times that, and longer.
    """
    count = connection.execute(f"SELECT count(*) FROM {rows}").fetchall()[0][0]
    keys = np.empty(count, np.uint64)
    filled = 0
    for batch in connection.sql(f"SELECT {key} AS key FROM {rows}").to_arrow_reader(AT_ONCE):
        column = batch.column(0)
        # By its buffer: pyarrow's own way to numpy imports pandas.
        part = np.frombuffer(column.buffers()[1], np.uint64, len(column), column.offset * 8)
        keys[filled : filled + len(part)] = part
        filled += len(part)
    keys.sort()
    return np.unique(keys[1:][keys[1:] == keys[:-1]])


def _place(connection: duckdb.DuckDBPyConnection, definition: Definition) -> None:
    """The rows ``places``: each customer of the audience in each part that takes her.

    Columns: place (the row's number), customer_id, part, group, control; for each target N
    to_N (her group goes there) and ok_N (no filter leaves her out); and the identifiers.
    """
    connection.register("seats", _seats(definition))
    connection.register("seeds", _seeds(definition))
    settled = _identifiers(definition)
    columns = [
        "taken.customer_id",
        "seats.part",
        'seats."group"',
        "seats.control",
    ]
    asked: defaultdict[str | None, list[str]] = defaultdict(lambda: ["seats.control"])
    for index, target in enumerate(definition.targets):
        filtered = target.only_where is not None
        allowed = f"coalesce(taken.{layout.allowed(index)}, false)" if filtered else "true"
        columns += [f"seats.to_{index}", f"{allowed} AS ok_{index}"]
        asked[_identifier(definition, index)].append(f"(seats.to_{index} AND {allowed})")
    for name, (value, _) in settled.items():
        # Whoever neither competes nor is sent anything is not worth a look.
        columns.append(f"CASE WHEN {' OR '.join(asked[name])} THEN taken.{value} END AS {name}")
    identifiers.normalise(
        connection,
        f"(SELECT {', '.join(columns)} FROM (SELECT *, "
        f"first_seat + coalesce({BUCKET_SQL} // {PERCENT}, 0)::INTEGER AS seat "
        f"FROM (SELECT *, CASE WHEN divided THEN {DIGEST_SQL} END AS digest "
        f"FROM ({_taken(definition)}) JOIN seeds USING (part))) taken JOIN seats USING (seat))",
        {name: kind for name, (_, kind) in settled.items()},
        "places",
        number="place",
    )


def _identifiers(definition: Definition) -> dict[str, tuple[str, str]]:
    """Column of places -> (column of the snapshot, kind): each read once for all its targets."""
    read = {layout.value(i): source for i, source in enumerate(layout.sources(definition))}
    wanted = {(target.source, target.identifier) for target in definition.targets}
    return {
        f"{kind}_{value}": (value, kind)
        for value, source in read.items()
        for kind in (identifiers.PHONE, identifiers.EMAIL)
        if (source, kind) in wanted
    }


def _identifier(definition: Definition, index: int) -> str | None:
    """The column of places with target ``index``'s identifier; None while it has none."""
    target = definition.targets[index]
    if not target.source or not target.identifier:
        return None
    value = layout.value(layout.sources(definition).index(target.source))
    return f"{target.identifier}_{value}"


def _taken(definition: Definition) -> str:
    """SQL: the audience, a row for each place, with the column ``part``."""
    audience = f"SELECT * FROM snapshot WHERE {layout.EXCLUDED} IS NULL"
    if definition.first_match_only:
        return audience
    last = len(definition.parts) - 1
    takes = [layout.part(index) for index in range(last)]
    rest = f"NOT ({' OR '.join(takes)})" if takes else "true"
    indexes = ", ".join(f"{index}::INTEGER" for index in range(last + 1))
    gone = f"EXCLUDE ({', '.join(takes)})" if takes else ""
    return (
        f"SELECT * {gone}, unnest(list_where([{indexes}], [{', '.join([*takes, rest])}])) AS part "
        f"FROM ({audience})"
    )


def _seats(definition: Definition) -> pa.Table:
    """For each part and percent, the group that takes it (or none) and where it goes."""
    rows = []
    for part_index, part in enumerate(definition.parts):
        taken = {
            percent: slice_.group
            for slice_ in slices(part)
            for percent in range(slice_.start, slice_.stop)
        }
        for percent in range(SEATS):
            group = part.groups[taken[percent]] if percent in taken else None
            row = {
                "seat": part_index * SEATS + percent,
                "part": part_index,
                "group": taken.get(percent, NO_ONE),
                "control": group is not None and group.control,
            }
            for index, target in enumerate(definition.targets):
                goes = group is not None and not group.control and target.id in group.destinations
                row[f"to_{index}"] = goes
            rows.append(row)
    return _narrow(rows)


def _seeds(definition: Definition) -> pa.Table:
    """The seed of each part; divided: whether its customers can be in different groups."""
    rows = []
    for index, part in enumerate(definition.parts):
        whole = not part.groups or any(each.stop - each.start == 100 for each in slices(part))
        rows.append(
            {
                "part": index,
                "first_seat": index * SEATS,
                "seed": part.seed,
                "divided": not whole,
            }
        )
    return _narrow(rows)


def _narrow(rows: Sequence[Mapping[str, object]]) -> pa.Table:
    """A table whose numbers are as wide as the snapshot's, so that they are joined as they are."""
    table = pa.Table.from_pylist(rows)
    return table.cast(
        pa.schema(
            field.with_type(pa.int32()) if pa.types.is_integer(field.type) else field
            for field in table.schema
        )
    )


def _share(connection: duckdb.DuckDBPyConnection, definition: Definition, index: int) -> None:
    """The table ``lost_N``: the places of those whose identifier goes to somebody else.

    Only what shares a hash is compared as text: nearly everybody is alone.
    """
    column = _identifier(definition, index)
    if column is None:
        return
    scope = "" if definition.first_match_only else "part, "
    competing = (
        f"(SELECT place, {scope}customer_id, control, {column} AS identifier FROM places "
        f"WHERE {column} IS NOT NULL AND (control OR (to_{index} AND ok_{index})))"
    )
    key = f"hash({scope}identifier)"
    connection.register("crowded", pa.table({"key": _repeated(connection, key, competing)}))
    connection.execute(
        f"CREATE TABLE lost_{index} AS SELECT place FROM (SELECT place, customer_id, "
        "coalesce(min(customer_id) FILTER (control) OVER sharing, min(customer_id) OVER sharing) "
        f"AS winner FROM {competing} WHERE {key} IN (SELECT key FROM crowded) "
        f"WINDOW sharing AS (PARTITION BY {scope}identifier)) WHERE winner <> customer_id"
    )
    connection.unregister("crowded")


def _members(definition: Definition) -> str:
    """SQL: the rows of the members file."""
    targets = range(len(definition.targets))
    nowhere = " AND ".join(["true", *(f"NOT to_{index}" for index in targets)])
    rows = [
        'SELECT customer_id, part, "group", 0::BIGINT AS destination, '
        f"CASE WHEN control THEN '{CONTROL}' ELSE '{NO_GROUP}' END AS outcome, "
        "NULL::VARCHAR AS reason, NULL::VARCHAR AS identifier "
        f"FROM places WHERE {nowhere}"
    ]
    rows += [_sent_to(definition, index) for index in targets]
    return " UNION ALL ".join(rows)


def _sent_to(definition: Definition, index: int) -> str:
    target = definition.targets[index]
    column = _identifier(definition, index)
    if column is None:
        column, reason, joined, shared = "NULL::VARCHAR", "NULL::VARCHAR", "", "false"
    else:
        reason = f"{column}_reason"
        joined = f"LEFT JOIN lost_{index} lost USING (place)"
        shared = "lost.place IS NOT NULL"
    outcome = (
        f"CASE WHEN NOT ok_{index} THEN '{FILTERED}' WHEN {reason} IS NOT NULL THEN '{INVALID}' "
        f"WHEN {column} IS NULL THEN '{NO_IDENTIFIER}' WHEN {shared} THEN '{DUPLICATE}' "
        f"ELSE '{SEND}' END"
    )
    return (
        f'SELECT customer_id, part, "group", {target.id}::BIGINT AS destination, outcome, '
        f"CASE WHEN outcome = '{INVALID}' THEN reason END AS reason, "
        f"CASE WHEN outcome = '{SEND}' THEN identifier END AS identifier FROM ("
        f'SELECT customer_id, part, "group", {outcome} AS outcome, {reason} AS reason, '
        f"{column} AS identifier FROM places {joined} WHERE to_{index})"
    )


def _count(connection: duckdb.DuckDBPyConnection, definition: Definition) -> Figures:
    """Count what was written, not what was meant to be."""
    audience = _counts(connection, f"SELECT {layout.EXCLUDED}, count(*) FROM snapshot GROUP BY ALL")
    places = _counts(
        connection, 'SELECT part, "group", count(*) FROM places GROUP BY part, "group"'
    )
    outcomes: defaultdict[tuple[int, int, int], Counter] = defaultdict(Counter)
    for (*place, outcome, reason), people in _counts(
        connection,
        'SELECT part, "group", destination, outcome, reason, count(*) FROM members GROUP BY ALL',
    ).items():
        outcomes[tuple(place)][outcome, reason] = people
    groups = [
        GroupFigures(part, index, group.control, places[part, index])
        for part, each in enumerate(definition.parts)
        for index, group in enumerate(each.groups)
    ]
    parts = [
        PartFigures(
            customers=sum(people for (of, _), people in places.items() if of == part),
            no_group=places[part, NO_ONE],
        )
        for part in range(len(definition.parts))
    ]
    several, both = _in_several_places(connection, definition)
    return Figures(
        included=audience.total(),
        excluded=tuple(audience[index,] for index in range(len(definition.exclude))),
        audience=audience[None,],
        places=places.total(),
        control=sum(each[CONTROL, None] for each in outcomes.values()),
        no_group=sum(part.no_group for part in parts),
        several_places=several,
        held_out_and_sent=both,
        parts=tuple(parts),
        groups=tuple(groups),
        deliveries=tuple(_delivery(outcomes[key], *key) for key in deliveries(definition)),
    )


def deliveries(definition: Definition) -> list[tuple[int, int, int]]:
    """(part, group, destination) of all that the campaign sends, in its order."""
    return [
        (part, index, destination)
        for part, each in enumerate(definition.parts)
        for index, group in enumerate(each.groups)
        if not group.control
        for destination in group.destinations
    ]


def _delivery(outcomes: Counter, part: int, group: int, destination: int) -> DeliveryFigures:
    """outcomes: (outcome, reason) -> people."""
    reasons = {reason: people for (outcome, reason), people in outcomes.items() if reason}
    return DeliveryFigures(
        part,
        group,
        destination,
        customers=outcomes.total(),
        filtered=outcomes[FILTERED, None],
        no_identifier=outcomes[NO_IDENTIFIER, None],
        invalid=sum(reasons.values()),
        duplicate=outcomes[DUPLICATE, None],
        to_send=outcomes[SEND, None],
        reasons=dict(sorted(reasons.items())),
    )


def _in_several_places(
    connection: duckdb.DuckDBPyConnection, definition: Definition
) -> tuple[int, int]:
    """People in more than one sub-audience; people held out in one and sent in another."""
    if definition.first_match_only:
        return 0, 0
    several = connection.execute(
        "SELECT count(*) FROM "
        "(SELECT customer_id FROM places GROUP BY customer_id HAVING count(*) > 1)"
    ).fetchall()
    both = connection.execute(
        "SELECT count(DISTINCT customer_id) FROM members WHERE outcome = $send AND customer_id IN "
        "(SELECT customer_id FROM members WHERE outcome = $control)",
        {"send": SEND, "control": CONTROL},
    ).fetchall()
    return several[0][0], both[0][0]


def _counts(connection: duckdb.DuckDBPyConnection, sql: str) -> Counter:
    """Key columns -> the count in the last column."""
    return Counter({row[:-1]: row[-1] for row in connection.execute(sql).fetchall()})
