"""Credentials and destinations of a file, with the one identifier that each sends."""

from __future__ import annotations

import re
from typing import Any

from core.nearest import did_you_mean
from destinations.models import Destination as DestinationModel
from destinations.models import Kind
from manifests.document import Credential, Destination, Source
from manifests.errors import listing
from manifests.section import Section
from segments.rules import Fault

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LATER_KINDS = ("attentive-sftp",)


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
