"""What the segment editor's templates need beside the shared filters."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.filter
def words(text: str) -> list[str]:
    """Constant words to loop over: "all any none"."""
    return text.split()


@register.filter
def plain(value: Any) -> str:
    """A number as it is typed: no thousands separator, no point where it is whole."""
    return "" if value is None else str(value)
