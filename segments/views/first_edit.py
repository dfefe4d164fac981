"""Edits by their names, and the first one, which stores a draft: for both editors."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django_htmx.http import push_url

from segments.models import Segment


def edit_key(request: HttpRequest) -> str:
    """The edit's own name, "WINDOW-NUMBER", as static/js/requests.js gives it."""
    return request.headers.get("X-Edit", "")[:32]


def kept(segment: Segment, response: HttpResponse, page: str) -> HttpResponse:
    """The answer, which goes on at the draft's own address; without a draft if nothing was said.

    page: the name of the editor's URL.
    """
    if Segment.objects.filter(pk=segment.pk, revision=0).delete()[0]:
        return response
    return push_url(response, reverse(page, args=[segment.pk]))
