"""Entries of a manifest as the plain values of a file."""

from __future__ import annotations

from typing import Any

from destinations.models import Destination as DestinationModel
from manifests.delivery import NOW
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
from segments.drafts import is_sql

Entry = Credential | Destination | Table | List | Segment | Campaign


def document(manifest: Manifest) -> dict[str, Any]:
    """The file that says what the manifest says; a field with its default is left out."""
    sections: dict[str, Any] = {
        "credentials": [brief(each) for each in manifest.credentials],
        "destinations": [brief(each) for each in manifest.destinations],
        "tables": {each.name: brief(each) for each in manifest.tables},
        "default_exclusions": list(manifest.default_exclusions or ()),
        "lists": [brief(each) for each in manifest.lists],
        "segments": [brief(each) for each in manifest.segments],
        "campaigns": [brief(each) for each in manifest.campaigns],
    }
    return {"version": VERSION} | {key: each for key, each in sections.items() if each}


def full(entry: Entry) -> dict[str, Any]:
    """Every field of an entry, as the file would have it."""
    match entry:
        case Credential():
            return {
                "name": entry.name,
                "kind": entry.kind,
                "token": {"env": entry.variable},
            }
        case Destination():
            return {
                "name": entry.name,
                "kind": entry.kind,
                "credential": entry.credential,
                "base_url": entry.base_url,
                "segment_name": entry.segment_name,
                "requests_per_second": entry.requests_per_second,
                "batch_size": entry.batch_size,
                "removal_limit": entry.removal_limit,
                "settle_hours": entry.settle_hours,
                **({} if entry.enabled is None else {"enabled": entry.enabled}),
                "default_attributes": source(entry.default_attributes),
            }
        case Table():
            return table(entry)
        case List():
            return {"name": entry.name, "file": entry.file}
        case Segment():
            return {
                "name": entry.name,
                "description": entry.description,
                "folder": entry.folder,
                "labels": list(entry.labels),
                "active": entry.active,
                **({"archived": True} if entry.archived else {}),
                **ruled(entry.rule),
            }
        case Campaign():
            return campaign(entry)


def brief(entry: Entry) -> dict[str, Any]:
    """An entry as its author would write it: fields that have their default are left out."""
    written = full(entry)
    match entry:
        case Destination():
            default = DestinationModel()
            without(
                written,
                requests_per_second=default.requests_per_second,
                batch_size=default.batch_size,
                removal_limit=default.removal_limit,
                settle_hours=default.settle_hours,
                enabled=True,
                default_attributes=None,
            )
        case Segment():
            without(written, description="", folder="", labels=[], active=False)
        case Campaign():
            without(
                written,
                folder="",
                labels=[],
                exclude=[],
                sub_audiences=[],
                attributes={},
                delivery=NOW,
                messages_from=None,
            )
            for part in [*written.get("sub_audiences", ()), written["remaining"]]:
                without(part, rule=None, segments=[], treatment_groups=[])
                for each in part.get("treatment_groups", ()):
                    without(each, control=False, destinations=[])
            for each in written.get("attributes", {}).values():
                without(each, only_where=None)
            without(written, remaining={})
    return written


def without(written: dict[str, Any], **defaults: Any) -> None:
    for key, default in defaults.items():
        if key in written and written[key] == default:
            del written[key]


def source(entry: Source | None) -> dict[str, str] | None:
    return {entry.identifier: entry.column} if entry and entry.identifier else None


def table(entry: Table) -> dict[str, Any]:
    """Only what is corrected: the rest is the catalogue's guess."""
    written: dict[str, Any] = {}
    for key in ("key", "customer", "one_per_customer"):
        value = getattr(entry, key)
        if value is not None:
            written[key] = value
    if entry.base:
        written["base"] = True
    if entry.semantics:
        written["semantics"] = {
            column: meaning or None for column, meaning in sorted(entry.semantics.items())
        }
    if entry.joins:
        written["joins"] = {
            column: ".".join(target) for column, target in sorted(entry.joins.items())
        }
    return written


def campaign(entry: Campaign) -> dict[str, Any]:
    return {
        "name": entry.name,
        "folder": entry.folder,
        "labels": list(entry.labels),
        "include": names(entry.include),
        "exclude": names(entry.exclude),
        "first_match_only": entry.first_match_only,
        "sub_audiences": [sub_audience(each) for each in entry.sub_audiences if not each.remaining],
        "remaining": next(
            (sub_audience(each) for each in entry.sub_audiences if each.remaining), {}
        ),
        "attributes": {
            each.destination: attributes(each)
            for each in sorted(entry.attributes, key=lambda each: each.destination.lower())
        },
        "delivery": entry.delivery,
        "messages_from": entry.messages_from,
    }


def sub_audience(entry: SubAudience) -> dict[str, Any]:
    seed = {"seed": entry.seed} if entry.seed else {}
    treatment_groups = {"treatment_groups": [group(each) for each in entry.groups]}
    if entry.remaining:
        return seed | treatment_groups
    return {
        "name": entry.name,
        **seed,
        "rule": unmarked(entry.rule),
        "segments": names(entry.segments),
        **treatment_groups,
    }


def group(entry: Group) -> dict[str, Any]:
    return {
        "name": entry.name,
        "split": entry.split,
        "control": entry.control,
        "destinations": names(entry.destinations),
    }


def attributes(entry: Attributes) -> dict[str, Any]:
    return {**(source(entry.source) or {}), "only_where": unmarked(entry.only_where)}


def names(entries: tuple[str, ...]) -> list[str]:
    """In one order, as the database keeps none for these."""
    return sorted(entries, key=lambda name: (name.lower(), name))


def ruled(rule: Any) -> dict[str, Any]:
    """What a segment asks: a rule, or SQL."""
    plain = unmarked(rule)
    return plain if is_sql(plain) else {"rule": plain}


def unmarked(rule: Any) -> Any:
    """The rule without the ids that the editor gives its nodes: they mean nothing in a file.

    A whole number is one, as a file is read.
    """
    if isinstance(rule, float) and rule.is_integer():
        return int(rule)
    if isinstance(rule, dict):
        return {key: unmarked(each) for key, each in rule.items() if key != "id"}
    return [unmarked(each) for each in rule] if isinstance(rule, list) else rule
