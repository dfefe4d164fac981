"""What templates say: the formatters as filters, badges, and where we are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import badges, formats, menus
from core.theme import theme_of

register = template.Library()

register.filter("count", formats.count)
register.filter("counted", formats.counted)
register.filter("delta", formats.delta)
register.filter("percent", formats.percent)
register.filter("money", formats.money)
register.filter("day", formats.day)
register.filter("moment", formats.moment)
register.filter("full_moment", formats.full_moment)
register.filter("ago", formats.ago)


@register.filter
def share(part: float | None, whole: float | None) -> str:
    """Part of whole as 0 to 100 for an SVG attribute: a point, never a comma; 0 when unknown."""
    if not part or not whole:
        return "0"
    return f"{min(max(part / whole * 100, 0), 100):.2f}"


@register.filter
def percent_of(part: float | None, whole: float | None) -> str:
    """Part of whole in words: "95.1%"."""
    return formats.percent(None if part is None or not whole else part / whole)


@register.filter
def minus(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other


@register.filter
def way(change: int | None) -> str:
    """The class of a delta: up, down or nothing."""
    return "" if not change else "up" if change > 0 else "down"


register.simple_tag(badges.badge)
register.simple_tag(menus.menu)


@register.simple_tag
def when(value: datetime | None, style: str = "ago") -> str:
    """A moment as <time>: how long ago (or style="moment"), the full one on hovering."""
    if value is None:
        return formats.UNKNOWN
    text = formats.moment(value) if style == "moment" else formats.ago(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        formats.full_moment(value),
        text,
    )


@register.simple_tag(takes_context=True)
def current(context: dict[str, Any], *sections: str) -> SafeString:
    """aria-current for a link of the top bar: the page belongs to one of these apps.

    A page that belongs elsewhere sets ``section`` in its context.
    """
    request: HttpRequest | None = context.get("request")
    match = getattr(request, "resolver_match", None)
    here = context.get("section") or (match.app_name if match else "")
    return SafeString('aria-current="page"' if here in sections else "")


@register.simple_tag(takes_context=True)
def theme(context: dict[str, Any]) -> str:
    """The chosen theme, light or dark; "" leaves it to the system."""
    request: HttpRequest | None = context.get("request")
    return theme_of(request) if request else ""
