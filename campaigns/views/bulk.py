"""What is done with the campaigns that were picked in the list, or with one by its menu."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.http import HttpRequest
from campaigns import filing, lifecycle
from campaigns.models import Campaign
from campaigns.views.undo import done
from core import picked
from core.formats import counted
from core.http import go, list_page
from segments import labels
from segments.folders import FolderError
from segments.labels import LabelError
from segments.views import filing as dialogs

IN_ITS_PLACE = ("move", "label")  # by a campaign's own page, one stays there
HINDERED = {
    "archive": "it runs or is scheduled",
    "delete": "only drafts that never ran can be deleted, others archived",
}


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.change_campaign", raise_exception=True)
def bulk(request: HttpRequest, action: str) -> HttpResponse:
    """GET: the dialog that asks; POST: do it, and back to the list as it was filtered.

    s: the campaigns' keys. What cannot be done to some of them is told one by one.
    """
    if action not in ACTIONS:
        raise Http404("There is no such action.")
    if action == "delete" and not request.user.has_perm("campaigns.delete_campaign"):
        raise Http404("There is no such action.")
    found = Campaign.objects.filter(pk__in=picked.keys(request)).order_by("name", "pk")
    campaigns = list(found.with_groups() if action == "delete" else found)
    if request.method == "GET":
        return _dialog(request, action, campaigns)
    try:
        ACTIONS[action](request, campaigns)
    except (FolderError, LabelError) as error:
        return _dialog(request, action, campaigns, str(error))
    here = request.htmx.current_url_abs_path if action in IN_ITS_PLACE else None
    return go(request, here or list_page(request, "campaigns:list"))


def _dialog(
    request: HttpRequest, action: str, campaigns: Sequence[Campaign], fault: str = ""
) -> HttpResponse:
    if not request.htmx:
        return go(request, reverse("campaigns:list"))
    context = dialogs.asked(request, "campaign", action, campaigns, fault)
    context["here"] = reverse("campaigns:bulk", args=[action])
    if action in HINDERED:
        same = Campaign.objects.filter(pk__in=[each.pk for each in campaigns])
        rows = same.idle() if action == "archive" else same.deletable()
        can = set(rows.values_list("pk", flat=True))
        context["rows"] = [each for each in campaigns if each.pk in can]
        context["refused"] = [
            (each, f"{HINDERED[action]}.") for each in campaigns if each.pk not in can
        ]
    folder = "campaigns/bulk" if action in HINDERED else "bulk"
    template = f"{folder}/{action}.html"
    return TemplateResponse(request, template, context, status=422 if fault else 200)


def _move(request: HttpRequest, campaigns: Sequence[Campaign]) -> None:
    path = dialogs.folder(request.POST)
    before = {each.pk: each.folder for each in campaigns}
    filing.move(campaigns, path, request.user)
    said = picked.said([str(each) for each in campaigns], "campaign", dialogs.now_in(path))
    done(request, said, "move", before)


def _label(request: HttpRequest, campaigns: Sequence[Campaign]) -> None:
    put_on = labels.read(request.POST.getlist("put_on"))
    before = {each.pk: each.labels for each in campaigns}
    filing.label(campaigns, put_on, request.POST.getlist("take_off"), request.user)
    said = f"The labels of {counted(len(campaigns), 'campaign')} are saved."
    done(request, said, "label", before)


def _archive(request: HttpRequest, campaigns: Sequence[Campaign]) -> None:
    gone = picked.each(request, campaigns, lambda each: lifecycle.archive(each, request.user))
    if gone.names:
        done(request, picked.said(gone.names, "campaign", "archived"), "archive", gone.was)


def _restore(request: HttpRequest, campaigns: Sequence[Campaign]) -> None:
    back = picked.each(request, campaigns, lambda each: lifecycle.restore(each, request.user))
    if back.names:
        messages.success(request, picked.said(back.names, "campaign", "restored"))


def _delete(request: HttpRequest, campaigns: Sequence[Campaign]) -> None:
    gone = picked.each(request, campaigns, lambda each: lifecycle.delete(each, request.user))
    if gone.names:
        done(request, picked.said(gone.names, "campaign", "deleted"), "delete", gone.was)


ACTIONS = {
    "move": _move,
    "label": _label,
    "archive": _archive,
    "restore": _restore,
    "delete": _delete,
}
