"""Send a test: the dialog that says whom it goes to and which lists it fills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import HttpRequest
from campaigns import definition as definitions
from campaigns.definition import Definition
from campaigns.models import Campaign
from core.errors import MusterError
from core.formats import counted
from core.http import go, part_of
from core.typed import whole
from runs import building, lists, named, panels, trial
from runs import launch as launching
from runs.models import Panel
from runs.named import Lack
from runs.trial import Trial
from runs.views.launching import going_on, may_launch, stopping

FEW = "5"  # customers, unless somebody types another number
NO_GROUP = "Choose at least one group."
NO_PANEL = "Choose a list of test people."


@dataclass(frozen=True, slots=True)
class Row:
    """A treatment group that a test can fill. lists: the names of its test lists."""

    key: str
    name: str
    lists: Sequence[str]
    chosen: bool


@require_http_methods(["GET", "POST"])
@may_launch
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send to a few, on lists of their own."""
    campaign = get_object_or_404(Campaign.objects.with_groups(), pk=pk)
    if not request.htmx and request.method == "GET":
        return redirect("campaigns:detail", pk)
    context = _dialog(campaign, request.POST if request.method == "POST" else None)
    context["stops"] = [*stopping(campaign, request.user, test=True), *going_on(campaign)]
    if request.method == "POST" and not context["faults"]:
        try:
            run = launching.launch(campaign, request.user, test=context["trial"])
        except MusterError as error:
            context["problem"] = str(error)
        else:
            return go(request, reverse("runs:detail", args=[run.pk]))
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "runs/test.html", context, status=status)


@require_GET
@may_launch
@part_of("campaigns:detail", "pk")
def test_told(request: HttpRequest, pk: int) -> HttpResponse:
    """What the dialog, as it stands, would send; and whom it cannot."""
    campaign = get_object_or_404(Campaign.objects.with_groups(), pk=pk)
    return TemplateResponse(request, "runs/test_told.html", _dialog(campaign, request.GET))


def _dialog(campaign: Campaign, typed: QueryDict | None) -> dict[str, Any]:
    """The dialog as it is opened (typed: None), or as somebody filled it in."""
    definition = definitions.freeze(campaign)
    known = list(Panel.objects.with_size())
    rows = _rows(definition, typed)
    groups = tuple(row.key for row in rows if row.chosen)
    to = typed.get("to", "customers") if typed else "panel" if known else "customers"
    customers = typed.get("customers", FEW) if typed else FEW
    chosen = known[0] if known else None
    if typed:
        key = whole(typed.get("panel", ""))
        chosen = next((each for each in known if each.pk == key), None)
    context: dict[str, Any] = {
        "campaign": campaign,
        "panels": known,
        "panel": chosen,
        "rows": rows,
        "to_panel": to == "panel",
        "to_customers": to != "panel",
        "customers": customers,
        "most": trial.MOST,
        "faults": {} if groups else {"groups": NO_GROUP},
        "button": "Send the test",
    }
    if to != "panel":
        number = whole(customers) or 0
        context["trial"] = Trial(number, groups=groups)
        if 1 <= number <= trial.MOST:
            context["button"] = f"Send to {counted(number, 'customer')}"
        else:
            context["faults"]["customers"] = str(launching.SampleSizeError())
    elif chosen is None:
        context["faults"]["panel"] = NO_PANEL
    else:
        context["trial"] = Trial(panel=chosen, groups=groups)
        context |= _reached(chosen, definition, groups)
    return context


def _reached(panel: Panel, definition: Definition, groups: Sequence[str]) -> dict[str, Any]:
    """Whom of a panel a test would be sent to, in words."""
    try:
        people = panels.people(panel)
    except MusterError as error:
        return {"lost": str(error)}
    if not groups:
        return {}
    reach = named.reach(people, definition, groups)
    told: dict[str, Any] = {"lacks": [_words(each) for each in reach.lacks]}
    if reach.people:
        told["button"] = f"Send to {counted(reach.people, 'person,people')}"
    return told


def _words(lack: Lack) -> str:
    names = get_text_list(list(lack.names), "and")
    noun = "a phone" if lack.identifier == "phone" else "an email"
    if len(lack.names) == 1:
        return f"{lack.destination} takes {noun}; {names} has none and is not sent there."
    return f"{lack.destination} takes {noun}; {names} have none and are not sent there."


def _rows(definition: Definition, typed: QueryDict | None) -> list[Row]:
    chosen = set(typed.getlist("groups")) if typed else None
    filled: dict[str, list[str]] = {}
    called: dict[str, str] = {}
    for _, _, part, group, target in building.places(definition):
        name = lists.name(definition, part, group, target, timezone.now(), test=True)
        filled.setdefault(group.key, []).append(name)
        called[group.key] = group.name
    return [
        Row(key, called[key], names, chosen is None or key in chosen)
        for key, names in filled.items()
    ]
