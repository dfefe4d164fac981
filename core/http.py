"""Requests with htmx's details, and the answers that end an action."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

from django.contrib import messages
from django.http import HttpRequest as DjangoRequest
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from core.errors import MusterError

View: TypeAlias = Callable[..., HttpResponse]


class HttpRequest(DjangoRequest):
    htmx: HtmxDetails


def part_of(page: str, *names: str) -> Callable[[View], View]:
    """For a view that answers a part of a page, for htmx: whoever opens the part's address
    alone is led to the page.

    page: the name of its URL; names: those of the view's arguments that the page takes.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, **arguments: Any) -> HttpResponse:
            if request.htmx:
                return view(request, **arguments)
            return redirect(page, *(arguments[name] for name in names))

        return answer

    return decorate


def list_page(request: HttpRequest, name: str) -> str:
    """The list as it is filtered, when that is where the action came from. name: of its URL."""
    index = reverse(name)
    path = request.htmx.current_url_abs_path or ""
    return path if path.partition("?")[0] == index else index


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


def edit_key(request: DjangoRequest) -> str:
    """An edit's own name, "WINDOW-NUMBER", as static/js/requests.js gives it."""
    return request.headers.get("X-Edit", "")[:32]
