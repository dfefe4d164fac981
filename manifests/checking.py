"""Whether a manifest can be applied here: what it names is there, and every rule can be counted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from django.core.exceptions import ValidationError

from core.nearest import did_you_mean
from destinations import sources
from destinations.validators import validate_address, validate_list_name
from manifests.document import Destination, Manifest, Segment, Source, Table
from manifests.errors import join
from manifests.whole import Whole
from segments import drafts, rules
from segments.drafts import is_sql
from segments.rules import Fault
from warehouse.catalogue import CatalogueTable


def check(manifest: Manifest, whole: Whole) -> Iterator[Fault]:
    """Faults of everything but campaigns, secrets and files of lists."""
    for destination in manifest.destinations:
        yield from check_destination(destination, whole)
    for table in manifest.tables:
        yield from check_table(table, whole)
    for position, name in enumerate(manifest.default_exclusions or ()):
        yield from check_segment_name(name, f"default_exclusions[{position}]", whole)
    for segment in manifest.segments:
        yield from check_segment(segment, whole)


def unknown(kind: str, name: str, known: Collection[str]) -> str:
    hint = did_you_mean(name, known) or " Nor does the installation have one."
    return f'There is no {kind} "{name}" in this file.{hint}'


def check_destination(entry: Destination, whole: Whole) -> Iterator[Fault]:
    kind = whole.kinds.get(entry.credential, entry.kind)
    if entry.credential and entry.credential not in whole.kinds:
        text = unknown("credential", entry.credential, whole.kinds)
        yield Fault(join(entry.at, "credential"), text)
    elif kind != entry.kind:
        text = f'"{entry.credential}" is of kind {kind}. Name one of kind {entry.kind}.'
        yield Fault(join(entry.at, "credential"), text)
    for key, validate in (
        ("base_url", validate_address),
        ("segment_name", validate_list_name),
    ):
        for text in refused(validate, getattr(entry, key)):
            yield Fault(join(entry.at, key), text)
    if entry.default_attributes:
        yield from check_source(entry.default_attributes, whole)


def refused(validate: Callable[[str], None], value: str) -> Iterator[str]:
    """What the validator of the pages says against it."""
    try:
        validate(value)
    except ValidationError as error:
        yield from error.messages


def check_source(source: Source, whole: Whole) -> Iterator[Fault]:
    if source.column and (
        problem := sources.fault(source.identifier, source.column, whole.catalogue)
    ):
        yield Fault(source.at, problem)


def check_table(entry: Table, whole: Whole) -> Iterator[Fault]:
    table = whole.catalogue.table(entry.name)
    if table is None:
        hint = did_you_mean(entry.name, whole.catalogue.tables)
        yield Fault(entry.at, f'The warehouse has no table "{entry.name}".{hint}')
        return
    for key, column in (("key", entry.key), ("customer", entry.customer)):
        if column:
            yield from check_column(table, column, join(entry.at, key))
    for column in entry.semantics:
        yield from check_column(table, column, join(entry.at, f"semantics.{column}"))
    for column, (to_table, to_column) in entry.joins.items():
        path = join(entry.at, f"joins.{column}")
        yield from check_column(table, column, path)
        other = whole.catalogue.table(to_table)
        if other is None:
            hint = did_you_mean(to_table, whole.catalogue.tables)
            yield Fault(path, f'The warehouse has no table "{to_table}".{hint}')
        else:
            yield from check_column(other, to_column, path)
    if entry.base and not (table.one_per_customer and table.customer):
        text = "Everyone must come from a table with one row a customer and a customer column."
        yield Fault(join(entry.at, "base"), text)


def check_column(table: CatalogueTable, column: str, path: str) -> Iterator[Fault]:
    if table.column(column) is None:
        hint = did_you_mean(column, table.columns)
        yield Fault(path, f'{table.name} has no column "{column}".{hint}')


def check_segment_name(name: str, path: str, whole: Whole) -> Iterator[Fault]:
    segment = whole.segments.get(name)
    if segment is None:
        yield Fault(path, unknown("segment", name, whole.segments))
    elif segment.archived:
        yield Fault(path, f'"{name}" is archived. Restore it, or take it out here.')


def check_segment(entry: Segment, whole: Whole) -> Iterator[Fault]:
    if is_sql(entry.rule):
        for fault in rules.check(entry.rule, whole.catalogue):
            yield Fault(join(entry.at, fault.path), fault.text)
    elif entry.rule is not None:
        yield from check_rule(entry.rule, join(entry.at, "rule"), whole, entry.name)


def check_rule(rule: Any, path: str, whole: Whole, name: str = "") -> Iterator[Fault]:
    """name: of the segment whose rule it is, to find circles."""
    found = rules.check(rule, whole.catalogue, whole.rules, whole.lists, name)
    for fault in found:
        yield Fault(join(path, fault.path), fault.text)
    if not found and any(is_sql(node) for node in drafts.walk(rule)):
        text = "SQL stands alone, as the sql of a segment. Name that segment here: {segment: NAME}."
        yield Fault(path, text)


def check_lists(manifest: Manifest, stored: Manifest) -> Iterator[Fault]:
    """A file that is not there keeps the stored list, and is a fault when there is none."""
    known = {each.name.lower() for each in stored.lists}
    for entry in manifest.lists:
        if entry.file and not entry.digest and entry.name.lower() not in known:
            text = f'There is no file "{entry.file}" beside the manifest, and no such list yet.'
            yield Fault(join(entry.at, "file"), f"{text} Put it there.")
