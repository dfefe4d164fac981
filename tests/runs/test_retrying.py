"""Retry only what failed: the same audience, and of it those who failed and nobody else."""

import pyarrow.parquet as pq
import pytest

from runs import files, retrying
from runs.models import Run, RunState
from runs.report import report
from tests.runs.test_a_run import equations
from tests.runs.world import phone, phones

MEMBERS = "/v2/bulk/segments/members"
ACCEPTED = {phone(n) for n in range(25)}


def added(run) -> list[str]:
    """Whom a run added, by the files of what it sent."""
    return sorted(
        row["identifier"]
        for delivery in run.deliveries.all()
        for row in pq.read_table(files.path(delivery.file)).to_pylist()
        if row["operation"] == "add"
    )


@pytest.fixture
def partial(world, audience, attentive) -> Run:
    """Of 35 people two were refused one by one, some are unknown, ten have no result."""
    attentive.settings(codes={phone(1): 422, phone(2): 500}, unknown=[phone(3), phone(4), phone(5)])
    attentive.fault("job", result="missing", after=2, times=1)
    run = world.finish(audience.run(phones(range(35))))
    attentive.settings(codes={}, unknown=[])
    assert run.state == RunState.PARTIAL
    return run


def test_a_retry_sends_those_who_failed_and_nobody_else(world, audience, attentive, partial):
    told = report(partial)["deliveries"][0]
    assert [told[key] for key in ("failed", "not_reported")] == [2, 10]
    assert told["unknown"]
    assert retrying.failed(partial) == 2
    made = world.finish(retrying.retry(partial, tools=world.tools))
    assert made.state == RunState.COMPLETE
    assert made.retry_of == partial
    assert added(made) == sorted([phone(1), phone(2)])
    equations(report(made))
    told = report(made)["deliveries"][0]
    assert [told[key] for key in ("kept", "added", "removed", "accepted")] == [33, 2, 0, 2]
    assert {phone(1), phone(2)} <= attentive.members(audience.list.external_id)
    # Noted as sent are those two alone: the others were sent once, by the run before.
    rows = pq.read_table(files.path(made.recipients)).to_pylist()
    assert len(rows) == 2


def test_a_refused_batch_is_retried_whole(world, audience, attentive):
    attentive.fault("status", path=MEMBERS, status=400, after=1)
    first = world.finish(audience.run(phones(range(25))))
    assert retrying.failed(first) == 10
    made = world.finish(retrying.retry(first, tools=world.tools))
    assert made.state == RunState.COMPLETE
    assert len(added(made)) == 10
    assert attentive.members(audience.list.external_id) == ACCEPTED


def test_a_retry_fails_and_is_retried(world, audience, attentive):
    attentive.settings(codes={phone(1): 422, phone(2): 422})
    first = world.finish(audience.run(phones(range(25))))
    attentive.settings(codes={phone(1): 422})
    second = world.finish(retrying.retry(first, tools=world.tools))
    assert (second.state, retrying.failed(second), retrying.failed(first)) == ("partial", 1, 0)
    attentive.settings(codes={})
    third = world.finish(retrying.retry(second, tools=world.tools))
    assert added(third) == [phone(1)]
    assert attentive.members(audience.list.external_id) == ACCEPTED


def test_without_the_file_of_the_first_run_whoever_is_not_held_is_sent(world, audience, partial):
    files.path(audience.delivery(partial).file).unlink()
    made = world.finish(retrying.retry(partial, tools=world.tools))
    assert {phone(1), phone(2)} <= set(added(made))


def test_what_was_delivered_or_came_before_a_later_run_is_not_retried(
    world, audience, attentive, partial
):
    again = world.finish(audience.run(phones(range(35))))
    assert again.state == RunState.COMPLETE
    for run in (partial, again):
        assert retrying.failed(run) == 0
        with pytest.raises(retrying.NothingFailedError):
            retrying.retry(run, tools=world.tools)
    assert Run.objects.count() == 2


def test_pressed_twice_it_is_one_run(world, partial):
    retrying.retry(partial, tools=world.tools)
    with pytest.raises(retrying.LaunchRefusedError):
        retrying.retry(partial, tools=world.tools)
    assert Run.objects.count() == 2
