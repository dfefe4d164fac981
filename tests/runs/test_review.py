"""Rare turns that a run must survive: late workers, damaged files, answers out of the ordinary."""

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from core.failpoints import armed
from core.formats import moment
from destinations.attentive.client import AttentiveAPI
from destinations.errors import JobMissingError, ResultMissingError, TooLargeError
from runs import building, files, recipients, sending, stopping
from runs.models import Batch, BatchState, Run, RunState
from runs.page import page
from runs.report import report
from tests.runs.test_a_run import equations
from tests.runs.world import phone, phones, snapshot, stop

MEMBERS = "/v2/bulk/segments/members"


def everyone(count):
    return {phone(n) for n in range(count)}


def another(audience):
    from campaigns.models import Campaign
    from tests.runs.world import Audience

    return Audience(audience.world, Campaign.objects.create(name="Winter tea"))


# What is broken stays alone


def test_a_run_that_cannot_be_ended_holds_up_no_other_and_says_so(world, audience, attentive):
    broken = audience.run(phones(range(5)))
    world.work(2)
    broken.refresh_from_db()
    files.path(broken.members).write_bytes(b"no longer Parquet")
    world.work()
    other = another(audience).run(phones(range(10, 15)))
    world.bag.clear()
    other = world.finish(other)
    assert other.state == RunState.COMPLETE
    broken.refresh_from_db()
    assert "ask an admin" in broken.problem


@pytest.mark.parametrize("damage", [b"", b"PAR1 no longer PAR1"])
def test_a_batch_whose_file_was_damaged_fails_and_says_so(world, audience, attentive, damage):
    run = audience.run(phones(range(5)))
    world.work(2)
    files.path(audience.delivery(run).file).write_bytes(damage)
    run = world.settle(run)
    assert Batch.objects.get().state == BatchState.FAILED
    assert "disk" in Batch.objects.get().problem


@pytest.mark.parametrize("point", ["diff.compared", "finish.written"])
def test_a_delivery_that_kills_every_worker_is_told(world, audience, attentive, tmp_path, point):
    run = audience.run(phones(range(5)))
    with armed(f"{point}=raise=Crash", tmp_path):
        world.settle(run)
    assert world.crashes > 1
    assert "ask an admin to look at the worker and its disk" in run.problem
    run = world.finish(run)
    assert (run.state, run.problem) == (RunState.COMPLETE, "")


# Opposites


def test_stop_does_not_forget_what_must_still_be_waited_for(world, audience, attentive):
    """A lost addition; the run that would remove is stopped while it waits; the next waits too."""
    attentive.fault("reset", path=MEMBERS, applied=True)
    world.finish(audience.run(phones(range(5))))
    lost = Batch.objects.get()
    stopped = world.settle(audience.run({}))
    stop(world, stopped)
    assert world.finish(stopped).state == RunState.STOPPED
    world.settle(audience.run({}))
    assert attentive.requests("DELETE", MEMBERS) == []
    waiting = Batch.objects.get(state=BatchState.READY)
    assert waiting.waits_until == lost.ended_at + timedelta(hours=12)


def test_the_opposite_of_a_job_that_nobody_saw_end_waits(world, audience, attentive):
    attentive.settings(job_seconds=10_000_000)
    run = world.settle(audience.run(phones(range(5))))
    world.clock += timedelta(days=14)
    world.finish(run)
    given_up = Batch.objects.get()
    world.settle(audience.run({}))
    assert attentive.requests("DELETE", MEMBERS) == []
    waiting = Batch.objects.get(state=BatchState.READY)
    assert waiting.waits_until == given_up.ended_at + timedelta(hours=12)


def test_who_waits_for_an_opposite_is_told_how_many_why_and_until_when(world, audience, attentive):
    attentive.fault("reset", path=MEMBERS, applied=True)
    world.finish(audience.run(phones(range(5))))
    run = world.settle(audience.run({}))
    assert run.state == RunState.PROCESSING
    until = Batch.objects.get(state=BatchState.READY).waits_until
    assert run.problem.startswith(f"5 people wait until {moment(until)}: an answer about them")
    assert page(run).sentence == run.problem
    attentive.fault("status", path=MEMBERS, status=503, times=None)
    world.clock = until + timedelta(seconds=11)
    run = world.settle(run)
    assert "wait until" not in run.problem


# Results


@pytest.mark.parametrize("path", ["/v2/bulk/job", "/results"])
def test_one_404_after_hours_of_processing_is_asked_again(world, audience, attentive, path):
    attentive.fault("job", word="NEEDS_REVIEW")
    run = audience.run(phones(range(5)))
    world.settle(run)
    world.clock += timedelta(hours=6)
    fail_once = {
        "/v2/bulk/job": ("job", JobMissingError()),
        "/results": ("results", ResultMissingError("the link answers 404")),
    }[path]
    connect = world.connect

    def connected(destination):
        connector = connect(destination)
        name, error = fail_once
        whole = getattr(connector, name)

        def once(*arguments):
            setattr(connector, name, whole)
            world.connect = connect
            raise error

        setattr(connector, name, once)
        return connector

    world.connect = connected
    attentive.release()
    run = world.finish(run)
    told = report(run)["deliveries"][0]
    assert (told["accepted"], told["not_reported"]) == (5, 0)


def test_a_cancelled_job_whose_result_is_missing_has_failed(
    world, audience, attentive, monkeypatch
):
    attentive.fault("job", word="CANCELLED", applied=False)
    look = AttentiveAPI.job

    def with_link(self, job_id):
        return replace(look(self, job_id), result_url=f"{attentive.url}/nowhere")

    monkeypatch.setattr(AttentiveAPI, "job", with_link)
    run = world.finish(audience.run(phones(range(5))))
    assert run.state == RunState.FAILED
    assert report(run)["deliveries"][0]["failed"] == 5


def test_a_retry_after_of_ages_does_not_stop_a_batch_for_ages(world, audience, attentive):
    attentive.fault("status", path=MEMBERS, status=429, retry_after=10**12)
    run = audience.run(phones(range(5)))
    world.settle(run)
    assert Batch.objects.get().due_at - world.clock < timedelta(days=1)


def test_whom_attentive_would_not_remove_is_told(world, audience, attentive):
    world.finish(audience.run(phones(range(5))))
    attentive.settings(codes={phone(1): 422, phone(2): 422})
    run = world.finish(audience.run(phones([0, 3, 4])))
    assert run.state == RunState.PARTIAL
    assert "2 people could not be removed" in run.problem
    assert page(run).sentence == run.problem


# Late workers


def test_a_late_builder_cannot_fail_a_run_that_another_builds(world, audience):
    run = audience.run(phones(range(5)))
    now = world.clock
    late = Run.objects.claim(run.pk, now, now)
    mine = Run.objects.claim(run.pk, now + timedelta(seconds=1), now + timedelta(seconds=60))
    late.snapshot = snapshot(audience.definition, {"a": phone(1), "b": phone(2)})
    late.definition = late.definition | {"first_match_only": False}
    with pytest.raises(building.leases.LeaseLostError):
        building.fail(late, "A table vanished.", world.tools)
    run.refresh_from_db()
    assert (run.state, run.attempt) == (RunState.BUILDING, mine.attempt)
    assert not run.log.exists()


def test_a_worker_frozen_at_the_last_moment_sends_nothing_after_stop(
    world, audience, attentive, monkeypatch
):
    run = audience.run(phones(range(5)))
    world.work(2)

    def frozen(name):
        if name == "send.connected":
            monkeypatch.undo()
            world.clock += timedelta(seconds=61)
            stop(world, run)
            assert stopping.in_flight(run) == 0

    monkeypatch.setattr(sending, "hit", frozen)
    run = world.finish(run)
    assert run.state == RunState.STOPPED
    assert attentive.requests("POST", MEMBERS) == []


def test_a_worker_frozen_while_it_waits_for_its_turn_asks_nothing(
    world, audience, attentive, monkeypatch
):
    run = audience.run(phones(range(5)))
    world.work(2)
    clock = [0.0]

    def frozen(*_):
        clock[0] += 60

    monkeypatch.setattr("destinations.attentive.client.monotonic", lambda: clock[0])
    with monkeypatch.context() as patched:
        patched.setattr("destinations.pace.turn", frozen)
        world.work(1)
        assert attentive.requests("POST", MEMBERS) == []
    assert world.finish(run).state == RunState.COMPLETE


def test_batches_that_are_too_large_are_halved_at_once(world, audience, attentive):
    """Two workers, two batches of one delivery: each half has a number of its own."""
    run = audience.run(phones(range(20)))
    world.work(2)
    now = world.clock
    claimed = []
    for each in Batch.objects.with_all():
        assert Batch.objects.claim(each, now, now + timedelta(seconds=60))
        each.refresh_from_db(fields=["state", "attempt", "begun"])
        claimed.append(each)
    connector = world.connect(world.destination)
    start, errors = Barrier(2), []

    def halve(batch):
        start.wait()
        try:
            outcome = sending.Outcome(answered=True, error=TooLargeError())
            sending.settle(batch, outcome, connector, world.tools)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=halve, args=(each,)) for each in claimed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    run = world.finish(run)
    assert run.state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == everyone(20)


def test_stop_while_batches_are_stored_leaves_none_that_waits_for_ever(
    world, audience, attentive, monkeypatch, tmp_path
):
    """Under PostgreSQL the batches may be stored in the middle of what Stop does."""
    run = audience.run(phones(range(15)))
    world.work(1)
    delivery = audience.delivery(run)
    unsend, done = stopping.finishing.unsend, []

    def prepared(batches, tools):
        given_up = unsend(batches, tools)
        if not done and connection.vendor == "postgresql":
            done.append(True)
            other = Thread(target=elsewhere)
            other.start()
            other.join(3)
            done.append(other)
        return given_up

    def elsewhere():
        try:
            world.do("prepare_delivery", delivery.pk)
        finally:
            connection.close()

    monkeypatch.setattr(stopping.finishing, "unsend", prepared)
    with armed("diff.committed=raise=Crash@1", tmp_path):
        stop(world, run)
        for other in done[1:]:
            other.join()
    run = world.finish(run)
    assert run.state == RunState.STOPPED
    assert not Batch.objects.filter(state=BatchState.READY).exists()


# Numbers


def test_a_run_stopped_while_it_waits_for_a_person_adds_up(world, audience, attentive):
    world.destination.batch_size = 1000
    world.destination.save()
    world.finish(audience.run(phones(range(300))))
    run = world.settle(audience.run(phones(range(140, 310))))
    assert run.state == RunState.WAITING
    stop(world, run)
    run = world.finish(run)
    assert run.state == RunState.STOPPED
    told = report(run)["deliveries"][0]
    equations(report(run))
    assert told["waiting"] == 0
    outcomes = [line.split(",")[-1] for line in "".join(recipients.csv(run)).splitlines()[1:]]
    assert outcomes.count("sent") == told["kept"]
    assert outcomes.count("failed") == told["failed"]


def test_a_delivery_that_failed_before_it_was_compared_adds_up(world, audience, attentive):
    run = audience.run(phones(range(5)))
    world.work(1)
    run.refresh_from_db()
    files.path(run.members).unlink()
    run = world.settle(run)
    assert run.state == RunState.FAILED
    equations(report(run))
    assert report(run)["deliveries"][0]["failed"] == 5


def test_an_old_run_keeps_the_identifier_that_it_sent(world, audience, attentive):
    first = world.finish(audience.run({"a": phone(1)}))
    audience.identifier = "email"
    second = world.finish(audience.run({"a": "a@example.com"}))
    assert [report(each)["deliveries"][0]["identifier"] for each in (first, second)] == [
        "phone",
        "email",
    ]
