"""What a person asked for lately, so that it is offered first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accounts.models import User
from segments import drafts
from segments.models import Segment

LOOKED_AT = 8  # segments
OFFERED = 5


def columns(by: User) -> list[str]:
    """ "table.column" of the attributes in the segments that the person edited last."""
    return _first(str(node["attribute"]) for node in _criteria(by) if node.get("attribute"))


def values(by: User, column: str) -> list[str]:
    """The values that the person compared a column with lately."""
    asked = (
        node.get("value")
        for node in _criteria(by)
        if str(node.get("attribute", "")).lower() == column.lower()
    )
    return _first(
        str(each)
        for value in asked
        for each in (value if isinstance(value, list) else [value])
        if isinstance(each, str) and each
    )


def _criteria(by: User) -> Iterator[dict[str, Any]]:
    edited = Segment.objects.live().filter(edited_by=by).order_by("-edited_at", "-pk")
    for segment in edited[:LOOKED_AT]:
        yield from (node for node in drafts.walk(segment.current_rule) if not drafts.word(node))


def _first(found: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(found))[:OFFERED]
