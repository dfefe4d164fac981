"""What a person sees: a page of segments like Attentive's, their members, the jobs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from destinations.attentive.sandbox import api, carrying_out, store

ROWS = 50
PATIENCE = 0.5  # seconds that a page gives to jobs which are due
POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def secured(answer: Callable[[HttpRequest], HttpResponseBase]) -> Any:
    """Middleware: no scripts, no frames, nothing from elsewhere."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = answer(request)
        response["Content-Security-Policy"] = POLICY
        response["X-Content-Type-Options"] = "nosniff"
        response["Referrer-Policy"] = "no-referrer"
        response["Cache-Control"] = "no-store"
        return response

    return middleware


def segments(request: HttpRequest) -> HttpResponse:
    left = carrying_out.carry_out(PATIENCE)
    search = request.GET.get("q", "").strip()
    rows = store.reading().execute(
        "SELECT * FROM segment WHERE archived = 0"
        " AND (instr(lower(name), lower(?)) > 0 OR external_id = ?) ORDER BY updated DESC, id DESC",
        (search, search),
    )
    listed = [dict(row) | _times(row) for row in rows]
    return render(
        request, "sandbox/segments.html", {"segments": listed, "search": search, "left": left}
    )


def members(request: HttpRequest, external_id: str) -> HttpResponse:
    left = carrying_out.carry_out(PATIENCE)
    try:
        row = api.segment(external_id)
    except api.AnswerError:
        return render(request, "sandbox/missing.html", status=404)
    search, after = request.GET.get("q", "").strip(), request.GET.get("after", "")
    found = store.reading().execute(
        "SELECT key FROM member WHERE segment = ? AND key > ? AND instr(key, ?) > 0"
        " ORDER BY key LIMIT ?",
        (row["id"], after, search, ROWS + 1),
    )
    keys = [each["key"] for each in found]
    context = {
        "segment": dict(row) | _times(row),
        "members": keys[:ROWS],
        "search": search,
        "after": after,
        "next": keys[ROWS - 1] if len(keys) > ROWS else "",
        "left": left,
    }
    return render(request, "sandbox/members.html", context)


def jobs(request: HttpRequest) -> HttpResponse:
    left = carrying_out.carry_out(PATIENCE)
    before = request.GET.get("before", "")
    rows = store.reading().execute(
        "SELECT job.number, job.id, operation, total, begun, due, state, word, name, external_id"
        " FROM job JOIN segment ON segment.id = job.segment WHERE number < ?"
        " ORDER BY number DESC LIMIT ?",
        (int(before) if before.isdecimal() else 2**62, ROWS + 1),
    )
    listed = [
        dict(row)
        | {
            "begun": _time(row["begun"]),
            "ended": _time(row["due"]) if row["state"] == "done" else None,
            "status": row["word"] if row["state"] == "done" else "IN_PROGRESS",
        }
        for row in rows
    ]
    context = {
        "jobs": listed[:ROWS],
        "next": listed[ROWS - 1]["number"] if len(listed) > ROWS else "",
        "left": left,
    }
    return render(request, "sandbox/jobs.html", context)


def stylesheet(request: HttpRequest) -> FileResponse:
    return FileResponse(Path(__file__).with_name("sandbox.css").open("rb"), content_type="text/css")


def _times(row: Any) -> dict[str, datetime]:
    return {"created": _time(row["created"]), "updated": _time(row["updated"])}


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


# What stands in for Django's own error pages, which are Muster's


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return api.refusal(400, "bad request")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return api.refusal(404, "not found")


def failed(request: HttpRequest) -> HttpResponse:
    return api.refusal(500, "the sandbox failed; its terminal says why")
