"""Which columns tell who somebody is, and how a value of them may be shown."""

from __future__ import annotations

from warehouse.catalogue import Column
from warehouse.models import Semantic

MASKED = frozenset(
    {
        Semantic.EMAIL,
        Semantic.PHONE,
        Semantic.GIVEN_NAME,
        Semantic.SURNAME,
        Semantic.FULL_NAME,
        Semantic.ADDRESS,
        Semantic.POSTAL_CODE,
        Semantic.BIRTH_DATE,
    }
)
HIDDEN = "hidden"


def is_personal(column: Column) -> bool:
    return column.semantic in MASKED


def masked(value: str, semantic: str) -> str:
    """A value as anyone may see it: ``j***@ex...``, ``+1 *** *** 0143``; others are hidden."""
    if semantic == Semantic.EMAIL and "@" in value:
        name, _, host = value.strip().partition("@")
        return f"{name[:1]}***@{host[:2]}..."
    digits = "".join(letter for letter in value if letter.isdecimal())
    if semantic == Semantic.PHONE and len(digits) >= 7:
        return f"{'+1 ' if len(digits) in (10, 11) else ''}*** *** {digits[-4:]}"
    return HIDDEN
