"""Whether the data has become newer than the numbers that a page shows."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse

from accounts.http import HttpRequest
from core.http import View
from warehouse import freshness


def tells_newer(view: View) -> View:
    """For a view of figures, whose template includes segments/newer.html.

    Asked with ?seen=VERSION it counts nothing: it says that the data is another than that
    of the version, or answers 204.
    """

    @wraps(view)
    def answer(request: HttpRequest, **arguments: Any) -> HttpResponse:
        seen = request.GET.get("seen", "")
        if not seen or not request.htmx:
            return view(request, **arguments)
        if freshness.version() in ("", seen):
            return HttpResponse(status=204)
        query = request.GET.copy()
        del query["seen"]
        again = f"{request.path}?{query.urlencode()}" if query else request.path
        return TemplateResponse(request, "segments/newer.html", {"again": again})

    return answer
