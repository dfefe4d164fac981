"""build_ratio: snapshot, split and normalising, beside raw COPYs that write the same rows."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from benchmarks import stage
from benchmarks.count import plain_connection
from benchmarks.figure import Figure, agree, ratio, side_by_side
from campaigns import definition as definitions
from campaigns import snapshot, split
from campaigns.definition import Definition

GOAL = 1.15
REPEATS = 3

# The rows of both files, as they come: nothing is split, normalised, checked or counted.
# A dictionary of values that do not repeat only costs time, here as in the product.
COPIES = """
COPY (SELECT customer_id, phone FROM customer_360 LEFT JOIN merged_customers USING (customer_id))
TO '{folder}/plain_snapshot.parquet' (FORMAT parquet, DICTIONARY_SIZE_LIMIT 1);
COPY (FROM '{folder}/members.parquet') TO '{folder}/plain_members.parquet' (FORMAT parquet);
"""


def measure(customers: int) -> Figure:
    definition = definitions.freeze(stage.campaign())
    connection = plain_connection()
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as name:
        folder = Path(name)
        times = side_by_side(
            lambda: build(definition, folder),
            lambda: connection.execute(COPIES.format(folder=folder)),
            repeats=REPEATS,
        )
    return ratio("build_ratio", *times, GOAL)


def build(definition: Definition, folder: Path) -> None:
    """What a run does before it can send, once."""
    taken, members = folder / "snapshot.parquet", folder / "members.parquet"
    snapshot.build(definition, timezone.now(), taken)
    figures = split.split(taken, members, definition)
    agree(figures.adds_up, True)
