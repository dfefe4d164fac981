"""How the sandbox behaves just now: its settings, and the faults that are switched on."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from destinations.attentive.sandbox import settings, store


@dataclass
class Behaviour:
    """What can be set at /sandbox/settings.

    tokens: those taken, any when empty. may_segments: whether they have the Segments
    permission. unknown_share, unknown: members Attentive would not know. codes: what the
    result says of single members. checks: validation, rate limits and record of requests.
    ahead_seconds: how far the sandbox's clock is ahead.
    """

    tokens: list[str] = field(default_factory=lambda: list(settings.SANDBOX_TOKENS))
    may_segments: bool = True
    job_seconds: float = settings.SANDBOX_JOB_SECONDS
    unknown_share: float = settings.SANDBOX_UNKNOWN_SHARE
    unknown: list[str] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)
    checks: bool = settings.SANDBOX_CHECKS
    per_second: int = 100
    body_bytes: int = 10_000_000
    answer_seconds: float = 0.0
    ahead_seconds: float = 0.0
    me_v2: bool = True
    company: str = "Sandbox Brand"
    domain: str = "sandbox.attn.tv"


class UnknownSettingError(Exception):
    """A name or value that no setting or fault has."""


_lock = threading.Lock()
_now: Behaviour | None = None


def current() -> Behaviour:
    global _now
    if _now is None:
        with _lock:
            _now = Behaviour(**store.stored_settings())
    return _now


def change(changes: dict[str, Any]) -> dict[str, Any]:
    global _now
    known = {each.name for each in fields(Behaviour)}
    if strange := sorted(set(changes) - known):
        raise UnknownSettingError(f"no such setting: {', '.join(strange)}")
    store.store_settings(changes)
    _now = None
    return asdict(current())


def reset() -> None:
    global _now
    store.clear()
    _now = None
    with _lock:
        _faults.clear()


def clock() -> float:
    return time.time() + current().ahead_seconds


# Faults

KINDS = {
    "status": "an error: status, retry_after, message; applied: carried out all the same",
    "reset": "the answer breaks off before its body; applied: carried out first",
    "slow": "the answer comes after so many seconds",
    "trickle": "the answer comes a byte at a time, with so many seconds between them",
    "half_json": "the answer breaks off in its middle, well formed otherwise",
    "not_json": "the answer is no JSON",
    "no_job": "202 without batchJobId",
    "huge": "an answer of so many bytes",
    "redirect": "to another place: to",
    "job": "the job: word, applied, seconds, result (none, missing, cut, doubled, lines_missing, "
    "garbage), url, code: what its lines say",
    "result": "the result file answers this status",
}
DEFAULT_PATHS = {"job": "/v2/bulk/segments/members", "no_job": "/v2/bulk/segments/members"} | {
    "result": "/results/"
}


@dataclass
class Fault:
    """times: how often it fires (None: until cleared), after letting ``after`` requests pass."""

    number: int
    kind: str
    method: str = ""
    path: str = "/v"
    times: int | None = 1
    after: int = 0
    fired: int = 0
    details: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return self.__dict__.get("details", {}).get(name)


_faults: list[Fault] = []
_numbers = itertools.count(1)


def switch_on(request: dict[str, Any]) -> Fault:
    kind = request.pop("name", "")
    if kind not in KINDS:
        raise UnknownSettingError(f"no such fault: {kind or '(no name)'}. There are: {KINDS}")
    plain = {
        key: request.pop(key) for key in ("method", "path", "times", "after") if key in request
    }
    plain.setdefault("path", DEFAULT_PATHS.get(kind, "/v"))
    fault = Fault(next(_numbers), kind, details=request, **plain)
    with _lock:
        _faults.append(fault)
    return fault


def switch_off() -> None:
    with _lock:
        _faults.clear()


def faults() -> list[dict[str, Any]]:
    with _lock:
        return [asdict(each) for each in _faults]


def firing(method: str, path: str, kinds: set[str]) -> Fault | None:
    """The first fault of these kinds that takes this request; it counts as fired."""
    if not _faults:
        return None
    with _lock:
        for fault in _faults:
            takes = fault.kind in kinds and fault.method in ("", method)
            if not takes or not path.startswith(fault.path):
                continue
            if fault.after > 0:
                fault.after -= 1
            elif fault.times is None or fault.fired < fault.times:
                fault.fired += 1
                return fault
    return None
