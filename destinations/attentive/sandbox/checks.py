"""What Attentive's API v2 refuses, as strictly as its contract can be read."""

from __future__ import annotations

import re
from typing import Any

MEMBERS = 10_000
RECORD_BYTES = 1024 * 1024
PHONE = re.compile(r"\+[1-9]\d{1,14}")
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
LENGTHS = {"name": (1, 240), "description": (2, 500), "externalId": (1, 255)}


class RefusedError(Exception):
    """400, with the reason."""


def segment(found: Any, allowed: set[str], required: set[str]) -> dict[str, str]:
    """The fields of a create or update, outer blanks taken off."""
    known = _object(found, allowed)
    if missing := sorted(required - known.keys()):
        raise RefusedError(f"{missing[0]} is required")
    if not known:
        raise RefusedError("at least one field is required")
    return {key: text(key, value) for key, value in known.items()}


def text(key: str, value: Any) -> str:
    low, high = LENGTHS[key]
    if not isinstance(value, str) or not value.strip():
        raise RefusedError(f"{key} must not be blank")
    trimmed = value.strip()
    if not low <= len(trimmed) <= high:
        raise RefusedError(f"{key} must have {low} to {high} characters")
    if not trimmed.isprintable():
        raise RefusedError(f"{key} must not hold control characters")
    return trimmed


def members(found: Any) -> tuple[str, list[dict[str, str]]]:
    known = _object(found, {"externalId", "members"})
    if known.keys() != {"externalId", "members"}:
        raise RefusedError("externalId and members are required")
    listed = known["members"]
    if not isinstance(listed, list) or not 1 <= len(listed) <= MEMBERS:
        raise RefusedError(f"members must hold 1 to {MEMBERS} records")
    for each in listed:
        member(each)
    return text("externalId", known["externalId"]), listed


def member(found: Any) -> None:
    known = _object(found, {"email", "phone", "clientUserId"})
    if not known:
        raise RefusedError("a member needs email, phone or clientUserId")
    for key, value in known.items():
        if not isinstance(value, str) or not value:
            raise RefusedError(f"{key} must be a text that is not empty")
    if "phone" in known and not PHONE.fullmatch(known["phone"]):
        raise RefusedError("phone must be in E.164 format")
    if "email" in known and (len(known["email"]) > 254 or not EMAIL.fullmatch(known["email"])):
        raise RefusedError("email is not well formed")
    if "clientUserId" in known and len(known["clientUserId"]) > 100:
        raise RefusedError("clientUserId must have at most 100 characters")


def key(member: dict[str, str]) -> str:
    """How the sandbox names a member: by its phone, else its email, else the client's id."""
    return member.get("phone") or member.get("email", "").lower() or member.get("clientUserId", "")


def _object(found: Any, allowed: set[str]) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise RefusedError("the body must be a JSON object")
    if strange := sorted(found.keys() - allowed):
        raise RefusedError(f"unknown field {strange[0][:50]}")
    return found
