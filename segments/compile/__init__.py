"""Rules to one Ibis expression over the customer tables, and to SQL. Nothing is executed."""

from segments.compile.bits import bits, total
from segments.compile.context import Context
from segments.compile.customers import (
    NoCustomersError,
    combinations,
    everyone,
    flags,
    members,
)
from segments.compile.dialects import Compiled, compiled, to_query, to_sql
from segments.compile.events import measured, summed

__all__ = [
    "Compiled",
    "Context",
    "NoCustomersError",
    "bits",
    "combinations",
    "compiled",
    "everyone",
    "flags",
    "measured",
    "members",
    "summed",
    "to_query",
    "to_sql",
    "total",
]
