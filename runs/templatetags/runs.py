"""What pages of other apps show of runs."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from runs.going import pane

register = template.Library()


@register.inclusion_tag("runs/going.html", takes_context=True)
def running_now(context: template.Context) -> dict[str, Any]:
    """The pane of the runs that go; it asks for news by itself."""
    return {"pane": pane(timezone.now()), "perms": context["perms"]}
