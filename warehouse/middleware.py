"""An answer for pages whose question nobody asks any more."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from warehouse.errors import QueryCancelledError


class CancelledQueryMiddleware:
    """204 where a newer request stopped the query of this one: htmx then leaves the page be."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return HttpResponse(status=204) if isinstance(exception, QueryCancelledError) else None
