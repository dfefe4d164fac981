"""What Attentive and the network do wrong, and what becomes of the run."""

from collections import Counter
from datetime import timedelta

import pytest

from destinations import credentials
from runs.models import Batch, BatchState, RunState
from runs.report import report
from tests.runs.test_a_run import equations
from tests.runs.world import held, phone, phones, stop

MEMBERS = "/v2/bulk/segments/members"


def everyone(count):
    return {phone(n) for n in range(count)}


# Answers


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_attentive_is_asked_again_later(world, audience, attentive, status):
    attentive.fault("status", path=MEMBERS, status=status, times=4)
    run = world.finish(audience.run(phones(range(25))))
    assert run.state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == everyone(25)
    assert audience.list.maybe == 0


def test_an_attentive_that_is_away_is_waited_for(world, audience, attentive):
    attentive.fault("status", status=503, times=30)
    run = world.finish(audience.run(phones(range(15))))
    assert run.state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == everyone(15)


def test_a_refused_request_fails_its_batch_alone_and_says_why(world, audience, attentive):
    attentive.fault("status", path=MEMBERS, status=400, message="externalId is odd", after=1)
    run = world.finish(audience.run(phones(range(25))))
    assert run.state == RunState.PARTIAL
    assert "externalId is odd" in run.problem
    told = report(run)
    equations(told)
    assert told["deliveries"][0]["failed"] == 10
    assert len(attentive.members(audience.list.external_id)) == 15
    assert set(held(audience.list)) == attentive.members(audience.list.external_id)


def test_the_next_run_sends_whom_a_failed_batch_left_out(world, audience, attentive):
    attentive.fault("status", path=MEMBERS, status=400)
    world.finish(audience.run(phones(range(25))))
    run = world.finish(audience.run(phones(range(25))))
    assert run.state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == everyone(25)
    assert report(run)["deliveries"][0]["added"] == 10


def test_a_run_of_which_attentive_takes_nothing_has_failed(world, audience, attentive):
    attentive.fault("status", path=MEMBERS, status=400, times=None)
    run = world.finish(audience.run(phones(range(25))))
    assert run.state == RunState.FAILED
    assert held(audience.list) == {}


@pytest.mark.parametrize("refusal", [{"tokens": ["another"]}, {"may_segments": False}])
def test_a_refused_credential_stops_all_requests_until_it_is_replaced(
    world, audience, attentive, refusal
):
    run = audience.run(phones(range(25)))
    world.work(2)  # built and prepared
    attentive.settings(**refusal)
    world.settle(run)
    assert run.state == RunState.WAITING
    assert "Ask an admin to enter a new one" in run.problem
    refused = [e for e in attentive.requests(path=MEMBERS) if e["status"] in (401, 403)]
    assert len(refused) == 1

    attentive.settings(tokens=[attentive.token], may_segments=True)
    credential = world.destination.credential
    credentials.replace(credential, attentive.token, None)
    credential.save()
    run = world.finish(run)
    assert run.state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == everyone(25)


def test_a_refused_credential_is_not_used_to_look_at_jobs(world, audience, attentive):
    attentive.settings(job_seconds=3600)
    run = audience.run(phones(range(15)))
    world.work(4)
    attentive.settings(tokens=["another"])
    world.settle(run)
    asked = attentive.requests(path="/v2/bulk/job")
    assert [each["status"] for each in asked if each["status"] != 200] == [401]
    assert run.state == RunState.WAITING


def test_a_list_made_just_now_may_be_unknown_for_a_while(world, audience, attentive):
    attentive.fault("status", path=MEMBERS, status=404, times=3)
    run = world.finish(audience.run(phones(range(5))))
    assert run.state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == everyone(5)


def test_a_list_that_somebody_archived_is_named(world, audience, attentive):
    world.finish(audience.run(phones(range(5))))
    world.connect(world.destination).archive_list(audience.list.external_id)
    run = world.finish(audience.run(phones(range(8))))
    assert run.state == RunState.FAILED
    assert "archived" in run.problem
    equations_hold = report(run)["deliveries"][0]
    assert equations_hold["failed"] == 3


def test_a_request_that_is_too_large_is_halved(world, audience, attentive):
    attentive.settings(body_bytes=250)
    run = world.finish(audience.run(phones(range(20))))
    assert run.state == RunState.COMPLETE
    told = report(run)
    equations(told)
    assert attentive.members(audience.list.external_id) == everyone(20)
    live = Batch.objects.exclude(state=BatchState.REPLACED)
    assert sum(each.size for each in live) == 20
    assert told["deliveries"][0]["batches"] == live.count() > 2
    assert set(held(audience.list)) == everyone(20)


def test_a_202_without_a_job_cannot_be_followed_and_is_given_up(world, audience, attentive):
    attentive.fault("no_job", times=None)
    run = world.finish(audience.run(phones(range(5))))
    assert run.state == RunState.FAILED
    assert "cannot be followed up" in run.problem
    assert held(audience.list) == dict.fromkeys(everyone(5), "maybe")


# Lost answers


@pytest.mark.parametrize("applied", [True, False])
def test_a_lost_answer_is_repeated_with_the_same_bytes(world, audience, attentive, applied):
    attentive.fault("reset", path=MEMBERS, applied=applied)
    run = world.finish(audience.run(phones(range(25))))
    assert run.state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == everyone(25)
    sent = Counter(each["sha256"] for each in attentive.requests("POST", MEMBERS))
    assert sorted(sent.values()) == [1, 1, 2]


def test_the_opposite_of_a_lost_request_waits_and_it_alone(world, audience, attentive):
    attentive.fault("reset", path=MEMBERS, applied=True)
    first = world.finish(audience.run(phones(range(25))))
    lost = Batch.objects.get(delivery__run=first, begun__gt=1)

    run = world.settle(audience.run({}))
    assert run.state == RunState.PROCESSING
    waiting = Batch.objects.get(delivery__run=run, state=BatchState.READY)
    assert (waiting.size, waiting.operation) == (10, "remove")
    assert waiting.waits_until == lost.ended_at + timedelta(hours=12)
    assert len(attentive.members(audience.list.external_id)) == 10

    world.clock = waiting.waits_until - timedelta(seconds=1)
    world.work(seconds=0)
    assert len(attentive.members(audience.list.external_id)) == 10
    run = world.finish(run)
    assert run.state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == set()


def test_the_same_direction_as_a_lost_request_does_not_wait(world, audience, attentive):
    attentive.fault("reset", path=MEMBERS, applied=True)
    world.finish(audience.run(phones(range(10))))
    world.finish(audience.run(phones(range(12))))
    assert attentive.members(audience.list.external_id) == everyone(12)


def test_a_worker_frozen_past_its_lease_does_not_send(world, audience, attentive, monkeypatch):
    """Thawed between its intent and its request, it finds another worker at work."""
    from runs import sending

    run = audience.run(phones(range(5)))
    world.work(2)
    exchange = sending.exchange

    def frozen(batch, connector, body, tools):
        monkeypatch.setattr(sending, "exchange", exchange)
        world.tick(120)
        world.work()
        return exchange(batch, connector, body, tools)

    monkeypatch.setattr(sending, "exchange", frozen)
    run = world.finish(run)
    assert run.state == RunState.COMPLETE
    assert len(attentive.requests("POST", MEMBERS)) == 1
    batch = Batch.objects.get()
    assert (batch.state, batch.begun, batch.answered) == (BatchState.DONE, 2, 1)


def test_an_answer_that_is_stored_too_late_changes_nothing(world, audience, attentive, monkeypatch):
    """Thawed between the answer and its storing, when another worker has done it all."""
    from runs import sending

    run = audience.run(phones(range(5)))
    world.work(2)
    settle = sending.settle

    def frozen(batch, outcome, connector, tools):
        monkeypatch.setattr(sending, "settle", settle)
        world.tick(120)
        world.work()
        stored = Batch.objects.values().get()
        settle(batch, outcome, connector, tools)
        assert Batch.objects.values().get() == stored

    monkeypatch.setattr(sending, "settle", frozen)
    run = world.finish(run)
    assert run.state == RunState.COMPLETE
    assert len(attentive.requests("POST", MEMBERS)) == 2
    batch = Batch.objects.get()
    assert (batch.begun, batch.answered) == (2, 1)


# Jobs


def test_a_job_that_takes_long_is_looked_at_less_and_less_often(world, audience, attentive):
    attentive.settings(job_seconds=10_000)
    run = audience.run(phones(range(5)))
    world.work(4)
    looks = []
    for _ in range(9):
        batch = Batch.objects.get()
        looks.append(round((batch.due_at - world.clock).total_seconds()))
        world.clock = batch.due_at
        world.do("follow_batch", batch.pk)
    assert looks == [5, 10, 20, 40, 60, 120, 240, 480, 900]
    run.refresh_from_db()
    assert run.state == RunState.PROCESSING


@pytest.mark.parametrize("word", ["NEEDS_REVIEW", "PENDING", "WHATEVER"])
def test_an_unknown_word_is_a_job_that_goes_on(world, audience, attentive, word):
    attentive.fault("job", word=word)
    run = world.settle(audience.run(phones(range(5))))
    assert run.state == RunState.PROCESSING
    assert Batch.objects.get().job_status == word
    attentive.release()
    assert world.finish(run).state == RunState.COMPLETE


@pytest.mark.parametrize("word", ["CANCELLED", "FAILED"])
def test_a_job_that_ends_without_success_fails_its_people(world, audience, attentive, word):
    attentive.fault("job", word=word, applied=False)
    run = world.finish(audience.run(phones(range(5))))
    assert run.state == RunState.FAILED
    assert word in run.problem
    equations(report(run))
    assert report(run)["deliveries"][0]["failed"] == 5
    assert held(audience.list) == dict.fromkeys(everyone(5), "maybe")


@pytest.mark.parametrize("result", ["none", "missing"])
def test_a_job_without_a_result_is_not_reported(world, audience, attentive, result):
    attentive.fault("job", result=result)
    run = world.finish(audience.run(phones(range(5))))
    assert run.state == RunState.COMPLETE
    equations(report(run))
    assert report(run)["deliveries"][0]["not_reported"] == 5
    assert held(audience.list) == dict.fromkeys(everyone(5), "maybe")


def test_whom_nothing_was_reported_of_is_sent_again_and_removed_when_gone(
    world, audience, attentive
):
    attentive.fault("job", result="none")
    world.finish(audience.run(phones(range(5))))
    run = world.finish(audience.run(phones(range(2))))
    told = report(run)["deliveries"][0]
    assert [told[key] for key in ("kept", "added", "removed")] == [0, 2, 3]
    assert attentive.members(audience.list.external_id) == everyone(2)
    assert held(audience.list) == dict.fromkeys(everyone(2), "held")


def test_lines_that_cannot_be_read_are_not_reported(world, audience, attentive):
    attentive.fault("job", result="garbage")
    run = world.finish(audience.run(phones(range(5))))
    told = report(run)["deliveries"][0]
    assert (told["accepted"], told["not_reported"]) == (2, 3)


def test_lines_that_are_missing_are_not_reported(world, audience, attentive):
    attentive.fault("job", result="lines_missing")
    run = world.finish(audience.run(phones(range(10))))
    told = report(run)["deliveries"][0]
    equations(report(run))
    assert told["not_reported"] > 0
    assert told["accepted"] + told["not_reported"] == 10


def test_lines_that_come_twice_count_once(world, audience, attentive):
    attentive.fault("job", result="doubled")
    run = world.finish(audience.run(phones(range(10))))
    assert report(run)["deliveries"][0]["accepted"] == 10


def test_a_job_that_never_ends_is_given_up_after_two_weeks(world, audience, attentive):
    attentive.settings(job_seconds=10_000_000)
    run = audience.run(phones(range(5)))
    world.settle(run)
    world.clock += timedelta(days=14)
    run = world.finish(run)
    assert "two weeks" in Batch.objects.get().problem
    assert report(run)["deliveries"][0]["not_reported"] == 5


# Stop


def test_stop_before_anything_is_built_ends_the_run(world, audience, attentive):
    run = audience.run(phones(range(5)))
    stop(world, run)
    world.work()
    run.refresh_from_db()
    assert run.state == RunState.STOPPED
    assert attentive.requests(path="/v2/") == []


def test_after_stop_no_request_begins_and_what_was_sent_is_followed(world, audience, attentive):
    run = audience.run(phones(range(35)))
    world.work(4)  # built, prepared, two batches sent
    assert len(attentive.requests("POST", MEMBERS)) == 2
    stop(world, run)
    run = world.finish(run)
    assert run.state == RunState.STOPPED
    assert len(attentive.requests("POST", MEMBERS)) == 2
    told = report(run)
    equations(told)
    assert [told["deliveries"][0][key] for key in ("accepted", "failed")] == [20, 15]
    assert set(held(audience.list)) == attentive.members(audience.list.external_id)


def test_a_stopped_run_leaves_the_rest_to_the_next(world, audience, attentive):
    run = audience.run(phones(range(35)))
    world.work(4)
    stop(world, run)
    world.finish(run)
    assert world.finish(audience.run(phones(range(35)))).state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == everyone(35)


def test_a_destination_switched_off_makes_the_run_wait(world, audience, attentive):
    run = audience.run(phones(range(5)))
    world.work(2)
    world.destination.enabled = False
    world.destination.save()
    world.settle(run)
    assert run.state == RunState.WAITING
    assert "switched off" in run.problem
    assert attentive.requests("POST", MEMBERS) == []
    world.destination.enabled = True
    world.destination.save()
    assert world.finish(run).state == RunState.COMPLETE
