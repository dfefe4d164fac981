"""Secrets of a manifest: read from their variables, compared with what is stored, never shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.fields import SecretLostError
from destinations.models import Credential as CredentialModel
from manifests.document import Credential, Manifest
from manifests.errors import join
from segments.rules import Fault


@dataclass(frozen=True, slots=True)
class Tokens:
    """values: credential -> its token, where the variable is set; changed: not the stored one."""

    values: Mapping[str, str] = field(repr=False)
    changed: frozenset[str]
    faults: tuple[Fault, ...]


def read(manifest: Manifest, environ: Mapping[str, str]) -> Tokens:
    """A variable that is not set keeps the stored token, and is a fault when there is none."""
    rows = {row.name.lower(): row for row in CredentialModel.objects.all()}
    values: dict[str, str] = {}
    changed: set[str] = set()
    faults: list[Fault] = []
    for entry in manifest.credentials:
        row = rows.get(entry.name.lower())
        token = environ.get(entry.variable, "").strip() if entry.variable else ""
        kept, problem = stored_token(row)
        if token:
            values[entry.name] = token
            if token != kept:
                changed.add(entry.name)
        elif entry.variable and not kept:
            faults.append(missing(entry, problem))
    return Tokens(values, frozenset(changed), tuple(faults))


def stored_token(row: CredentialModel | None) -> tuple[str, str]:
    """The stored token, or '' and why there is none."""
    if row is None:
        return "", "no token is stored yet"
    try:
        return row.secret.open().get("token", ""), "the stored token is empty"
    except SecretLostError:
        return "", "the stored token was encrypted with a key that is no longer set"


def missing(entry: Credential, problem: str) -> Fault:
    return Fault(
        join(entry.at, "token.env"),
        f"The variable {entry.variable} is not set, and {problem}. Set it to the token.",
    )
