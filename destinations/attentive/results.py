"""Reading the result of a job: JSON Lines, whose inner form Attentive does not document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from destinations.connector import Result

LINE_BYTES = 2 * 1024 * 1024  # a record is at most 1 MiB; its answer stands beside it
UNREADABLE = Result(None, None)


def read(pieces: Iterable[bytes]) -> Iterator[Result]:
    """One Result a member, in the file's order; a line that cannot be read has no code."""
    for line in lines(pieces):
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            yield UNREADABLE
        else:
            yield from results(found)


def lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines that hold anything. One that is too long comes out cut, hence unreadable."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line for line in whole if line.strip())
        if len(rest) > LINE_BYTES:
            rest = rest[: LINE_BYTES + 1]
    if rest.strip():
        yield rest


def results(line: Any) -> Iterator[Result]:
    """What one line says: of a member, or of all members of a request."""
    if not isinstance(line, dict):
        yield UNREADABLE
        return
    request = _parsed(line.get("request", line))
    code = _code(line)
    members = request.get("members") if isinstance(request, dict) else None
    for member in members if isinstance(members, list) else [request]:
        yield Result(_identifier(member), code)


def _parsed(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _code(line: dict[str, Any]) -> int | None:
    response = _parsed(line.get("response"))
    places = [response] if isinstance(response, dict) else []
    for place in [*places, {"status": response}, line]:
        for key in ("status", "statusCode", "status_code", "code"):
            code = _number(place.get(key))
            if code is not None:
                return code
    return None


def _number(value: Any) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599:
        return value
    return None


def _identifier(member: Any) -> str | None:
    """The phone or email of a member, as Muster sends them."""
    if not isinstance(member, dict):
        return None
    for place in (member, member.get("member"), member.get("user"), member.get("identifiers")):
        if isinstance(place, dict):
            for key in ("phone", "email"):
                value = place.get(key)
                if isinstance(value, str) and value.strip():
                    return value.strip().lower()
    return None
