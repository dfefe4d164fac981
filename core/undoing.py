"""Taking back what was last done in a list: kept in the session until then."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse

from core.errors import MusterError


def offer(request: HttpRequest, said: str, page: str, action: str, was: Any) -> None:
    """Say what was done, with a button that takes it back.

    page: the name of the URL that does so; action: one that it knows; was: what it needs for
    that, as JSON.
    """
    name = secrets.token_hex(4)
    request.session[page] = {"name": name, "action": action, "was": was}
    messages.success(request, said, extra_tags=reverse(page, args=[name]))


def take_back(
    request: HttpRequest, page: str, name: str, back: Mapping[str, Callable[[Any], None]]
) -> None:
    """Take it back and say so, or why not. name: what ``offer`` gave it; only the last is known.

    back: what takes back each action; it is called with what was kept.
    """
    kept = request.session.get(page, {})
    if kept.get("name") != name:
        messages.error(request, "This can no longer be undone.")
        return
    try:
        back[kept["action"]](kept["was"])
    except MusterError as error:
        messages.error(request, str(error), extra_tags=reverse(page, args=[name]))
        return
    del request.session[page]
    messages.success(request, "Undone.")
