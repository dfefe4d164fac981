"""Menus behind a button. They write their own markup: a list holds hundreds of entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from core.templatetags.lucide import drawn

WAYS = ("url", "dialog", "copies", "post")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a menu. Exactly one of these says what pressing it does.

    url: a link; post: htmx posts to it; dialog: htmx asks it for a dialog; copies: the text
    that is copied.
    icon: a lucide name; danger: it destroys something.
    """

    label: str
    icon: str = ""
    url: str = ""
    post: str = ""
    dialog: str = ""
    copies: str = ""
    danger: bool = False

    def __str__(self) -> SafeString:
        way = next(each for each in WAYS if getattr(self, each))
        before, after = _around(way, self.label, self.icon, self.danger)
        return SafeString(f"{before}{conditional_escape(getattr(self, way))}{after}")

    __html__ = __str__


@lru_cache(maxsize=256)
def _around(way: str, label: str, icon: str, danger: bool) -> tuple[str, str]:
    """The markup before and after the address: the same in every row."""
    tone = " danger" if danger else ""
    shown = format_html("{}{}", drawn(icon, size=16, aria_hidden="true") if icon else "", label)
    if way == "url":
        return f'<a class="menu-item{tone}" href="', f'">{shown}</a>'
    button = f'<button class="menu-item{tone}" type="button" '
    if way == "dialog":
        return f'{button}hx-get="', f'" hx-target="#dialogs">{shown}</button>'
    if way == "copies":
        return f'{button}data-copy="', f'">{shown}</button>'
    return f'{button}hx-post="', f'">{shown}</button>'


def menu(id: str, label: str, entries: Iterable[Entry], text: str = "") -> SafeString:
    """A button and the menu that it opens.

    id: one of its own on the page; text: words on the button, in place of three dots.
    """
    head = conditional_escape(id).join(_around_id(label, text))
    return SafeString(f"{head}{''.join(map(str, entries))}</div>")


@lru_cache(maxsize=256)
def _around_id(label: str, text: str) -> list[str]:
    """The button and the menu's beginning, cut where the id stands."""
    icon, size = ("chevron-down", 16) if text else ("ellipsis", 18)
    whole = format_html(
        '<button class="button quiet{} small" type="button" popovertarget="\0" id="\0-button"{}>'
        '{}{}</button><div class="menu" id="\0" popover aria-label="{}">',
        "" if text else " icon",
        "" if text else format_html(' aria-label="{}"', label),
        text,
        drawn(icon, size=size, aria_hidden="true"),
        label,
    )
    return whole.split("\0")
