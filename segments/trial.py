"""SQL is run before it is published: what only the engine can tell stops it too."""

from __future__ import annotations

from typing import Any

from core.errors import MusterError
from segments.drafts import is_sql
from segments.numbers import counting
from segments.rules import Fault
from warehouse.catalogue import Catalogue


def faults(rule: Any, catalogue: Catalogue) -> list[Fault]:
    """What went wrong when it ran; of a rule that is not SQL nothing does."""
    if not is_sql(rule):
        return []
    try:
        counting.count(rule, counting.context(counting.page_moment(), catalogue))
    except MusterError as error:
        return [Fault("sql", str(error))]
    return []
