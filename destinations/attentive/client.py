"""Attentive (API): lists kept through the segments API v2.

Facts are those of the Attentive API v2 (its OpenAPI document, "v2" below). URL
= base URL + path, and every path carries its own version.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any
from urllib.parse import quote, urlencode

from destinations import outbound, pace
from destinations.attentive import bodies, results, words
from destinations.connector import Connection, Connector, Job, Operation, Result
from destinations.errors import (
    AnswerLostError,
    AnswerUnreadableError,
    DestinationError,
    HostNotAllowedError,
    JobMissingError,
    JobUnknownError,
    ListArchivedError,
    ListMissingError,
    NameNotAllowedError,
    PermissionMissingError,
    RequestRefusedError,
    ResultMissingError,
    SlowDownError,
    TokenRefusedError,
    TokenUnusableError,
    TooLargeError,
    UnavailableError,
)
from destinations.models import Destination

NAME_LENGTH = 240  # v2, CreateSegmentRequest
ID_LENGTH = 255  # v2, CreateSegmentRequest
PAGE = 1000  # v2, GET /v2/segments: at most
TEST_SECONDS = 10.0  # a person waits for it
TOKEN = re.compile(r"[\x21-\x7e]+")  # what a header can carry
JOB_ID = re.compile(r"[\x21-\x7e]{1,100}")  # v2: a UUID; the database holds 100
UNREADABLE = (ValueError, RecursionError)  # what json raises for what it was not made for
METHODS: dict[Operation, str] = {"add": "POST", "remove": "DELETE"}
SUCCEEDED = "COMPLETED"
# v2 names COMPLETED and FAILED, newer documentation CANCELLED. Any other word,
# NEEDS_REVIEW among them, is a job that still goes on.
ENDED = {SUCCEEDED, "FAILED", "CANCELLED", "CANCELED"}


class AttentiveAPI(Connector):
    """One destination at Attentive. It keeps nothing but its settings."""

    def __init__(self, base_url: str, token: str, credential_id: int, per_second: int = 100):
        if not TOKEN.fullmatch(token):
            raise TokenUnusableError()
        self._base = base_url.strip().rstrip("/")
        self._token = token
        self._credential_id = credential_id
        self._per_second = per_second

    @classmethod
    def of(cls, destination: Destination) -> AttentiveAPI:
        token = destination.credential.secret.open().get("token", "").strip()
        return cls(
            destination.base_url,
            token,
            destination.credential_id,
            destination.requests_per_second,
        )

    def __repr__(self) -> str:
        return f"AttentiveAPI({self._base})"

    def test(self) -> Connection:
        """v2: /v2/me tells whose token it is, not what it may do; listing segments does."""
        me = self._me()
        self._ask("GET", "/v2/segments?limit=1", seconds=TEST_SECONDS)
        return Connection(
            words.printable(_text(me, "companyName")),
            words.printable(_text(me, "attentiveDomainName")),
        )

    def _me(self) -> Mapping[str, Any]:
        missing = RequestRefusedError(404)
        try:
            return _object(self._ask("GET", "/v2/me", missing=missing, seconds=TEST_SECONDS))
        except RequestRefusedError as error:
            if error is not missing:
                raise
        return _object(
            self._ask("GET", "/v1/me", seconds=TEST_SECONDS)
        )  # same answer, older address

    def ensure_list(self, external_id: str, name: str, created: bool = False) -> bool:
        """Ask, create, and after a refusal or a lost answer ask again: never create blindly.

        v2 does not say what a second create with the same id does.
        """
        external_id, name = checked_id(external_id), checked_name(name)
        found = self._list(external_id)
        if found is None:
            if created:
                raise ListMissingError()
            return self._create(external_id, name)
        self._rename(found, external_id, name)
        return False

    def _list(self, external_id: str) -> Mapping[str, Any] | None:
        try:
            return _object(self._ask("GET", _path(external_id), missing=ListMissingError()))
        except ListMissingError:
            return None

    def _create(self, external_id: str, name: str) -> bool:
        body = _json({"name": name, "externalId": external_id})
        try:
            self._ask("POST", "/v2/segments", body)
        except AnswerLostError:
            if self._list(external_id) is None:
                raise
        except RequestRefusedError as error:
            if error.status not in (400, 409):
                raise
            found = self._list(external_id)
            if found is None:
                raise ListArchivedError(error.text) from None
            self._rename(found, external_id, name)
            return False
        return True

    def _rename(self, found: Mapping[str, Any], external_id: str, name: str) -> None:
        if found.get("name") != name:
            self._ask("PATCH", _path(external_id), _json({"name": name}), ListMissingError())

    def list_by_name(self, name: str) -> list[str]:
        """v2: the filter also finds names that only contain the text."""
        name = checked_name(name)
        return [
            str(each["externalId"])
            for each in self._pages({"name": name, "limit": str(PAGE)})
            if each.get("name") == name and each.get("externalId")
        ]

    def _pages(self, filters: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        seen: set[str] = set()
        asked = dict(filters)
        while True:
            page = _object(self._ask("GET", f"/v2/segments?{urlencode(asked)}"))
            segments = page.get("segments")
            if not isinstance(segments, list):
                raise AnswerUnreadableError("it lists no segments")
            yield from (each for each in segments if isinstance(each, dict))
            if page.get("hasMore") is not True:
                return
            cursor = page.get("cursor")
            if not isinstance(cursor, str) or not cursor or cursor in seen:
                raise AnswerUnreadableError("it promises more segments without a way to them")
            seen.add(cursor)
            asked["cursor"] = cursor

    def archive_list(self, external_id: str) -> None:
        try:
            self._ask("DELETE", _path(checked_id(external_id)), missing=ListMissingError())
        except ListMissingError:
            return

    def body(self, external_id: str, identifier: str, values: Sequence[str]) -> bytes:
        return bodies.members(external_id, identifier, values)

    def send(self, operation: Operation, body: bytes) -> str:
        answer = self._ask(
            METHODS[operation], "/v2/bulk/segments/members", body, missing=ListMissingError()
        )
        try:
            found = json.loads(answer.body)
        except UNREADABLE:
            raise JobUnknownError("its answer cannot be read", answer.status) from None
        job_id = found.get("batchJobId") if isinstance(found, dict) else None
        if not isinstance(job_id, str) or not job_id.strip():
            raise JobUnknownError(status=answer.status)
        if not JOB_ID.fullmatch(job_id.strip()):
            raise JobUnknownError("its job's id makes no sense", answer.status)
        return job_id.strip()

    def job(self, job_id: str) -> Job:
        found = _object(
            self._ask("GET", f"/v2/bulk/job/{quote(job_id, safe='')}", missing=JobMissingError())
        )
        status = words.masked(_text(found, "status").strip().upper(), self._token)
        total = found.get("totalRecords")
        return Job(
            id=job_id,
            status=status,
            ended=status in ENDED,
            succeeded=status == SUCCEEDED,
            # v2 calls it url; a client in the wild was seen to read resultUrl.
            result_url=_text(found, "url") or _text(found, "resultUrl"),
            total=total if isinstance(total, int) and not isinstance(total, bool) else None,
        )

    def results(self, url: str) -> Iterator[Result]:
        """The link is a stranger's: it gets no token, and takes no turn of the limit."""
        if not url:
            raise ResultMissingError("Attentive names none")
        try:
            yield from results.read(outbound.pieces(url))
        except HostNotAllowedError:
            raise ResultMissingError("its link leads where Muster does not follow") from None
        except UnavailableError as error:
            if error.status is not None and error.status < 500 and error.status != 429:
                raise ResultMissingError(error.why) from None
            raise

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        missing: DestinationError | None = None,
        seconds: float = outbound.TOTAL_SECONDS,
    ) -> outbound.Answer:
        """Make a request in its turn; any answer but 2xx becomes an error.

        missing: what a 404 means here.
        """
        # The turn is part of the time: whoever is frozen while waiting for it asks nothing.
        begun = monotonic()
        pace.turn(self._credential_id, self._per_second)
        left = seconds - (monotonic() - begun)
        if left <= 0:
            raise SlowDownError()
        headers = {"Authorization": f"Bearer {self._token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        answer = outbound.ask(method, self._base + path, headers=headers, body=body, seconds=left)
        if 200 <= answer.status < 300:
            self._heed(answer)
            return answer
        raise self._error(answer, method, missing)

    def _heed(self, answer: outbound.Answer) -> None:
        """v2 answers say how many requests this second still holds; others may use the token."""
        if answer.headers.get("x-ratelimit-remaining", "").strip() == "0":
            pace.rest(self._credential_id, 0.5)

    def _error(
        self, answer: outbound.Answer, method: str, missing: DestinationError | None
    ) -> DestinationError:
        status = answer.status
        if status == 401:
            return TokenRefusedError()
        if status == 403:
            return PermissionMissingError()
        if status == 404 and missing is not None:
            return missing
        if status == 413:
            return TooLargeError()
        if status == 429:
            seconds = retry_after(answer.headers.get("retry-after", ""))
            pace.rest(self._credential_id, 1.0 if seconds is None else seconds)
            return SlowDownError(seconds)
        if status >= 500:
            # 500 and 503 are Attentive's own "no"; the others come from something
            # between us and it, which cannot know whether the request was carried out.
            if status in (500, 503) or method == "GET":
                return UnavailableError(f"it answers {status}", status)
            return AnswerLostError(f"something on the way answers {status}", status)
        if 300 <= status < 400:
            return RequestRefusedError(status, "It points elsewhere, where Muster does not follow")
        return RequestRefusedError(status, words.said(answer.body, self._token))


def checked_name(name: str) -> str:
    """A name as Attentive stores it: without outer blanks, 1 to 240 characters."""
    name = name.strip()
    if not 1 <= len(name) <= NAME_LENGTH:
        raise NameNotAllowedError("A segment's name", f"has 1 to {NAME_LENGTH} characters")
    return name


def checked_id(external_id: str) -> str:
    if not external_id.strip() or len(external_id) > ID_LENGTH:
        raise NameNotAllowedError("A segment's external id", f"has 1 to {ID_LENGTH} characters")
    return external_id


def retry_after(value: str) -> float | None:
    """Seconds in a Retry-After header, given in seconds or as a date; None for neither."""
    value = value.strip()
    if value.isdecimal():
        return float(value)
    try:
        then = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max((then - datetime.now(UTC)).total_seconds(), 0.0)


def _path(external_id: str) -> str:
    return f"/v2/segments/external/{quote(external_id, safe='')}"


def _json(value: Mapping[str, str]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _object(answer: outbound.Answer) -> Mapping[str, Any]:
    try:
        found = json.loads(answer.body)
    except UNREADABLE:
        raise AnswerUnreadableError("it is no JSON") from None
    if not isinstance(found, dict):
        raise AnswerUnreadableError("it is no JSON object")
    return found


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
