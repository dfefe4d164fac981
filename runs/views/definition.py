"""A run's campaign as it was."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from accounts.http import HttpRequest
from campaigns.definition import from_json
from runs.as_it_was import as_it_was
from runs.models import Run
from warehouse import catalogue


@require_GET
def definition(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(Run.objects.select_related("campaign", "started_by"), pk=pk)
    was = as_it_was(from_json(run.definition), catalogue.current())
    context = {"run": run, "was": was, "section": "campaigns"}
    return TemplateResponse(request, "runs/definition.html", context)
