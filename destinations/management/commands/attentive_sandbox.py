"""Start a local Attentive: ``manage.py attentive_sandbox``."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from destinations.attentive.sandbox import process


class Command(BaseCommand):
    help = "Run a local Attentive for rehearsals: its API v2 and a page of its segments."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=settings.SANDBOX_PORT)
        parser.add_argument(
            "--host", default="127.0.0.1", help="Loopback unless you say otherwise."
        )
        parser.add_argument("--state", type=Path, default=settings.VAR_DIR / "sandbox")
        parser.add_argument(
            "--token",
            action="append",
            default=[],
            help="A token it takes; may be repeated. Without one it takes any.",
        )
        parser.add_argument("--job-seconds", type=float, default=5.0, help="How long a job takes.")
        parser.add_argument(
            "--unknown-share",
            type=float,
            default=0.0,
            help="The part of members it does not know, 0 to 1.",
        )
        parser.add_argument(
            "--no-checks",
            action="store_true",
            help="Neither validation nor rate limits nor a record, for benchmarks.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        state: Path = options["state"].resolve()
        try:
            state.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(f"{state}: {error.strerror}.") from error
        if not is_free(options["host"], options["port"]):
            raise CommandError(
                f"Port {options['port']} is in use. Stop what listens there, "
                "or choose another: --port."
            )
        arguments = process.arguments(options["port"], options["host"])
        environment = process.environment(
            state,
            host=options["host"],
            tokens=options["token"],
            job_seconds=options["job_seconds"],
            unknown_share=options["unknown_share"],
            checks=not options["no_checks"],
        )
        self.stdout.write(f"Attentive sandbox: http://{options['host']}:{options['port']}/")
        self.stdout.flush()
        os.execve(arguments[0], arguments, environment)  # noqa: S606  (our own list, no shell)


def is_free(host: str, port: int) -> bool:
    """Whether nobody listens there: the server itself would share the port with whoever does."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
