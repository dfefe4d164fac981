"""A test's few of the audience: some customers of each treatment group, and nobody else."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from campaigns import definition as definitions
from campaigns.figures import DeliveryFigures, Figures
from runs import files, relations, trial
from runs.models import Run
from warehouse.scratch import scratch

FILLED = pa.schema([("part", pa.int32()), ("group", pa.int32())])

# A turn for each group before a second one, so that a small test reaches them all.
CHOSEN = """
SELECT customer_id FROM (
    SELECT customer_id, min(turn) AS turn FROM (
        SELECT customer_id, row_number() OVER (
            PARTITION BY part, "group", destination ORDER BY hash(customer_id), customer_id
        ) AS turn
        FROM read_parquet($members) SEMI JOIN filled USING (part, "group")
        WHERE outcome = 'send'
    ) GROUP BY customer_id
) ORDER BY turn, customer_id LIMIT $size
"""
KEPT = """
SELECT m.* FROM read_parquet($members) m SEMI JOIN chosen USING (customer_id)
SEMI JOIN filled USING (part, "group")
WHERE outcome = 'send'
"""


def narrow(run: Run, members: str, counted: Figures) -> tuple[str, Figures]:
    """Keep ``test_size`` customers of those who would be sent; the file and figures of these.

    They are of the groups that the test fills. The audience's own figures stay: a test shows
    what the whole campaign would do.
    """
    name = files.fresh(f"runs/{run.pk}", "members")
    parameters = {"members": str(files.path(members)), "size": run.test_size}
    definition = definitions.from_json(run.definition)
    filled = [
        (part, index)
        for part, each in enumerate(definition.parts)
        for index, group in enumerate(each.groups)
        if trial.fills(run.test_groups, group)
    ]
    with scratch() as duck, files.written(name) as rough:
        duck.register("filled", relations.table(filled, FILLED))
        duck.execute(f"CREATE TEMP TABLE chosen AS {CHOSEN}", parameters)
        relations.copy(duck, KEPT, rough, {"members": parameters["members"]})
        rows = duck.execute(
            'SELECT part, "group", destination, count(*) FROM read_parquet(?) GROUP BY ALL',
            [str(rough)],
        ).fetchall()
    files.discard(members)
    sent = {(part, group, destination): people for part, group, destination, people in rows}
    return name, replace(
        counted,
        deliveries=tuple(
            only(each, sent.get((each.part, each.group, each.destination), 0))
            for each in counted.deliveries
        ),
    )


def only(delivery: DeliveryFigures, people: int) -> DeliveryFigures:
    return DeliveryFigures(
        delivery.part,
        delivery.group,
        delivery.destination,
        customers=people,
        to_send=people,
    )
