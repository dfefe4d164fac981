"""The Celery application: ``celery -A config worker`` and ``celery -A config beat``."""

import os
from typing import Any

from celery import Celery
from celery.bootsteps import StartStopStep
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Who asks for a step, a person often, does not wait for a broker that is frozen or away; a
# consumer is patient, as cancelling what it has begun costs more.
IMPATIENT = {"socket_timeout": 1.0, "socket_connect_timeout": 1.0, "max_retries": 0}


class Muster(Celery):
    def connection_for_write(self, *args: Any, **options: Any) -> Any:
        given = options.get("transport_options") or {}
        options["transport_options"] = given | IMPATIENT
        return super().connection_for_write(*args, **options)


app = Muster("muster", fixups=["config.connections:fixup"])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def warm(**_: Any) -> None:
    """Let pyarrow import pandas, as it does at the first list it reads: before the first run
    rather than in it, and once for all processes that are forked later."""
    import pyarrow as pa

    pa.array([0])


class Ticker(StartStopStep):
    """Has every worker that follows jobs look, each second, for what was put off and is due.

    So a job is looked at on time without the broker keeping times, and without beat.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)
    entry: Any = None

    def start(self, consumer: Any) -> None:
        if "follow" in consumer.app.amqp.queues.consume_from:
            from runs.tasks import TICK_SECONDS, ask_to_tick

            self.entry = consumer.timer.call_repeatedly(TICK_SECONDS, ask_to_tick)

    def stop(self, consumer: Any) -> None:
        if self.entry:
            self.entry.cancel()
            self.entry = None


app.steps["consumer"].add(Ticker)
