"""``python -m demo``: start everything, say where it is, stop everything on Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

import django
from django.conf import settings
from django.db import OperationalError

from demo import preflight

CRASHES = 4  # of one process before it first answers: it will not
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    try:
        plan = preflight.plan()
    except preflight.NotReady as stop:
        for problem in stop.problems:
            print(problem, file=sys.stderr)
        return 1
    for number in STOPS:
        signal.signal(number, stop_by)
    try:
        return run(plan)
    except KeyboardInterrupt:
        say("Muster has stopped. `make demo` goes on where it was.")
        return 0


def run(plan: preflight.Plan) -> int:
    """Run the demo until it is stopped. Returns the exit status when something went wrong."""
    set_environment(plan)
    from demo import first_run, prepare, processes, ready  # they need Django's settings

    try:
        token = prepare.prepare(plan.sandbox_port, say)
    except OperationalError as error:
        said = str(error).strip().partition("\n")[0]
        print(f"The database does not answer ({said}). See DATABASE_URL.", file=sys.stderr)
        return 1
    with processes.running(plan, processes.programs(plan, token)) as supervisor:
        say("Starting")

        def hopeless(silent: list[str]) -> bool:
            ended = supervisor.poll() is not None
            return ended or any(processes.crashes(plan, name) >= CRASHES for name in silent)

        try:
            ready.wait(plan, hopeless)
        except ready.NotAnsweringError as error:
            for name in error.names:
                print(f"{name} does not answer. Its log ends:", file=sys.stderr)
                print(processes.tail(plan, name), file=sys.stderr)
            return 1
        first_run.deliver(say)
        say(first_run.welcome(plan))
        supervisor.wait()
    print(f"Supervisor ended: see {plan.var}/log/supervisord.log", file=sys.stderr)
    return 1


def set_environment(plan: preflight.Plan) -> None:
    """What every process of the demo sees: the sandbox on this machine may be called."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "VAR_DIR": str(plan.var),
        "PORT": str(plan.port),
        "SANDBOX_PORT": str(plan.sandbox_port),
        "REDIS_URL": plan.broker_url,
        "CELERY_SKIP_CHECKS": "1",  # migrating checks everything once, for all of them
    }
    django.setup()
    settings.OUTBOUND_HOSTS.append(f"127.0.0.1:{plan.sandbox_port}")
    os.environ["OUTBOUND_HOSTS"] = ",".join(settings.OUTBOUND_HOSTS)


def stop_by(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def say(text: str) -> None:
    print(text, flush=True)


sys.exit(main())
