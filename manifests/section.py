"""One mapping of a manifest, read key by key: a wrong value is noted, and reading goes on."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Protocol

from core.nearest import did_you_mean
from manifests.errors import join, listing
from segments.rules import Fault


def shown(value: Any) -> str:
    """The value as the file has it, cut short."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


class Section:
    """A mapping at a path of the file.

    known: the keys it may have; any other is a fault. faults: shared by the
    whole file. Every method returns its default where the value is missing or
    wrong, so that all faults of a file are found at once.
    """

    def __init__(self, value: Any, path: str, known: Collection[str], faults: list[Fault]):
        self.path = path
        self.faults = faults
        self.values: dict[str, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self.fault("", f"must be a mapping with {listing(known)}, not {shown(value)}.")
        for key in self.values:
            if key not in known:
                hint = did_you_mean(key, known) or f" Known here: {listing(known)}."
                self.fault(key, f"is not known here.{hint}")

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def fault(self, key: str, text: str) -> None:
        self.faults.append(Fault(join(self.path, key), text))

    def at(self, key: str) -> str:
        return join(self.path, key)

    def text(
        self, key: str, default: str = "", *, required: bool = False, longest: int = 200
    ) -> str:
        value = self.values.get(key)
        if value is None:
            if required:
                self.fault(key, "is missing.")
            return default
        if not isinstance(value, str):
            self.fault(key, f"must be text, not {shown(value)}: write it in quotes.")
        elif required and not value.strip():
            self.fault(key, "is empty.")
        elif len(value) > longest:
            self.fault(key, f"has {len(value)} characters; at most {longest} are stored.")
        else:
            return value
        return default

    def whole(self, key: str, default: int, low: int, high: int, *, required: bool = False) -> int:
        value = self.values.get(key)
        if value is None:
            if required:
                self.fault(key, f"is missing: a whole number from {low:,} to {high:,}.")
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.fault(key, f"must be a whole number from {low:,} to {high:,}, not {shown(value)}.")
            return default
        return value

    def yes_no(self, key: str, default: Any = False) -> Any:
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fault(key, f"must be true or false, not {shown(value)}.")
            return default
        return value

    def items(self, key: str) -> Iterator[tuple[Any, str]]:
        """The values of a list, each with its path."""
        value = self.values.get(key)
        if value is None:
            return
        if not isinstance(value, list):
            self.fault(key, f"must be a list, not {shown(value)}.")
            return
        for position, each in enumerate(value):
            yield each, f"{self.at(key)}[{position}]"

    def pairs(self, key: str) -> Iterator[tuple[str, Any, str]]:
        """The keys and values of a mapping, each with its path."""
        value = self.values.get(key)
        if value is None:
            return
        if not isinstance(value, dict):
            self.fault(key, f"must be a mapping, not {shown(value)}.")
            return
        for name, each in value.items():
            yield name, each, join(self.at(key), name)

    def names(self, key: str, *, longest: int = 200) -> tuple[str, ...]:
        """A list of names, none of them twice."""
        found: dict[str, str] = {}
        for value, path in self.items(key):
            if not isinstance(value, str) or not value.strip():
                text = f"must be a name, not {shown(value)}."
            elif len(value) > longest:
                text = f"has {len(value)} characters; at most {longest} are stored."
            elif value in found:
                text = f'"{value}" stands here twice. Take one out.'
            else:
                found[value] = path
                continue
            self.faults.append(Fault(path, text))
        return tuple(found)


class Entry(Protocol):
    """An entry of the file. at: its path, as campaigns[0]."""

    @property
    def name(self) -> str: ...

    @property
    def at(self) -> str: ...


def doubled(entries: Iterable[Entry]) -> list[Fault]:
    """The faults of entries that have the name of another, whatever its case."""
    first: dict[str, Entry] = {}
    faults = []
    for entry in entries:
        other = first.setdefault(entry.name.lower(), entry)
        if other is not entry and entry.name:
            text = f'"{entry.name}" is the name of {other.at} too. Give it another.'
            faults.append(Fault(f"{entry.at}.name", text))
    return faults
