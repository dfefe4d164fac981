"""Whether everything answers: real questions to each process, not whether it exists."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator

import redis
from celery import current_app
from kombu.exceptions import OperationalError

from demo.preflight import Plan

PATIENCE = 300.0  # seconds; a small machine that is busy needs a good part of them
CELERY = ("worker-build", "worker-send", "beat")


class NotAnsweringError(Exception):
    """names: the processes that did not answer in time."""

    def __init__(self, names: list[str]):
        super().__init__(*names)
        self.names = names


def wait(plan: Plan, hopeless: Callable[[list[str]], bool], patience: float = PATIENCE) -> None:
    """Return once every process answers. Raises NotAnsweringError.

    hopeless: whether waiting for these processes any longer is of no use.
    """
    deadline = time.monotonic() + patience
    silent = ["broker", "web", "sandbox", *CELERY]
    while silent:
        if time.monotonic() > deadline or hopeless(silent):
            raise NotAnsweringError(silent)
        for name in answering(plan, silent):
            silent.remove(name)
        if silent:
            time.sleep(0.1)


def answering(plan: Plan, names: list[str]) -> Iterator[str]:
    """Those of the processes that answer now."""
    wanted = list(names)
    if "broker" in wanted:
        if not broker(plan.broker_url):
            return
        yield "broker"
    if "web" in wanted and page(plan.port, "/login/"):
        yield "web"
    if "sandbox" in wanted and page(plan.sandbox_port, "/"):
        yield "sandbox"
    if nodes := [name for name in CELERY if name in wanted]:
        yield from celery(nodes)


def broker(url: str) -> bool:
    try:
        return bool(redis.Redis.from_url(url, socket_connect_timeout=1).ping())
    except redis.RedisError:
        return False


def page(port: int, path: str) -> bool:
    """Whether a page comes. A second is enough for one that is there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def celery(names: list[str]) -> Iterator[str]:
    """Those of the nodes that answer a ping, as ``celery inspect ping`` asks it."""
    try:
        answers = current_app.control.inspect(timeout=0.5, limit=len(names)).ping() or {}
    except (OperationalError, redis.RedisError, OSError):
        return
    found = {node.partition("@")[0] for node in answers}
    yield from (name for name in names if name in found)
