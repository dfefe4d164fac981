"""The demo's processes under supervisor, which starts again what dies."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from demo.preflight import BASE_DIR, Plan, broker_program
from demo.serving import stop_with_parent
from destinations.attentive.sandbox import process as sandbox

PYTHON = sys.executable
CHILD_MEMORY = 1_500_000  # KiB, above which the build worker starts a fresh process
STOP_SECONDS = 10  # for what a worker has begun; then it is killed, which it survives too


@dataclass(frozen=True, slots=True)
class Program:
    """group: whether the signal to stop goes to everything the program started."""

    name: str
    command: Sequence[str]
    priority: int = 10
    group: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)  # beside the demo's own


def programs(plan: Plan, sandbox_token: str) -> list[Program]:
    """Everything that runs, broker first. Celery's nodes have these names too."""
    celery = (PYTHON, "-m", "celery", "-A", "config")
    sandbox_command = sandbox.arguments(plan.sandbox_port)
    found = [
        Program(
            "web",
            (
                *(PYTHON, "-m", "demo.serving", "--interface", "wsgi"),
                *("--host", "127.0.0.1", "--port", str(plan.port)),
                *("--workers", "1", "--blocking-threads", "8", "--workers-kill-timeout", "3"),
                *("--no-ws", "config.wsgi:application"),
            ),
        ),
        Program(
            "worker-build",
            (
                *(*celery, "worker", "-n", "worker-build@%h", "-l", "INFO", "-Q", "build"),
                *("-P", "prefork", "-c", "1", "--max-memory-per-child", str(CHILD_MEMORY)),
            ),
            group=False,  # its child would be torn out of what it does
        ),
        Program(
            "worker-send",
            (
                *(*celery, "worker", "-n", "worker-send@%h", "-l", "INFO", "-Q", "send,follow"),
                *("-P", "threads", "-c", "16"),
            ),
        ),
        Program(
            "beat", (*celery, "beat", "-n", "beat@%h", "-l", "INFO", "--enable-remote-control")
        ),
        Program(
            "sandbox",
            ["demo.serving" if part == "granian" else part for part in sandbox_command],
            environment=sandbox.environment(plan.var / "sandbox", tokens=[sandbox_token]),
        ),
    ]
    return [broker(plan), *found] if plan.own_broker else found


def broker(plan: Plan) -> Program:
    """Valkey on loopback; what was queued outlives a crash."""
    command = (
        *(str(broker_program()), "--bind", "127.0.0.1", "--port", str(plan.broker_port)),
        *("--protected-mode", "yes", "--maxmemory-policy", "noeviction", "--save", ""),
        *("--appendonly", "yes", "--appendfsync", "everysec", "--dir", str(plan.var / "valkey")),
    )
    return Program("broker", command, priority=1)


def configuration(plan: Plan, programs: Sequence[Program]) -> str:
    """supervisord's configuration file."""
    user = "user=root\n" if os.geteuid() == 0 else ""
    head = f"""[supervisord]
nodaemon=true
{user}logfile={escaped(str(plan.var / "log/supervisord.log"))}
pidfile={escaped(str(plan.var / "supervisord.pid"))}
directory={escaped(str(BASE_DIR))}
"""
    return head + "".join(section(plan, program) for program in programs)


def section(plan: Plan, program: Program) -> str:
    own = {key: text for key, text in program.environment.items() if os.environ.get(key) != text}
    named = ",".join(f'{key}="{escaped(text)}"' for key, text in own.items())
    environment = f"environment={named}\n" if own else ""
    return f"""
[program:{program.name}]
command={escaped(shlex.join(program.command))}
{environment}priority={program.priority}
startretries=1000
stopasgroup={str(program.group).lower()}
killasgroup=true
stopwaitsecs={STOP_SECONDS}
redirect_stderr=true
stdout_logfile={escaped(str(plan.var / "log" / (program.name + ".log")))}
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=1
"""


def escaped(text: str) -> str:
    """As supervisor wants it: a percent sign and what starts a comment mean something to it."""
    return text.replace("%", "%%").replace(" ;", " \\;")


@contextmanager
def running(plan: Plan, programs: Sequence[Program]) -> Iterator[subprocess.Popen[bytes]]:
    """Run the programs until the block is left; then all of them are gone."""
    for folder in ("log", "valkey", "tmp", "sandbox"):
        (plan.var / folder).mkdir(exist_ok=True)
    file = plan.var / "supervisord.conf"
    file.touch(mode=0o600)  # it names the sandbox's token
    file.write_text(configuration(plan, programs))
    log = plan.var / "log/supervisord.log"
    log.unlink(missing_ok=True)  # crashes are counted from this start on
    supervisor = subprocess.Popen(
        [PYTHON, "-m", "supervisor.supervisord", "-c", str(file)],
        cwd=BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches us alone, and we stop it
        preexec_fn=stop_with_parent,
    )
    try:
        yield supervisor
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # impatience must not leave half of it behind
        supervisor.terminate()
        supervisor.wait()


def crashes(plan: Plan, name: str) -> int:
    """How often a program ended by itself since the start, as supervisor noted it."""
    try:
        text = (plan.var / "log/supervisord.log").read_text(errors="replace")
    except OSError:
        return 0
    return text.count(f" exited: {name} (")


def tail(plan: Plan, name: str, lines: int = 15) -> str:
    """The last lines of a program's log."""
    try:
        text = (plan.var / "log" / f"{name}.log").read_text(errors="replace")
    except OSError:
        return ""
    width = shutil.get_terminal_size().columns
    return "\n".join(line[:width] for line in text.splitlines()[-lines:])
