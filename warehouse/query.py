"""A query as an engine runs it: one SQL text and the relations it reads beside the warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa

# Parquet files of one schema (at least one), or rows in memory. Long lists of ids are
# relations, never literals in the SQL.
Relation: TypeAlias = Sequence[Path] | pa.Table


@dataclass(frozen=True, slots=True)
class Query:
    """sql: one SELECT in the engine's dialect; each relation is a table of that name in it."""

    sql: str
    relations: Mapping[str, Relation] = field(default_factory=dict)
