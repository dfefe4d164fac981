"""What the segment editor's templates need beside the shared filters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from segments.sheets.options import Option
from segments.wording.behaviours import SENT

register = template.Library()

SELECTED = SafeString(" selected")


@register.filter
def words(text: str) -> list[str]:
    """Constant words to loop over: "all any none"."""
    return text.split()


@register.filter
def asks(event: str) -> str:
    """What a condition on the rows of an event's table is mostly about."""
    if event.lower() == SENT:
        return "Campaign, sub-audience, group..."
    return "Product, category, channel..."


@register.filter
def plain(value: Any) -> str:
    """A number as it is typed: no thousands separator, no point where it is whole."""
    return "" if value is None else str(value)


@register.filter
def choices(options: Iterable[Option]) -> SafeString:
    """The options of a plain select; a choice that is no longer there says so."""
    return format_html_join(
        "",
        '<option value="{}"{}>{}{}</option>',
        (
            (
                option["value"],
                SELECTED if option.get("selected") else "",
                option["text"],
                " (gone)" if option.get("gone") else "",
            )
            for option in options
        ),
    )
