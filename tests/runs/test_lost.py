"""What Muster needs is gone: a key, a permission to call, its own files."""

import pytest
from cryptography.fernet import Fernet

from runs import files
from runs.models import Batch, BatchState, List, LogEntry, Run, RunState
from runs.report import report
from tests.runs.test_a_run import equations
from tests.runs.world import held, phone, phones

MEMBERS = "/v2/bulk/segments/members"


def everyone(count):
    return {phone(n) for n in range(count)}


def remove(name):
    files.path(name).unlink()


@pytest.fixture
def sending(world, audience) -> Run:
    """A run whose batches are drawn; none was sent."""
    run = audience.run(phones(range(25)))
    world.work(2)
    return run


# Settings


def test_a_lost_key_makes_the_run_wait_until_it_is_back(
    world, audience, attentive, sending, settings
):
    keys = settings.CREDENTIAL_KEYS
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    world.settle(sending)
    assert sending.state == RunState.WAITING
    assert "CREDENTIAL_KEYS" in sending.problem
    assert attentive.requests("POST", MEMBERS) == []
    settings.CREDENTIAL_KEYS = keys
    run = world.finish(sending)
    assert (run.state, run.problem) == (RunState.COMPLETE, "")
    assert attentive.members(audience.list.external_id) == everyone(25)


def test_a_host_taken_off_the_list_makes_the_run_wait_until_it_is_back(
    world, audience, attentive, sending, settings
):
    hosts = settings.OUTBOUND_HOSTS
    world.work(1)  # one batch is sent, its job is to be followed
    settings.OUTBOUND_HOSTS = ["api.attentivemobile.com"]
    world.settle(sending)
    assert sending.state == RunState.WAITING
    assert "OUTBOUND_HOSTS" in sending.problem
    assert len(attentive.requests("POST", MEMBERS)) == 1
    settings.OUTBOUND_HOSTS = hosts
    assert world.finish(sending).state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == everyone(25)


# Files


def test_a_lost_ledger_is_drawn_up_again_from_earlier_runs(world, audience, attentive):
    attentive.settings(unknown=[phone(3)])
    world.finish(audience.run(phones(range(15))))
    world.finish(audience.run(phones(range(5, 20))))
    before = held(audience.list)
    remove(audience.list.ledger)
    run = world.finish(audience.run(phones(range(8, 22))))
    assert run.state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == {phone(n) for n in range(8, 22)}
    told = report(run)["deliveries"][0]
    assert [told[key] for key in ("kept", "added", "removed")] == [12, 2, 3]
    assert len(before) == 15
    assert LogEntry.objects.filter(run=run, text__contains="was drawn up again").exists()


def test_a_ledger_lost_while_a_run_is_sent_is_drawn_up_again(world, audience, attentive):
    world.finish(audience.run(phones(range(10))))
    run = audience.run(phones(range(5, 15)))
    world.work(2)
    remove(audience.list.ledger)
    assert world.finish(run).state == RunState.COMPLETE
    assert held(audience.list) == {phone(n): "held" for n in range(5, 15)}


def test_a_list_of_which_nothing_is_known_any_more_is_not_touched(world, audience, attentive):
    first = world.finish(audience.run(phones(range(10))))
    remove(audience.list.ledger)
    remove(audience.delivery(first).file)
    sent = len(attentive.requests(path=MEMBERS))
    run = world.finish(audience.run(phones(range(5))))
    assert run.state == RunState.FAILED
    assert "file of run 1 are gone" in run.problem
    assert len(attentive.requests(path=MEMBERS)) == sent


def test_when_the_file_of_a_run_is_gone_whom_it_touched_is_maybe(world, audience, attentive):
    world.finish(audience.run(phones(range(10))))
    run = audience.run(phones(range(5, 25)))
    world.work(4)  # two of its three requests are made
    remove(audience.delivery(run).file)
    run = world.finish(run)
    equations(report(run))
    assert run.state == RunState.PARTIAL
    states = held(audience.list)
    members = attentive.members(audience.list.external_id)
    assert members <= set(states) == everyone(25)
    assert {states[phone(n)] for n in range(5, 10)} == {"held"}
    assert {states[phone(n)] for n in (0, 10, 24)} == {"maybe"}

    world.clock = world.clock.replace(day=world.clock.day + 2)
    assert world.finish(audience.run(phones(range(5, 25)))).state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == {phone(n) for n in range(5, 25)}


def test_a_lost_result_leaves_its_people_maybe(world, audience, attentive):
    attentive.settings(unknown=[phone(3)])
    run = audience.run(phones(range(5)))
    world.work(3)
    batch = Batch.objects.get()
    world.clock = batch.due_at
    world.do("follow_batch", batch.pk)
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE
    remove(batch.results)
    assert world.finish(run).state == RunState.COMPLETE
    assert held(audience.list) == dict.fromkeys(everyone(5), "maybe")


def test_a_run_whose_audience_is_gone_says_so(world, audience, attentive):
    run = audience.run(phones(range(5)))
    world.work(1)
    run.refresh_from_db()
    remove(run.members)
    world.settle(run)
    assert "gone from VAR_DIR" in run.problem
    assert attentive.requests("POST", MEMBERS) == []


# What a campaign no longer fills


def test_a_list_that_no_group_fills_any_more_is_named_and_left_alone(world, audience, attentive):
    world.finish(audience.run(phones(range(5))))
    left = List.objects.create(
        destination=world.destination,
        campaign=audience.campaign,
        group="gone",
        external_id="muster_gone",
        name="Autumn coffee_Gold",
        identifier="phone",
        held=5,
    )
    filled = List.objects.get(campaign=audience.campaign, group="g1").name
    run = world.finish(audience.run(phones(range(6))))
    told = LogEntry.objects.get(run=run, text__contains="No treatment group").text
    assert left.name in told
    assert filled not in told
