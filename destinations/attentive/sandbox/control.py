"""/sandbox/: settings, faults, records and reset, for this machine alone."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import asdict
from ipaddress import ip_address
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from destinations.attentive.sandbox import api, behaviour, carrying_out, limits, record, store

LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]"}


def local(view: Callable[..., HttpResponseBase]) -> Any:
    """Only from this machine, and not through a page of another site in its browser."""

    @csrf_exempt
    @functools.wraps(view)
    def checked(request: HttpRequest, **path: str) -> HttpResponseBase:
        host = request.get_host().rpartition(":")[0] or request.get_host()
        if not ip_address(request.META["REMOTE_ADDR"]).is_loopback or host not in LOCAL_NAMES:
            return api.refusal(403, "only from this machine")
        if request.method == "POST" and request.content_type != "application/json":
            return api.refusal(400, "the body must be application/json")
        try:
            return view(request, **path)
        except (behaviour.UnknownSettingError, TypeError, ValueError) as error:
            return api.refusal(400, str(error))

    return checked


@local
def settings(request: HttpRequest) -> HttpResponse:
    """GET the settings, POST changes of them."""
    if request.method == "POST":
        return JsonResponse(behaviour.change(_object(request)))
    return JsonResponse(asdict(behaviour.current()))


@local
def faults(request: HttpRequest) -> HttpResponse:
    """GET what is switched on, POST one to switch on, DELETE all of them."""
    if request.method == "POST":
        return JsonResponse(asdict(behaviour.switch_on(_object(request))), status=201)
    if request.method == "DELETE":
        behaviour.switch_off()
    return JsonResponse({"faults": behaviour.faults(), "kinds": behaviour.KINDS})


@local
def requests(request: HttpRequest) -> HttpResponse:
    """GET the record of requests, DELETE it."""
    if request.method == "DELETE":
        record.forget()
    return JsonResponse({"requests": record.entries()})


@local
def reset(request: HttpRequest) -> HttpResponse:
    """POST: back to an empty Attentive, with the settings it was started with."""
    if request.method != "POST":
        return api.refusal(405, "POST it")
    behaviour.reset()
    record.forget()
    limits.forget()
    return JsonResponse({})


@local
def release(request: HttpRequest) -> HttpResponse:
    """POST: jobs with a word that is not an end go on to COMPLETED."""
    if request.method != "POST":
        return api.refusal(405, "POST it")
    return JsonResponse({"released": carrying_out.release()})


@local
def segments(request: HttpRequest) -> HttpResponse:
    """Every segment with its size, archived ones too."""
    carrying_out.carry_out()
    rows = store.reading().execute("SELECT * FROM segment ORDER BY id")
    more = ("size", "archived")
    return JsonResponse(
        {"segments": [api.shown(row) | {key: row[key] for key in more} for row in rows]}
    )


@local
def jobs(request: HttpRequest) -> HttpResponse:
    carrying_out.carry_out()
    keys = ("id", "operation", "total", "begun", "due", "state", "word")
    rows = store.reading().execute(
        "SELECT job.*, segment.external_id FROM job JOIN segment ON segment.id = job.segment"
        " ORDER BY number"
    )
    listed = [{key: row[key] for key in keys} | {"externalId": row["external_id"]} for row in rows]
    return JsonResponse({"jobs": listed})


@local
def members(request: HttpRequest, external_id: str) -> HttpResponse:
    """The members of a segment, a line each, in order."""
    carrying_out.carry_out()
    rows = store.reading().execute(
        "SELECT key FROM member JOIN segment ON segment.id = member.segment"
        " WHERE external_id = ? ORDER BY key",
        (external_id,),
    )
    return HttpResponse("".join(f"{row[0]}\n" for row in rows), content_type="text/plain")


def _object(request: HttpRequest) -> dict[str, Any]:
    found = json.loads(request.body or b"{}")
    if not isinstance(found, dict):
        raise ValueError("the body must be a JSON object")
    return found
