"""The only way out: every request to a destination leaves through here.

Hosts are those of OUTBOUND_HOSTS, the address is checked on the connection
itself, redirects and proxies are not followed, TLS is verified, and time and
size are capped. A failure says whether any byte may have left.
"""

from __future__ import annotations

import io
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from destinations import hosts
from destinations.errors import (
    AddressNotPublicError,
    AnswerLostError,
    CertificateError,
    DestinationError,
    UnavailableError,
)

# What urllib3 logs names the addresses of requests, and those of results are secrets.
logging.getLogger("urllib3").setLevel(logging.ERROR)

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0  # between two pieces of an answer
TOTAL_SECONDS = 60.0  # a whole request and its answer
IDLE_SECONDS = 4.0  # a kept connection older than this may be closing: take a new one
ANSWER_BYTES = 4 * 1024 * 1024
RESULT_SECONDS = 600.0
RESULT_BYTES = 256 * 1024 * 1024
PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    seconds: float = TOTAL_SECONDS,
) -> Answer:
    """Make one request of a destination and read the whole answer, whatever its status.

    Raises HostNotAllowedError, UnavailableError or CertificateError when nothing
    was sent, AnswerLostError when something may have been (UnavailableError for a
    GET, which changes nothing).
    """
    hosts.check_base(url)
    try:
        return _ask(method, url, headers or {}, body, seconds)
    except AnswerLostError as error:
        if method == "GET":
            raise UnavailableError(error.why, error.status) from None
        raise


def pieces(url: str) -> Iterator[bytes]:
    """Stream the result of a job, with nothing that tells who we are.

    Raises HostNotAllowedError, or UnavailableError (its status 4xx when the link
    is no longer good), also midway.
    """
    hosts.check_result(url)
    try:
        with closing(_open("GET", url, {}, None, RESULT_SECONDS)) as response:
            if response.status_code != 200:
                raise UnavailableError(
                    f"the link answers {response.status_code}", response.status_code
                )
            yield from _read(response, RESULT_BYTES)
    except AnswerLostError as error:
        raise UnavailableError(error.why) from None


def _ask(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float
) -> Answer:
    with closing(_open(method, url, headers, body, seconds)) as response:
        if not _framed(response):
            raise AnswerLostError("the answer broke off", response.status_code)
        content = b"".join(_read(response, ANSWER_BYTES))
        return Answer(response.status_code, response.headers, content)


def _open(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float
) -> requests.Response:
    _exchange.begin(seconds)
    try:
        return _session().request(
            method,
            url,
            data=body,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"} | dict(headers),
            timeout=(min(CONNECT_SECONDS, seconds), min(READ_SECONDS, seconds)),
            allow_redirects=False,
            stream=True,
        )
    except DestinationError:
        raise
    except (requests.RequestException, HTTPError, OSError, UnicodeError) as error:
        # The cause may quote the request: it goes no further than this.
        raise _failure(error) from None


def _framed(response: requests.Response) -> bool:
    """Whether the head came whole: it says how long the body is, so that a cut one shows."""
    chunked = "chunked" in response.headers.get("Transfer-Encoding", "")
    return chunked or "Content-Length" in response.headers or response.status_code in (204, 304)


def _read(response: requests.Response, limit: int) -> Iterator[bytes]:
    size = 0
    try:
        for piece in response.iter_content(PIECE_BYTES):
            size += len(piece)
            if size > limit:
                raise AnswerLostError("the answer is too large", response.status_code)
            yield piece
    except (requests.RequestException, HTTPError, OSError) as error:
        raise AnswerLostError(_words(error), response.status_code) from None


def _failure(error: Exception) -> DestinationError:
    if _exchange.began:
        return AnswerLostError(_words(error))
    if isinstance(error, requests.exceptions.SSLError):
        return CertificateError(_tls_words(str(error)))
    return UnavailableError(_words(error))


def _words(error: Exception) -> str:
    text = f"{type(error).__name__} {error}"
    for sign, words in (
        ("NameResolution", "its name is not known"),
        ("ConnectTimeout", "it did not answer in time"),
        ("refused", "it refuses connections"),
        ("unreachable", "there is no way to it"),
        ("SSL", "the secure connection broke"),
        ("imeout", "it did not answer in time"),
        ("timed out", "it did not answer in time"),
    ):
        if sign in text:
            return words
    return "the connection broke"


def _tls_words(text: str) -> str:
    for sign, words in (
        ("self-signed", "its certificate is signed by itself"),
        ("self signed", "its certificate is signed by itself"),
        ("expired", "its certificate has expired"),
        ("mismatch", "its certificate belongs to another host"),
        ("doesn't match", "its certificate belongs to another host"),
        ("unable to get local issuer", "nobody we trust signed its certificate"),
        ("WRONG_VERSION_NUMBER", "it does not speak TLS"),
        ("record layer failure", "it does not speak TLS"),
    ):
        if sign in text:
            return words
    return "TLS failed"


class _Exchange(threading.local):
    """The request this thread is making: its end, and whether a byte may have left."""

    deadline = 0.0
    began = False

    def begin(self, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds
        self.began = False


_exchange = _Exchange()


class _ClockedStream(io.RawIOBase):
    """A socket's stream that stops at the deadline, however small the pieces come."""

    def __init__(self, raw: io.RawIOBase, sock: Any, deadline: float):
        super().__init__()
        self._raw, self._sock, self._deadline = raw, sock, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(min(READ_SECONDS, left))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _ClockedResponse(HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **kwargs: Any):
        super().__init__(sock, *args, **kwargs)
        stream: Any = self.fp
        self.fp = io.BufferedReader(_ClockedStream(stream.detach(), sock, _exchange.deadline))


if TYPE_CHECKING:
    _Connection = HTTPConnection
else:
    _Connection = object


class _Guarded(_Connection):
    """A connection that knows whom it reached and when its first byte left."""

    response_class: Any = _ClockedResponse
    _used_at = 0.0

    def _new_conn(self) -> Any:
        sock = super()._new_conn()
        peer = sock.getpeername()[0]
        named = (hosts.bare(self.host), self.port) in hosts.entries()
        if not named and not hosts.is_public(peer):
            sock.close()
            raise AddressNotPublicError(self.host)
        return sock

    @property
    def is_connected(self) -> bool:
        return super().is_connected and time.monotonic() - self._used_at < IDLE_SECONDS

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        left = _exchange.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self.sock.settimeout(left)
        _exchange.began = True
        self._used_at = time.monotonic()
        super().send(data)


class _PlainConnection(_Guarded, HTTPConnection):
    pass


class _SecureConnection(_Guarded, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


_threads = threading.local()


def _session() -> requests.Session:
    """This thread's session: its connections are kept, and shared with no other thread."""
    session: requests.Session | None = getattr(_threads, "session", None)
    if session is None:
        session = requests.Session()
        session.trust_env = False  # no proxies, no .netrc
        session.headers["User-Agent"] = "Muster"
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            session.mount(scheme, _Adapter(pool_connections=4, pool_maxsize=2, max_retries=0))
        _threads.session = session
    return session
