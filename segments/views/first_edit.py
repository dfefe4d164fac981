"""The first edit, which stores a draft: for both editors."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django_htmx.http import push_url

from segments.models import Segment


def kept(segment: Segment, response: HttpResponse, page: str) -> HttpResponse:
    """The answer, which goes on at the draft's own address; without a draft if nothing was said.

    page: the name of the editor's URL.
    """
    if Segment.objects.filter(pk=segment.pk, revision=0).delete()[0]:
        return response
    return push_url(response, reverse(page, args=[segment.pk]))
