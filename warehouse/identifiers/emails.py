"""SQL of an email's identifier or reason. plain: the SQL of a text without white space around."""

from __future__ import annotations

from warehouse.identifiers.values import (
    BAD_HOST,
    BAD_NAME,
    EMAIL_LENGTH,
    EMAIL_NAME,
    EMAIL_NAME_LENGTH,
    EMAIL_PATTERN,
    NO_AT,
    TOO_LONG,
)
from warehouse.quoting import literal


def value(plain: str) -> str:
    """SQL: the identifier, null where it is none."""
    return (
        f"CASE WHEN regexp_full_match({plain}, {literal(EMAIL_PATTERN)}) "
        f"AND NOT {_too_long(plain)} THEN lower({plain}) END"
    )


def reason(plain: str, value: str) -> str:
    """SQL: why there is none; null for a blank. value: the SQL of the identifier."""
    return (
        f"CASE WHEN {value} IS NOT NULL OR {plain} IS NULL OR {plain} = '' THEN NULL "
        f"WHEN strpos({plain}, '@') = 0 THEN {literal(NO_AT)} "
        f"WHEN {_too_long(plain)} THEN {literal(TOO_LONG)} "
        f"WHEN NOT regexp_matches({plain}, {literal(f'^{EMAIL_NAME}@')}) THEN {literal(BAD_NAME)} "
        f"ELSE {literal(BAD_HOST)} END"
    )


def _too_long(plain: str) -> str:
    return f"(length({plain}) > {EMAIL_LENGTH} OR strpos({plain}, '@') > {EMAIL_NAME_LENGTH + 1})"
