"""The record of requests: what was asked, never what was in it."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from destinations.attentive.sandbox.behaviour import current

KEPT = 200_000
_lock = threading.Lock()
_requests: deque[dict[str, Any]] = deque(maxlen=KEPT)


def recorded(answer: Callable[[HttpRequest], HttpResponseBase]) -> Any:
    """Middleware: note each request to Attentive's own endpoints and to result files."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(("/v1/", "/v2/", "/results/")) or not current().checks:
            return answer(request)
        began = time.time()
        response = answer(request)
        entry = {
            "method": request.method,
            "path": request.get_full_path(),
            "sha256": hashlib.sha256(request.body).hexdigest() if request.body else "",
            "bytes": len(request.body),
            "authorized": "HTTP_AUTHORIZATION" in request.META,
            "at": began,
            "seconds": time.time() - began,
            "status": response.status_code,
            "fault": getattr(response, "fault", ""),
        }
        with _lock:
            _requests.append(entry)
        return response

    return middleware


def entries() -> list[dict[str, Any]]:
    with _lock:
        return list(_requests)


def forget() -> None:
    with _lock:
        _requests.clear()
