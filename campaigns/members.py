"""The people of a count or a run as a table that the customer tables can be joined to."""

from __future__ import annotations

from pathlib import Path

import ibis

from segments.compile import Context, ir

RELATION = "run_members"
COLUMNS = {"customer_id": "string", "part": "int64", "group": "int64"}


def people(file: Path, context: Context) -> ir.Table:
    """Each person of each treatment group, once. file: written by ``split``."""
    context.relations[RELATION] = [file]
    members = ibis.table(COLUMNS, name=RELATION)
    return members.filter(members.group >= 0).select(*COLUMNS).distinct()
