"""A worker may die anywhere: the run still completes by itself, with the same members."""

from collections import Counter

import pytest

from core.failpoints import armed
from runs.models import Batch, RunState
from runs.report import report
from tests.runs.test_a_run import equations
from tests.runs.world import held, phone, phones

POINTS = [
    "build.claimed",
    "split.written",
    "split.committed",
    "enqueue.before",
    "enqueue.after",
    "diff.claimed",
    "diff.compared",
    "diff.written",
    "diff.synced",
    "diff.renamed",
    "diff.committed",
    "create.intent",
    "create.answered",
    "create.committed",
    "send.claimed",
    "send.intent",
    "send.connected",
    "send.answered",
    "send.committed",
    "follow.claimed",
    "follow.answered",
    "follow.opened",
    "follow.halfway",
    "follow.committed",
    "finish.claimed",
    "finish.written",
    "finish.renamed",
    "finish.ledger",
    "finish.counts",
    "finish.committed",
]


def same_bytes(attentive, run):
    """Every request carried a batch's own bytes, whichever attempt it was."""
    sent = {each["sha256"] for each in attentive.requests(path="/v2/bulk/segments/members")}
    drawn = set(Batch.objects.filter(delivery__run=run).values_list("body_hash", flat=True))
    return drawn <= sent


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_that_dies_there_changes_nothing(world, audience, attentive, tmp_path, point):
    first = world.finish(audience.run(phones(range(15))))
    run = audience.run(phones(range(5, 20)))
    with armed(f"{point}=raise=Crash@1", tmp_path):
        world.finish(run)
    assert world.crashes == 1, f"{point} was not reached"
    assert run.state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == {phone(n) for n in range(5, 20)}
    assert set(held(audience.list)) == {phone(n) for n in range(5, 20)}
    equations(report(run))
    assert [report(run)["deliveries"][0][key] for key in ("kept", "added", "removed")] == [10, 5, 5]
    assert same_bytes(attentive, run)
    assert same_bytes(attentive, first)


def test_nobody_is_sent_again_when_the_answer_was_stored(world, audience, attentive, tmp_path):
    with armed("send.committed=raise=Crash@1", tmp_path):
        world.finish(audience.run(phones(range(25))))
    sent = Counter(each["sha256"] for each in attentive.requests("POST", "/v2/bulk"))
    assert list(sent.values()) == [1, 1, 1]


def test_a_batch_whose_worker_died_is_sent_again_once(world, audience, attentive, tmp_path):
    with armed("send.answered=raise=Crash@1", tmp_path):
        world.finish(audience.run(phones(range(25))))
    sent = Counter(each["sha256"] for each in attentive.requests("POST", "/v2/bulk"))
    assert sorted(sent.values()) == [1, 1, 2]


def test_every_worker_may_die_at_every_other_step(world, audience, attentive, tmp_path):
    run = audience.run(phones(range(35)))
    points = ["split.committed", "diff.committed", "send.answered", "finish.ledger"]
    with armed(" ".join(f"{point}=raise=Crash@1" for point in points), tmp_path):
        world.finish(run)
    assert world.crashes == 4
    assert attentive.members(audience.list.external_id) == {phone(n) for n in range(35)}


def test_a_broker_that_loses_everything_delays_the_run_only(world, audience, attentive):
    run = audience.run(phones(range(25)))
    for _ in range(12):
        world.bag.clear()
        world.tick(75)
        world.work(2)
    run = world.finish(run)
    assert run.state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == {phone(n) for n in range(25)}


def test_messages_that_come_twice_or_late_do_no_harm(world, audience, attentive):
    class Doubling(list):
        def append(self, message):
            due, task, pk = message
            super().append(message)
            super().append((due, task, pk))

    world.bag = Doubling()
    run = world.finish(audience.run(phones(range(25))))
    late = [("build_run", run.pk), ("prepare_delivery", audience.delivery(run).pk)]
    late += [
        (task, each.pk) for each in Batch.objects.all() for task in ("send_batch", "follow_batch")
    ]
    late += [("finish_delivery", audience.delivery(run).pk)]
    before = report(run), len(attentive.requests(path="/v2/"))
    for task, pk in late:
        world.do(task, pk)
    run.refresh_from_db()
    assert (report(run), len(attentive.requests(path="/v2/"))) == before
    sent = Counter(each["sha256"] for each in attentive.requests("POST", "/v2/bulk"))
    assert list(sent.values()) == [1, 1, 1]


@pytest.mark.parametrize("fault", ["diff.written=raise=ENOSPC@1", "finish.synced=raise=ENOSPC@1"])
def test_a_disk_that_is_full_for_a_moment_delays_the_run_only(
    world, audience, attentive, tmp_path, fault
):
    run = audience.run(phones(range(25)))
    with armed(fault, tmp_path):
        world.finish(run)
    assert (run.state, run.problem) == (RunState.COMPLETE, "")
    assert attentive.members(audience.list.external_id) == {phone(n) for n in range(25)}


@pytest.mark.parametrize("fault", ["diff.written=raise=ENOSPC", "finish.synced=raise=ENOSPC"])
def test_a_disk_that_stays_full_is_told(world, audience, tmp_path, fault):
    run = audience.run(phones(range(25)))
    with armed(fault, tmp_path):
        world.settle(run)
    assert "ask an admin to look at the worker and its disk" in run.problem
