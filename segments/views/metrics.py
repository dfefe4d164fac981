"""Own metrics: figures of the brand's own that every segment's page tells."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import HttpRequest
from core.errors import MusterError
from core.typed import whole
from segments.forms import MetricForm
from segments.models import Metric
from segments.numbers import metrics as own
from warehouse.catalogue import current

may_change = permission_required("segments.change_metric", raise_exception=True)


@require_http_methods(["GET", "POST"])
@may_change
def metrics(request: HttpRequest) -> HttpResponse:
    """The list, and a form that adds one, or with ?metric=3 changes that."""
    catalogue = current()
    edited = None
    if (pk := whole(request.GET.get("metric", ""))) is not None:
        edited = get_object_or_404(Metric, pk=pk)
    form = MetricForm(catalogue, request.POST or None, instance=edited)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                own.save(form.save(commit=False))
                messages.success(request, f"“{form.instance}” is told of every segment now.")
                return redirect("segments:metrics")
            except MusterError as error:
                form.add_error(None, str(error))
    context = {
        "form": form,
        "edited": edited,
        "rows": [(metric, own.said(metric, catalogue)) for metric in Metric.objects.all()],
        "most": own.MOST,
    }
    return TemplateResponse(request, "segments/metrics.html", context, status=status)


@require_POST
@may_change
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    metric = get_object_or_404(Metric, pk=pk)
    metric.delete()
    messages.success(request, f"“{metric}” is removed.")
    return redirect("segments:metrics")
