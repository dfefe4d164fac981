"""The manifest of an installation: what applying it again would change nothing of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from campaigns import preflight
from campaigns.models import Campaign as CampaignModel
from manifests import campaign_checks, checking, stored, writing
from manifests.document import Manifest
from manifests.reading import dump
from manifests.shaping import shape
from manifests.whole import whole
from segments.models import Segment as SegmentModel
from segments.rules import Fault
from warehouse import catalogue
from warehouse.catalogue import Catalogue

KINDS = {
    "credentials": "credential",
    "destinations": "destination",
    "tables": "table",
    "lists": "list",
    "segments": "segment",
    "campaigns": "campaign",
}


@dataclass(frozen=True, slots=True)
class Export:
    """text: the YAML; left_out: a line for each thing that is no part of it, and why."""

    text: str
    left_out: tuple[str, ...]


def export() -> Export:
    """Everything that is complete; what a check would refuse is left out and named."""
    tables = catalogue.current()
    manifest, left_out = complete(stored.read(tables), tables)
    document = writing.document(manifest)
    return Export(
        "".join(f"# {line}\n" for line in preface(manifest)) + dump(document),
        (*left_out, *unpublished(), *nameless()),
    )


def preface(manifest: Manifest) -> Iterator[str]:
    variables = [each.variable for each in manifest.credentials]
    if variables:
        yield f"Secrets are read from {', '.join(variables)}; without it the stored one stays."
    if manifest.lists:
        yield "The files of lists are not part of an export; without one the stored list stays."


def complete(manifest: Manifest, tables: Catalogue) -> tuple[Manifest, list[str]]:
    """The manifest without what is archived, unfinished or faulty, or names what was left out."""
    left_out = [
        f'left out: segment "{each.name}": it is archived.'
        for each in manifest.segments
        if each.archived
    ]
    lacking = dict(unfinished(tables))
    left_out += [f'left out: campaign "{name}": {why}' for name, why in lacking.items()]
    manifest = replace(
        manifest,
        segments=tuple(each for each in manifest.segments if not each.archived),
        campaigns=tuple(each for each in manifest.campaigns if each.name not in lacking),
    )
    while True:
        names = {each.name for each in manifest.segments}
        kept = tuple(each for each in manifest.default_exclusions or () if each in names)
        manifest = replace(manifest, default_exclusions=kept)
        shaped, faults = shape(writing.document(manifest))
        everything = whole(shaped, Manifest(), tables)
        faults += checking.check(shaped, everything)
        faults += campaign_checks.check(shaped.campaigns, everything)
        manifest, lines = without(manifest, shaped, faults)
        if not lines:
            return manifest, left_out
        left_out += lines


def without(
    manifest: Manifest, shaped: Manifest, faults: Iterable[Fault]
) -> tuple[Manifest, list[str]]:
    """The manifest without its faulty entries, and a line for each of them."""
    faults = list(faults)
    lines: list[str] = []
    kept: dict[str, Any] = {}
    for section, kind in KINDS.items():
        entries = []
        for entry, place in zip(getattr(manifest, section), getattr(shaped, section), strict=True):
            problem = next((each for each in faults if within(each.path, place.at)), None)
            if problem is None:
                entries.append(entry)
            else:
                inside = Fault(problem.path[len(place.at) :].lstrip("."), problem.text)
                lines.append(f'left out: {kind} "{entry.name}": {inside}')
        kept[section] = tuple(entries)
    return replace(manifest, **kept), lines


def within(path: str, place: str) -> bool:
    return path == place or path.startswith((f"{place}.", f"{place}["))


def unfinished(tables: Catalogue) -> Iterator[tuple[str, str]]:
    """Campaigns by name, and what a line of theirs lacks that only the editor can keep."""
    for campaign in stored.campaigns():
        if fault := next(preflight.unfinished(campaign, tables), None):
            yield campaign.name, str(fault)


def unpublished() -> Iterator[str]:
    """Segments whose published rule is exported while a draft of it is being edited."""
    for segment in SegmentModel.objects.active().filter(draft__isnull=False).order_by("pk"):
        yield f'left out: the draft of segment "{segment.name}": its published rule is written.'


def nameless() -> Iterator[str]:
    for kind, rows in (
        ("segment", SegmentModel.objects.live()),
        ("campaign", CampaignModel.objects.live()),
    ):
        for pk in rows.filter(name="").order_by("pk").values_list("pk", flat=True):
            yield f"left out: {kind} {pk}: a draft without a name."
