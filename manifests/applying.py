"""A plan carried out: one transaction, nobody outside is called, nothing is launched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from django.db import transaction

from accounts.models import User
from manifests import campaign_checks, checking, document, list_files, stored
from manifests.errors import ManifestError
from manifests.plan import Plan
from manifests.plan import plan as make_plan
from manifests.reading import read
from manifests.shaping import SECTIONS, shape
from manifests.storing import carry_out
from manifests.tokens import Tokens
from manifests.tokens import read as read_tokens
from manifests.whole import Whole, spelled, whole
from segments.rules import Fault
from warehouse import catalogue
from warehouse.catalogue import Catalogue


def apply(
    text: str,
    folder: Path,
    environ: Mapping[str, str],
    by: User | None = None,
    *,
    dry_run: bool = False,
) -> Plan:
    """Carry out a manifest, or with dry_run only say what that would do.

    folder: where the files of lists lie. environ: where secrets are read from.
    Raises ManifestError with every fault of the file; then nothing was changed.
    """
    manifest, faults = shape(read(text))
    files = list_files.read(manifest.lists, folder)
    manifest = replace(manifest, lists=files.lists)
    tables = catalogue.current()
    with transaction.atomic():
        plan, tokens = prepare(manifest, [*faults, *files.faults], tables, environ, by)
        if not dry_run:
            carry_out(plan, tokens.values, files.values, by)
    return plan


def prepare(
    manifest: document.Manifest,
    faults: list[Fault],
    tables: Catalogue,
    environ: Mapping[str, str],
    by: User | None = None,
) -> tuple[Plan, Tokens]:
    """Check the manifest against what is stored and plan it for somebody. Raises ManifestError."""
    there = stored.read(tables)
    everything = whole(manifest, there, tables)
    tokens = read_tokens(manifest, environ)
    told = {fault.path for fault in faults}
    meant = [
        *tokens.faults,
        *checking.check(manifest, everything),
        *checking.check_lists(manifest, there),
        *campaign_checks.check(manifest.campaigns, everything),
        *campaign_checks.closed(manifest, by),
    ]
    faults = [*faults, *(fault for fault in meant if fault.path not in told)]
    if faults:
        raise ManifestError(in_order(faults, everything))
    same = replace(manifest, tables=tuple(spelled(each, tables) for each in manifest.tables))
    return make_plan(same, there, tokens.changed), tokens


def in_order(faults: Iterable[Fault], everything: Whole) -> list[Fault]:
    """By section, and within a section by entry."""
    ordered = sorted(dict.fromkeys(faults), key=place)
    if not everything.catalogue.base:
        text = "The catalogue is empty. Bring the customer tables in first, with load_tables."
        ordered.insert(0, Fault("", text))
    return ordered


def place(fault: Fault) -> tuple[int, int]:
    """The position of a fault's section in the file, and of its entry in the section."""
    section, index, *_ = [*re.split(r"[.\[\]]", fault.path), ""]
    return (
        SECTIONS.index(section) if section in SECTIONS else -1,
        int(index) if index.isdigit() else -1,
    )
