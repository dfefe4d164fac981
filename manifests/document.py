"""A manifest as plain frozen values: what a file says, and what the database holds.

Both sides of a plan are made of these. at: where the entry stands in the file;
two entries are equal wherever they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VERSION = 1


@dataclass(frozen=True, slots=True)
class Credential:
    """variable: the environment variable that holds its token."""

    name: str
    kind: str
    variable: str
    at: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Source:
    """identifier: phone or email, '' when nobody chose; column: table.column."""

    identifier: str
    column: str
    at: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Destination:
    """enabled: null where the file leaves it to the installation."""

    name: str
    kind: str
    credential: str
    base_url: str
    segment_name: str
    requests_per_second: int
    batch_size: int
    removal_limit: int
    settle_hours: int
    default_attributes: Source | None
    enabled: bool | None = None
    at: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Table:
    """What the catalogue's guesses are corrected to; null: not corrected.

    semantics: column -> meaning ('' for none); joins: column -> (table, column).
    base: whether everyone is the customer ids of this table.
    """

    name: str
    key: str | None = None
    customer: str | None = None
    one_per_customer: bool | None = None
    base: bool = False
    semantics: Mapping[str, str] = field(default_factory=dict)
    joins: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    at: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class List:
    """file: relative to the manifest. digest, size: of its values; '' and 0 until it is read."""

    name: str
    file: str
    digest: str = ""
    size: int = 0
    at: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Segment:
    """active: its rule is published; otherwise it is a draft. archived: never so in a file."""

    name: str
    description: str
    active: bool
    folder: str
    labels: tuple[str, ...]
    rule: Any
    archived: bool = False
    at: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    split: int
    control: bool
    destinations: tuple[str, ...]
    at: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class SubAudience:
    """remaining: the remaining audience members, without a rule or segments.

    seed: '' where the file leaves it to the installation.
    """

    name: str
    remaining: bool
    seed: str
    rule: Any
    segments: tuple[str, ...]
    groups: tuple[Group, ...]
    at: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Attributes:
    """Edit attributes: what the campaign sends to one destination instead of its defaults."""

    destination: str
    source: Source
    only_where: Any
    at: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Campaign:
    """sub_audiences: in order, the remaining audience members last."""

    name: str
    folder: str
    labels: tuple[str, ...]
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    first_match_only: bool
    sub_audiences: tuple[SubAudience, ...]
    attributes: tuple[Attributes, ...]
    delivery: Any
    messages_from: Any
    at: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Manifest:
    """default_exclusions: null where the file leaves them alone."""

    credentials: tuple[Credential, ...] = ()
    destinations: tuple[Destination, ...] = ()
    tables: tuple[Table, ...] = ()
    default_exclusions: tuple[str, ...] | None = None
    lists: tuple[List, ...] = ()
    segments: tuple[Segment, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
