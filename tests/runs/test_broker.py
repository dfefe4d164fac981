"""A broker that does not answer costs a run time, and a person two seconds."""

import os
import signal
import time
from contextlib import contextmanager

import pytest

from core import hints
from runs.launch import launch
from runs.models import Batch, RunState
from runs.reconcile import reconcile
from runs.tools import production
from tests.runs import brand
from tests.runs.world import destination
from tests.waiting import until

PATIENCE = 6.0  # seconds: 2, and what a busy machine adds; workers' own timeouts are 10


@contextmanager
def frozen(valkey):
    process = valkey.info()["process_id"]
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


@pytest.fixture
def campaign(transactional_db, attentive, warehouse, valkey):
    warehouse(brand.tables())
    return brand.campaign(destination(attentive.url, attentive.token))


def test_a_frozen_broker_holds_up_no_launch_and_the_run_goes_on_later(
    campaign, valkey, monkeypatch
):
    monkeypatch.setattr(hints, "BROKER_REST", 0.0)
    with frozen(valkey):
        begun = time.monotonic()
        run = launch(campaign)
        assert time.monotonic() - begun < PATIENCE
    assert run.state == RunState.BUILDING
    valkey.delete("build")  # what was on its way when it froze may have come through
    reconcile(production())
    assert valkey.llen("build") == 1


def test_a_broker_that_failed_is_not_waited_for_at_every_message(valkey, monkeypatch):
    asked = hints.Hints()
    with frozen(valkey):
        begun = time.monotonic()
        for pk in range(20):
            asked.give("runs.tasks.send_batch", pk)
        assert time.monotonic() - begun < PATIENCE


def test_a_job_is_looked_at_on_time_without_beat(campaign, attentive, workers):
    attentive.settings(job_seconds=9)  # looked at after 5 seconds and, at the earliest, 10
    workers.start()
    run = launch(campaign)
    until(lambda: ended(run), 60, "the run ends")
    assert run.state == RunState.COMPLETE
    looks = set(Batch.objects.values_list("polls", flat=True))
    assert looks == {2}


def ended(run):
    run.refresh_from_db()
    return run.ended_at is not None
