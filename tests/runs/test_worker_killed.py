"""Real workers, a real broker, ``kill -9``: the run completes by itself, the members the same."""

import csv
import io
import json
import subprocess
import sys

import pytest

from runs import recipients
from runs.launch import launch
from runs.models import Batch, BatchState, Run, RunState
from runs.report import report
from tests.fixtures.services import BASE_DIR, environment
from tests.runs import brand
from tests.runs.test_a_run import equations
from tests.runs.world import destination, phone
from tests.waiting import until

SHORT = {"LEASE_SECONDS": "2", "RECONCILE_SECONDS": "1"}
PEOPLE = 120


@pytest.fixture
def campaign(transactional_db, attentive, warehouse):
    warehouse(brand.tables(PEOPLE))
    return brand.campaign(destination(attentive.url, attentive.token, batch_size=3))


def expected(run):
    """Who must be on the lists, from the customer tables and the held-out alone."""
    held_out = held_out_of(run)
    valid = [n for n in range(5, PEOPLE) if n % 10 not in (8, 9) and n != 30]
    return {phone(n) for n in valid if f"c{n:03}" not in held_out} | shared(held_out)


def shared(held_out):
    """c030 has the phone of c031: nobody gets it when one of the two is held out."""
    return set() if {"c030", "c031"} & held_out else {phone(31)}


def held_out_of(run):
    rows = csv.DictReader(io.StringIO("".join(recipients.csv(run))))
    return {row["customer_id"] for row in rows if row["control"] == "true"}


def members(attentive):
    return set().union(*(attentive.members(each) for each in attentive.segments()))


def ended(run):
    run.refresh_from_db()
    return run.ended_at is not None


def half_sent(run):
    states = list(Batch.objects.filter(delivery__run=run).values_list("state", flat=True))
    taken = sum(state in (BatchState.SENT, BatchState.DONE) for state in states)
    return 3 <= taken < len(states) - 5


def test_a_run_survives_kill_9_of_its_worker_in_the_middle_of_the_send(
    campaign, attentive, workers
):
    attentive.settings(answer_seconds=0.1)
    workers.beat(**SHORT)
    worker = workers.start(concurrency=2, **SHORT)
    run = launch(campaign)
    until(lambda: half_sent(run), 60, "half of the batches are sent")
    worker.kill()
    assert not ended(run)
    attentive.settings(answer_seconds=0.0)
    workers.start(concurrency=4, **SHORT)
    until(lambda: ended(run), 90, "the run ends by itself")
    assert run.state == RunState.COMPLETE
    assert members(attentive) == expected(run)
    equations(report(run))


@pytest.mark.parametrize("point", ["send.answered", "diff.committed"])
def test_a_worker_that_kills_itself_there_is_made_up_for_by_the_next(
    campaign, attentive, workers, point
):
    workers.beat(**SHORT)
    worker = workers.start(
        concurrency=2, MUSTER_FAILPOINTS=f"{point}=kill@1", MUSTER_TESTING="1", **SHORT
    )
    run = launch(campaign)
    until(lambda: not worker.alive, 60, "the worker dies")
    workers.start(concurrency=4, **SHORT)
    until(lambda: ended(run), 90, "the run ends by itself")
    assert run.state == RunState.COMPLETE
    assert members(attentive) == expected(run)


def test_an_empty_broker_loses_nothing(campaign, attentive, workers, valkey):
    run = launch(campaign)
    valkey.flushall()
    workers.start(concurrency=4, **SHORT)
    workers.beat(**SHORT)
    until(lambda: ended(run), 90, "the run ends by itself")
    assert members(attentive) == expected(run)


def test_launch_waits_for_the_end_when_asked_to(campaign, attentive, workers, settings):
    workers.start(concurrency=4)
    done = subprocess.run(
        [sys.executable, "manage.py", "launch", campaign.name, "--wait", "--json"],
        cwd=BASE_DIR,
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["state"] == "complete"
    equations(told)
    assert members(attentive) == expected(Run.objects.get(pk=told["run"]))


def test_launch_says_by_its_status_that_a_run_waits_for_a_person(
    campaign, attentive, workers, settings
):
    attentive.fault("status", path="/v2/bulk", status=401, times=None)
    workers.start(concurrency=4)
    done = subprocess.run(
        [sys.executable, "manage.py", "launch", campaign.name, "--wait"],
        cwd=BASE_DIR,
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 1
    assert "Ask an admin to enter a new one" in done.stdout
