"""Requests with htmx's details, and the answers that end an action."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest as DjangoRequest
from django.http import HttpResponse
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from core.errors import MusterError


class HttpRequest(DjangoRequest):
    htmx: HtmxDetails


def go(request: HttpRequest, url: str) -> HttpResponse:
    """On to another page, whether a form or htmx asked."""
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def act(request: HttpRequest, action: Callable[[], object], said: str, then: str) -> HttpResponse:
    """Do it, say so or why not, and go on to the page ``then``."""
    try:
        action()
        messages.success(request, said)
    except MusterError as error:
        messages.error(request, str(error))
    return go(request, then)
