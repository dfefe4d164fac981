"""Places where a test can make a process die, freeze, wait or fail.

``hit("send.answered")`` stands on each side of every commit and I/O of a run. In
production it tests one global and returns. A test arms it with the environment
variable MUSTER_FAILPOINTS, or in one process with ``armed(...)``:

    send.answered=kill            the process dies there (SIGKILL)
    send.answered=stop            it freezes there (SIGSTOP) until SIGCONT
    send.answered=sleep=250       it waits 250 ms
    send.answered=raise=Crash     it raises Crash, or a built-in exception of that name
    send.answered=kill@2          only at the second hit, counted over all processes

Several are separated by commas or blanks.
"""

from __future__ import annotations

import builtins
import errno
import fcntl
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.errors import MusterError

NAMES = frozenset(
    f"{stage}.{point}"
    for stage, points in {
        "build": "claimed queried written synced renamed committed",
        "split": "written committed",
        "diff": "claimed compared written synced renamed committed",
        "enqueue": "before after",
        "create": "intent answered committed",
        "send": "claimed intent connected answered committed",
        "follow": "claimed answered opened halfway committed",
        "finish": "claimed written synced renamed ledger counts committed",
        "reconcile": "selected enqueued",
        "stop": "requested committed",
        "due": "stored committed",
    }.items()
    for point in points.split()
)


class Crash(BaseException):
    """A process that dies, for tests that play all processes in one."""


class FailpointsArmedError(MusterError):
    def __str__(self) -> str:
        return (
            "MUSTER_FAILPOINTS is set: it makes processes die on purpose. "
            "Unset it; tests that mean it set MUSTER_TESTING=1 as well."
        )


class FailpointUnknownError(MusterError):
    def __init__(self, text: str):
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f'"{self.text}" is no failpoint. Write NAME=kill, stop, sleep=MS or raise=NAME.'


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at a failpoint. nth: at which hit; 0: at every one."""

    action: str
    argument: str = ""
    nth: int = 0


def parse(text: str) -> dict[str, Fault]:
    """Raises FailpointUnknownError for a name or an action that does not exist."""
    faults = {}
    for item in text.replace(",", " ").split():
        name, _, what = item.partition("=")
        what, _, nth = what.partition("@")
        action, _, argument = what.partition("=")
        known = name in NAMES and action in {"kill", "stop", "sleep", "raise"}
        if not known or not (nth or "0").isdigit():
            raise FailpointUnknownError(item)
        faults[name] = Fault(action, argument, int(nth or 0))
    return faults


class Armed:
    """The faults of this process, and the counts of hits that all processes share."""

    def __init__(self, faults: Mapping[str, Fault], counts: Path):
        self.faults = faults
        self.counts = counts

    def __call__(self, name: str) -> None:
        if name not in NAMES:
            raise FailpointUnknownError(name)
        fault = self.faults.get(name)
        if fault is None:
            return
        nth = self.count(name)
        if fault.nth in (0, nth):
            strike(fault)

    def count(self, name: str) -> int:
        """Count this hit; returns how many there were in all processes together."""
        self.counts.mkdir(parents=True, exist_ok=True)
        with (self.counts / name).open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            nth = int(file.read() or 0) + 1
            file.truncate(0)
            file.write(str(nth))
        return nth


def strike(fault: Fault) -> None:
    match fault.action:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "sleep":
            time.sleep(int(fault.argument) / 1000)
        case "raise":
            raise exception(fault.argument)


def exception(name: str) -> BaseException:
    if name == "Crash":
        return Crash()
    if name == "ENOSPC":
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    kind = getattr(builtins, name, None)
    if not (isinstance(kind, type) and issubclass(kind, BaseException)):
        raise FailpointUnknownError(name)
    return kind()


def from_environment(environment: Mapping[str, str]) -> Armed | None:
    """Raises FailpointsArmedError when armed outside tests."""
    text = environment.get("MUSTER_FAILPOINTS", "")
    if not text:
        return None
    if environment.get("MUSTER_TESTING") != "1":
        raise FailpointsArmedError()
    return Armed(parse(text), counts_folder(environment))


def counts_folder(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("VAR_DIR", "var")).resolve() / "failpoints"


_armed: Armed | None = from_environment(os.environ)


def hit(name: str) -> None:
    """A place where something may go wrong; nothing happens unless a test armed it."""
    if _armed is not None:
        _armed(name)


@contextmanager
def armed(text: str, counts: Path) -> Iterator[Armed]:
    """Arm this process for the length of a test. counts: a folder of the test's own."""
    global _armed
    before, _armed = _armed, Armed(parse(text), counts)
    try:
        yield _armed
    finally:
        _armed = before
