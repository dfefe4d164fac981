from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import badges
from core import styleguide as examples


def _only_in_development() -> None:
    if not settings.DEBUG:
        raise Http404("The style guide is for development.")


@require_GET
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    _only_in_development()
    context = examples.context() | {"states": list(badges.BADGES), "section": "styleguide"}
    return TemplateResponse(request, "core/styleguide.html", context)


@require_GET
def styleguide_options(request: HttpRequest) -> HttpResponse:
    _only_in_development()
    return JsonResponse(examples.options(request.GET.get("q", "")))


@require_POST
def styleguide_draft(request: HttpRequest) -> HttpResponse:
    _only_in_development()
    return HttpResponse(format_html("Saved: {}", request.POST.get("note", "")))


@require_http_methods(["GET", "POST"])
def styleguide_dialog(request: HttpRequest) -> HttpResponse:
    _only_in_development()
    data = request.POST if request.method == "POST" else None
    form = examples.ExampleForm(data, auto_id="dialog_%s")
    if form.is_bound and form.is_valid():
        return HttpResponse(status=204, headers={"HX-Trigger": "dialog:close"})
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "core/styleguide_dialog.html", {"form": form}, status=status)
