"""What a rule is compiled against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from segments.compile import ir
from segments.compile.calendar import Clock
from segments.rules.nodes import Rule
from warehouse.catalogue import Catalogue
from warehouse.query import Relation

# Rows beside the warehouse, or what finds them once a query is to run. It is given the key by
# which engine().cancel stops what runs for that.
Source: TypeAlias = Relation | Callable[[str], Relation]


@dataclass(frozen=True)
class Context:
    """moment: the fixed now, aware; zone: the brand's time zone, by name.

    segments: the rules (JSON) of the segments that rules name; lists: the digests of
    the uploaded lists that they name.

    Noted here as expressions are built: relations, what they read beside the warehouse;
    opened, the segments' rules as ``opening`` leaves them; apart, the members of
    those that stand apart (text column ``customer``, each once).
    """

    catalogue: Catalogue
    moment: datetime
    zone: str
    segments: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    relations: dict[str, Source] = field(default_factory=dict, compare=False, repr=False)
    opened: dict[str, Rule] = field(default_factory=dict, compare=False, repr=False)
    apart: dict[str, ir.Table] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def clock(self) -> Clock:
        return Clock(self.moment, ZoneInfo(self.zone))
