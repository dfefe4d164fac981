"""The plain values of a file as a Manifest: every key known, every value of its kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

from campaigns.definition import REMAINING
from core.nearest import did_you_mean
from destinations.models import Destination as DestinationModel
from destinations.models import Kind
from manifests import delivery
from manifests.document import (
    VERSION,
    Attributes,
    Campaign,
    Credential,
    Destination,
    Group,
    List,
    Manifest,
    Segment,
    Source,
    SubAudience,
    Table,
)
from manifests.errors import listing
from manifests.section import Section, shown
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
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
UNREAD = -1  # a split that is no number adds up to nothing
LATER_KINDS = ("attentive-sftp",)


class Entry(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def at(self) -> str: ...


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


def doubled(entries: Iterable[Entry]) -> list[Fault]:
    first: dict[str, Entry] = {}
    faults = []
    for entry in entries:
        other = first.setdefault(entry.name.lower(), entry)
        if other is not entry and entry.name:
            text = f'"{entry.name}" is the name of {other.at} too. Give it another.'
            faults.append(Fault(f"{entry.at}.name", text))
    return faults


def credential(value: Any, path: str, faults: list[Fault]) -> Credential:
    later = isinstance(value, dict) and value.get("kind") in LATER_KINDS
    extra = ("user", "password", "key") if later else ()
    section = Section(value, path, ("name", "kind", "token", *extra), faults)
    kind_read = kind(section)
    variable = ""
    token = section.values.get("token")
    if isinstance(token, dict):
        named_by = Section(token, section.at("token"), ("env",), faults)
        variable = named_by.text("env", required=True)
        if variable and not VARIABLE.fullmatch(variable):
            # What stands here may be the token itself: it is not repeated.
            named_by.fault("env", "must be a variable's name: letters, digits and _ only.")
            variable = ""
    elif not later:
        section.fault(
            "token",
            "must name the environment variable that holds it, as {env: ATTENTIVE_TOKEN}. "
            "A secret is never written in the file.",
        )
    return Credential(
        name=section.text("name", required=True, longest=100),
        kind=kind_read,
        variable=variable,
        at=path,
    )


def kind(section: Section) -> str:
    value = section.text("kind", required=True)
    if value in LATER_KINDS:
        section.fault("kind", f'This version does not have "{value}" yet. Use "attentive-api".')
    elif value and value not in Kind.values:
        section.fault(
            "kind",
            f'"{value}" is no kind of destination.{did_you_mean(value, Kind.values)} '
            f"Known here: {listing(Kind.values)}.",
        )
    else:
        return value or Kind.ATTENTIVE_API
    return Kind.ATTENTIVE_API


def destination(value: Any, path: str, faults: list[Fault]) -> Destination:
    later = isinstance(value, dict) and value.get("kind") in LATER_KINDS
    extra = ("host", "port", "folder", "client_domain", "phone_format", "host_key")
    known = (
        "name",
        "kind",
        "credential",
        "base_url",
        "segment_name",
        "default_attributes",
        "requests_per_second",
        "batch_size",
        "removal_limit",
        "settle_hours",
        "enabled",
    )
    section = Section(value, path, (*known, *extra) if later else known, faults)
    default = DestinationModel()
    attributes = section.values.get("default_attributes")
    return Destination(
        name=section.text("name", required=True, longest=100),
        kind=kind(section),
        credential=section.text("credential", required=True, longest=100),
        base_url=section.text("base_url", default.base_url, longest=300),
        segment_name=section.text("segment_name", default.segment_name),
        requests_per_second=section.whole(
            "requests_per_second", default.requests_per_second, 1, 100
        ),
        batch_size=section.whole("batch_size", default.batch_size, 1, 10_000),
        removal_limit=section.whole("removal_limit", default.removal_limit, 0, 100),
        settle_hours=section.whole("settle_hours", default.settle_hours, 0, 32_767),
        default_attributes=(
            None
            if attributes is None
            else source(
                Section(attributes, section.at("default_attributes"), ("phone", "email"), faults)
            )
        ),
        enabled=section.yes_no("enabled", None),
        at=path,
    )


def source(section: Section) -> Source:
    """The one identifier of a mapping with phone or email."""
    given = [key for key in ("phone", "email") if section.values.get(key) is not None]
    if len(given) != 1:
        problem = "has both phone and email." if given else "has neither phone nor email."
        section.fault(
            "", f"{problem} Attentive takes exactly one for each person: name the one to send."
        )
        return Source("", "", section.path)
    column = section.text(given[0], required=True, longest=401)
    if column and column.count(".") < 1:
        section.fault(given[0], f"must be table.column, as merged_customers.{given[0]}.")
        column = ""
    return Source(given[0], column, section.at(given[0]))


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


def campaign(value: Any, path: str, faults: list[Fault]) -> Campaign:
    section = Section(
        value,
        path,
        (
            "name",
            "folder",
            "labels",
            "include",
            "exclude",
            "first_match_only",
            "sub_audiences",
            "remaining",
            "attributes",
            "delivery",
            "messages_from",
        ),
        faults,
    )
    when = delivery.delivery(section.values.get("delivery"), section.at("delivery"), faults)
    parts = [sub_audience(*each, faults) for each in section.items("sub_audiences")]
    faults.extend(doubled(parts))
    return Campaign(
        name=section.text("name", required=True),
        folder=section.text("folder"),
        labels=section.names("labels"),
        include=section.names("include"),
        exclude=section.names("exclude"),
        first_match_only=section.yes_no("first_match_only", True),
        sub_audiences=(*parts, remaining(section)),
        attributes=tuple(attributes(*each, faults) for each in section.pairs("attributes")),
        delivery=when,
        messages_from=delivery.messages_from(
            section.values.get("messages_from"),
            section.at("messages_from"),
            delivery.repeats(when),
            faults,
        ),
        at=path,
    )


def sub_audience(value: Any, path: str, faults: list[Fault]) -> SubAudience:
    section = Section(value, path, ("name", "seed", "rule", "segments", "treatment_groups"), faults)
    rule = section.values.get("rule")
    segments = section.names("segments")
    if rule is not None and segments:
        section.fault("segments", "stands beside rule. Keep one of the two.")
    elif rule is None and "segments" not in section:
        section.fault("rule", "is missing: a rule, or segments: [NAME, ...].")
    elif rule is None and not section.values.get("segments"):
        section.fault("segments", "is empty: nobody would be in it. Name a segment.")
    return SubAudience(
        name=section.text("name", required=True, longest=100),
        remaining=False,
        seed=section.text("seed", longest=64),
        rule=rule,
        segments=segments,
        groups=groups(section),
        at=path,
    )


def remaining(campaign: Section) -> SubAudience:
    """The remaining audience members; left out, they are in the campaign and get nothing."""
    value = campaign.values.get("remaining")
    section = Section(
        {} if value is None else value,
        campaign.at("remaining"),
        ("seed", "treatment_groups"),
        campaign.faults,
    )
    return SubAudience(
        name=REMAINING,
        remaining=True,
        seed=section.text("seed", longest=64),
        rule=None,
        segments=(),
        groups=groups(section),
        at=section.path,
    )


def groups(section: Section) -> tuple[Group, ...]:
    found = tuple(group(*each, section.faults) for each in section.items("treatment_groups"))
    section.faults.extend(doubled(found))
    return found


def group(value: Any, path: str, faults: list[Fault]) -> Group:
    section = Section(value, path, ("name", "split", "control", "destinations"), faults)
    return Group(
        name=section.text("name", required=True, longest=100),
        split=section.whole("split", UNREAD, 0, 100, required=True),
        control=section.yes_no("control"),
        destinations=section.names("destinations", longest=100),
        at=path,
    )


def attributes(destination: str, value: Any, path: str, faults: list[Fault]) -> Attributes:
    section = Section(value, path, ("phone", "email", "only_where"), faults)
    return Attributes(
        destination=destination,
        source=source(section),
        only_where=section.values.get("only_where"),
        at=path,
    )
