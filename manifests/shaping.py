"""The plain values of a file as a Manifest: every key known, every value of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from core.nearest import did_you_mean
from manifests.campaign_shaping import campaign
from manifests.destination_shaping import credential, destination
from manifests.document import VERSION, List, Manifest, Segment, Table
from manifests.errors import listing
from manifests.section import Entry, Section, doubled, shown
from segments.rules import Fault
from warehouse.models import Semantic

SECTIONS = (
    "version",
    "credentials",
    "destinations",
    "tables",
    "default_exclusions",
    "lists",
    "segments",
    "campaigns",
)
E = TypeVar("E", bound=Entry)


def shape(document: Any) -> tuple[Manifest, list[Fault]]:
    """The manifest and what is wrong with its form; wrong entries hold defaults."""
    faults: list[Fault] = []
    section = Section(document, "", SECTIONS, faults)
    if isinstance(document, dict):
        version(section)
    manifest = Manifest(
        credentials=named(section, "credentials", credential),
        destinations=named(section, "destinations", destination),
        tables=tables(section),
        default_exclusions=(
            section.names("default_exclusions") if "default_exclusions" in section else None
        ),
        lists=named(section, "lists", customer_list),
        segments=named(section, "segments", segment),
        campaigns=named(section, "campaigns", campaign),
    )
    return manifest, faults


def version(section: Section) -> None:
    value = section.values.get("version")
    if value is None:
        section.fault("version", f'is missing. Begin the file with "version: {VERSION}".')
    elif value != VERSION or isinstance(value, bool):
        section.fault("version", f"must be {VERSION}, the only one so far, not {shown(value)}.")


def named(section: Section, key: str, read: Callable[[Any, str, list[Fault]], E]) -> tuple[E, ...]:
    """The entries of a list; two of one name, whatever its case, are a fault."""
    entries = tuple(read(value, path, section.faults) for value, path in section.items(key))
    section.faults.extend(doubled(entries))
    return entries


def tables(section: Section) -> tuple[Table, ...]:
    """Names of tables match without case: one written twice is a fault."""
    found = tuple(table(*each, section.faults) for each in section.pairs("tables"))
    first: dict[str, Table] = {}
    for entry in found:
        other = first.setdefault(entry.name.lower(), entry)
        if other is not entry:
            text = f'is the table "{other.name}", which stands here too. Make one entry of the two.'
            section.faults.append(Fault(entry.at, text))
    return found


def table(name: str, value: Any, path: str, faults: list[Fault]) -> Table:
    section = Section(
        value,
        path,
        ("key", "customer", "one_per_customer", "base", "semantics", "joins"),
        faults,
    )
    return Table(
        name=name,
        key=section.text("key") if "key" in section else None,
        customer=section.text("customer") if "customer" in section else None,
        one_per_customer=section.yes_no("one_per_customer", None),
        base=section.yes_no("base"),
        semantics=dict(semantics(section)),
        joins=dict(joins(section)),
        at=path,
    )


def semantics(section: Section) -> Iterable[tuple[str, str]]:
    for column, meaning, path in section.pairs("semantics"):
        if meaning is None or meaning in Semantic.values:
            yield column, meaning or ""
        else:
            hint = did_you_mean(str(meaning), Semantic.values)
            text = f"{shown(meaning)} is no meaning of a column.{hint}"
            section.faults.append(
                Fault(path, text if hint else f"{text} Known: {listing(Semantic.values)}.")
            )


def joins(section: Section) -> Iterable[tuple[str, tuple[str, str]]]:
    for column, target, path in section.pairs("joins"):
        to_table, dot, to_column = target.rpartition(".") if isinstance(target, str) else ("",) * 3
        if dot and to_table and to_column:
            yield column, (to_table, to_column)
        else:
            text = f"must be table.column, as stores.store_id, not {shown(target)}."
            section.faults.append(Fault(path, text))


def customer_list(value: Any, path: str, faults: list[Fault]) -> List:
    section = Section(value, path, ("name", "file"), faults)
    return List(
        name=section.text("name", required=True),
        file=section.text("file", required=True, longest=1000),
        at=path,
    )


def segment(value: Any, path: str, faults: list[Fault]) -> Segment:
    section = Section(
        value,
        path,
        ("name", "description", "active", "folder", "labels", "rule", "sql"),
        faults,
    )
    rule = section.values.get("rule")
    if "sql" in section:
        if rule is not None:
            section.fault("sql", "stands beside rule. Keep one of the two.")
        rule = {"sql": section.values["sql"]}
    elif rule is None:
        section.fault("rule", "is missing. For everyone write {all: []}.")
    return Segment(
        name=section.text("name", required=True),
        description=section.text("description", longest=100_000),
        active=section.yes_no("active"),
        folder=section.text("folder"),
        labels=section.names("labels"),
        rule=rule,
        at=path,
    )
