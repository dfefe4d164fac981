"""What no request may hold, refused before anything reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase


def refuse_nul(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """400 for a NUL in the address, a field or a cookie: nobody types it, PostgreSQL fails at it.

    The contents of an uploaded file are the reader's business.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if any("\0" in text for text in _texts(request)):
            raise BadRequest("The request holds a NUL character.")
        return get_response(request)

    return middleware


def _texts(request: HttpRequest) -> Iterator[str]:
    yield request.path_info
    yield from chain.from_iterable(request.COOKIES.items())
    for fields in (request.GET, request.POST):
        for name, values in fields.lists():
            yield name
            yield from map(str, values)
    for name, uploaded in request.FILES.items():
        yield name
        yield getattr(uploaded, "name", None) or ""
