"""Attentive's endpoints: /v2/me, segments, bulk members, jobs, and the result files."""

from __future__ import annotations

import base64
import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.views.decorators.csrf import csrf_exempt

from destinations.attentive.sandbox import behaviour, carrying_out, checks, limits, store
from destinations.attentive.sandbox.behaviour import Fault

DESCRIPTION = "Manual Segment Upload Public API V2"
BEFORE = {"slow", "status", "reset", "redirect", "huge"}
AFTER = {"trickle", "half_json", "not_json", "no_job"}
Handler = Callable[..., HttpResponse]


class AnswerError(Exception):
    """An answer that ends the request here."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status, self.message = status, message


def endpoint(**methods: Handler) -> Any:
    """A view for these methods, behind token, permission, rate limit and faults."""

    @csrf_exempt
    def view(request: HttpRequest, **path: str) -> HttpResponseBase:
        handler = methods.get(str(request.method).lower())
        if handler is None:
            return refusal(405, "method not allowed")
        return _faulty(request, handler, path)

    return view


def _faulty(request: HttpRequest, handler: Handler, path: dict[str, str]) -> HttpResponseBase:
    method = str(request.method)
    if behaviour.current().answer_seconds:
        time.sleep(behaviour.current().answer_seconds)
    fault = behaviour.firing(method, request.path, BEFORE)
    if fault is not None and fault.kind == "slow":
        time.sleep(fault.seconds or 1.0)
        fault = behaviour.firing(method, request.path, BEFORE - {"slow"})
    if fault is not None and not fault.applied:
        return marked(_fault_answer(fault), fault)
    response = _limited(request, handler, path)
    if fault is not None:
        return marked(_fault_answer(fault), fault)
    fault = behaviour.firing(method, request.path, AFTER)
    return response if fault is None else marked(_spoilt(response, fault), fault)


def _limited(request: HttpRequest, handler: Handler, path: dict[str, str]) -> HttpResponse:
    left = limit = 150 if request.path.endswith("/me") else behaviour.current().per_second
    try:
        token = _token(request)
        name = f"{request.method} {handler.__name__}"
        left = limits.left(token, name, limit) if behaviour.current().checks else limit
        if left < 0:
            response = refusal(429, "too many requests")
        elif not request.path.endswith("/me") and not behaviour.current().may_segments:
            response = refusal(403, "access denied")
        else:
            response = _handled(request, handler, path)
    except AnswerError as error:
        response = refusal(error.status, error.message)
    response["x-ratelimit-limit"] = str(limit)
    response["x-ratelimit-remaining"] = str(max(left, 0))
    return response


def _handled(request: HttpRequest, handler: Handler, path: dict[str, str]) -> HttpResponse:
    try:
        return handler(request, **path)
    except AnswerError as error:
        return refusal(error.status, error.message)
    except checks.RefusedError as error:
        return refusal(400, str(error))


def _token(request: HttpRequest) -> str:
    scheme, _, token = str(request.META.get("HTTP_AUTHORIZATION", "")).partition(" ")
    taken = behaviour.current().tokens
    if scheme != "Bearer" or not token or (taken and token not in taken):
        raise AnswerError(401, "unauthorized")
    return token


def refusal(status: int, message: str) -> HttpResponse:
    return JsonResponse({"error": {"message": message}}, status=status)


def marked(response: HttpResponseBase, fault: Fault) -> HttpResponseBase:
    response.fault = fault.kind  # type: ignore[attr-defined]
    return response


def _fault_answer(fault: Fault) -> HttpResponseBase:
    match fault.kind:
        case "reset":
            return _broken(b"", 100, 202)
        case "redirect":
            return HttpResponse(status=302, headers={"Location": fault.to or "http://127.0.0.1:1/"})
        case "huge":
            return _huge(int(fault.bytes or 100_000_000))
        case _:
            response = refusal(int(fault.status or 500), fault.message or "fault")
            if fault.retry_after is not None:
                response["Retry-After"] = str(fault.retry_after)
            return response


def _spoilt(response: HttpResponse, fault: Fault) -> HttpResponseBase:
    content = response.content
    match fault.kind:
        case "half_json":
            response.content = content[: len(content) // 2]
        case "not_json":
            response.content = b"<html>Accepted</html>"
        case "no_job":
            response.content = json.dumps({"message": "submitted"}).encode()
        case "trickle":
            drops = StreamingHttpResponse(_drops(content, fault.seconds or 1.0))
            drops.status_code = response.status_code
            drops["Content-Length"] = str(len(content))
            return drops
    return response


def _drops(content: bytes, seconds: float) -> Iterator[bytes]:
    for byte in content:
        time.sleep(seconds)
        yield bytes([byte])


def _huge(size: int) -> HttpResponseBase:
    piece = b" " * 65536
    response = StreamingHttpResponse(piece for _ in range(size // len(piece)))
    response["Content-Type"] = "application/json"
    return response


def _broken(content: bytes, promised: int, status: int) -> HttpResponseBase:
    def breaking() -> Iterator[bytes]:
        yield content
        raise ConnectionAbortedError("the fault that was switched on")

    response = StreamingHttpResponse(breaking(), status=status)
    response["Content-Length"] = str(promised)
    return response


# Whose token it is


def me(request: HttpRequest) -> HttpResponse:
    now = behaviour.current()
    if request.path.startswith("/v2/") and not now.me_v2:
        raise AnswerError(404, "not found")
    return JsonResponse(
        {
            "applicationName": "Muster",
            "attentiveDomainName": now.domain,
            "companyName": now.company,
            "contactEmail": "someone@example.com",
            "companyId": "MDc6Q29tcGFueTE",
        }
    )


# Segments


def list_segments(request: HttpRequest) -> HttpResponse:
    asked = request.GET
    limit = _limit(asked.get("limit", "20"))
    where, values = ["archived = 0", "id > ?"], [_cursor(asked.get("cursor"))]
    if (name := asked.get("name")) is not None:
        where.append("instr(lower(name), lower(?)) > 0")
        values.append(checks.text("name", name))
    if (external_id := asked.get("externalId")) is not None:
        where.append("external_id = ?")
        values.append(checks.text("externalId", external_id))
    if (since := asked.get("updatedSince")) is not None:
        where.append("updated >= ?")
        values.append(_moment(since))
    sql = f"SELECT * FROM segment WHERE {' AND '.join(where)} ORDER BY id LIMIT ?"  # noqa: S608
    rows = store.reading().execute(sql, (*values, limit + 1)).fetchall()
    page, more = rows[:limit], len(rows) > limit
    cursor = base64.urlsafe_b64encode(str(page[-1]["id"]).encode()).decode() if more else None
    listed = [shown(row) for row in page]
    return JsonResponse({"segments": listed, "cursor": cursor, "hasMore": more})


def _limit(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 1000:
        raise AnswerError(400, "limit must be 1 to 1000")
    return int(value)


def _cursor(value: str | None) -> Any:
    if value is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(value.encode()))
    except ValueError:
        raise AnswerError(400, "cursor is not known") from None


def _moment(value: str) -> Any:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise AnswerError(400, "updatedSince must be a date-time") from None
    if moment.tzinfo is None:  # RFC 3339 asks for a zone
        raise AnswerError(400, "updatedSince must be a date-time")
    return moment.timestamp()


def create_segment(request: HttpRequest) -> HttpResponse:
    found = checks.segment(_json(request), {"name", "description", "externalId"}, {"name"})
    external_id = found.get("externalId") or f"SEG_{secrets.token_hex(6)}"
    now = behaviour.clock()
    row = (external_id, found["name"], found.get("description", DESCRIPTION), now, now)
    try:
        with store.transaction() as connection:
            connection.execute(
                "INSERT INTO segment (external_id, name, description, created, updated)"
                " VALUES (?, ?, ?, ?, ?)",
                row,
            )
    except sqlite3.IntegrityError:
        raise AnswerError(400, "externalId is taken") from None
    keys = ("externalId", "name", "description")
    return JsonResponse(dict(zip(keys, row[:3], strict=True)), status=201)


def get_segment(request: HttpRequest, external_id: str) -> HttpResponse:
    return JsonResponse(shown(segment(external_id)))


def change_segment(request: HttpRequest, external_id: str) -> HttpResponse:
    found = checks.segment(_json(request), {"name", "description"}, set())
    row = segment(external_id)
    with store.transaction() as connection:
        connection.execute(
            "UPDATE segment SET name = ?, description = ?, updated = ? WHERE id = ?",
            (
                found.get("name", row["name"]),
                found.get("description", row["description"]),
                behaviour.clock(),
                row["id"],
            ),
        )
    return JsonResponse(shown(segment(external_id)))


def archive_segment(request: HttpRequest, external_id: str) -> HttpResponse:
    row = segment(external_id)
    with store.transaction() as connection:
        connection.execute(
            "UPDATE segment SET archived = 1, updated = ? WHERE id = ?",
            (behaviour.clock(), row["id"]),
        )
    return HttpResponse(status=204)


def segment(external_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = (
        store.reading()
        .execute("SELECT * FROM segment WHERE external_id = ? AND archived = 0", (external_id,))
        .fetchone()
    )
    if row is None:
        raise AnswerError(404, "segment not found")
    return row


def shown(row: sqlite3.Row) -> dict[str, str]:
    return {
        "externalId": row["external_id"],
        "name": row["name"],
        "description": row["description"],
        "created": iso(row["created"]),
        "updated": iso(row["updated"]),
    }


def iso(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


# Members and jobs


def add_members(request: HttpRequest) -> HttpResponse:
    return _submit(request, "add")


def remove_members(request: HttpRequest) -> HttpResponse:
    return _submit(request, "remove")


def _submit(request: HttpRequest, operation: str) -> HttpResponse:
    found = _json(request)
    if behaviour.current().checks:
        external_id, members = checks.members(found)
    else:
        external_id, members = found["externalId"], found["members"]
    row = segment(external_id)
    fault = behaviour.firing(str(request.method), request.path, {"job"})
    job_id = carrying_out.accept(row["id"], operation, members, fault)
    words = {"add": "add", "remove": "removal"}
    message = f"Bulk segment member {words[operation]} job successfully submitted"
    return JsonResponse({"message": message, "batchJobId": job_id}, status=202)


def job(request: HttpRequest, job_id: str) -> HttpResponse:
    carrying_out.carry_out()
    row = carrying_out.find(job_id)
    if row is None:
        raise AnswerError(404, "job not found")
    done = row["state"] == "done"
    answer = {"bulkJobId": job_id, "status": "IN_PROGRESS", "totalRecords": row["total"]}
    if done:
        answer["status"] = row["word"]
    if done and row["word"] == "COMPLETED" and row["result"] != "none":
        place = request.build_absolute_uri(f"/results/{job_id}.jsonl?signature={'0' * 16}")
        answer["url"] = row["result"].removeprefix("url:") if _elsewhere(row) else place
    return JsonResponse(answer)


def _elsewhere(row: sqlite3.Row) -> bool:
    return str(row["result"]).startswith("url:")


def result(request: HttpRequest, job_id: str) -> HttpResponseBase:
    """A signed link of a storage service: whoever has it may read, and a token is refused."""
    if "HTTP_AUTHORIZATION" in request.META:
        return refusal(400, "only one way to prove who you are is allowed")
    fault = behaviour.firing("GET", request.path, {"result", "slow", "reset"})
    row = carrying_out.find(job_id)
    if fault is not None and fault.kind == "slow":
        time.sleep(fault.seconds or 1.0)
    elif fault is not None:
        broken = fault.kind == "reset"
        return _broken(b"", 100, 200) if broken else refusal(int(fault.status or 404), "gone")
    if row is None or row["result"] == "missing":
        return refusal(404, "no such file")
    return HttpResponse(
        "".join(carrying_out.result_lines(row)), content_type="application/x-ndjson"
    )


def _json(request: HttpRequest) -> Any:
    if request.content_type != "application/json":
        raise AnswerError(400, "the body must be application/json")
    if len(request.body) > behaviour.current().body_bytes:
        raise AnswerError(413, "the request is too large")
    try:
        return json.loads(request.body)
    except ValueError:
        raise AnswerError(400, "the body is no JSON") from None
