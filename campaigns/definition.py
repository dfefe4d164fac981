"""A campaign as a run carries it out: plain frozen values, with every rule it needs.

The editor's figures and a run are made from the same Definition. It is stored
as JSON with the run, so that a later edit changes nothing that has begun.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Named:
    """A segment as it stood: its name and its published rule (JSON)."""

    name: str
    rule: Any


@dataclass(frozen=True, slots=True)
class Group:
    """A treatment group. destinations: their ids; empty for a control."""

    key: str
    name: str
    split: int
    control: bool
    destinations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A sub-audience. rule: JSON; null for the remaining audience members.

    A part without groups keeps its customers in the audience and sends them nothing.
    """

    key: str
    name: str
    seed: str
    rule: Any
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """A destination as this campaign uses it. source: "table.column"."""

    id: int
    name: str
    segment_name: str  # template of the list's name
    identifier: str  # "phone" or "email"; "" when nobody chose yet
    source: str
    only_where: Any = None  # rule JSON


@dataclass(frozen=True, slots=True)
class Definition:
    """The whole of a campaign. parts: in order, the remaining audience members last."""

    campaign: str  # its key
    name: str
    include: tuple[Named, ...]
    exclude: tuple[Named, ...]
    first_match_only: bool
    parts: tuple[Part, ...]
    targets: tuple[Target, ...]
    segments: dict[str, Any] = field(default_factory=dict)  # rules of segments that rules name
    lists: dict[str, str] = field(default_factory=dict)  # name -> digest of lists that rules name
