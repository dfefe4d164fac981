"""Several workers at the same row: the database lets one of them through."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from runs import building, finishing, following, preparing, sending
from runs.models import Batch, BatchState, Delivery, Run, RunState
from tests.runs.world import phone, phones, stop

WORKERS = 6


def at_once(step, pk, tools):
    """The step, in several threads that begin together."""
    start = Barrier(WORKERS)

    def work(_):
        start.wait()
        try:
            step(pk, tools)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))


def test_of_several_workers_one_does_each_step(world, audience, attentive):
    run = audience.run(phones(range(25)))
    world.bag.clear()
    at_once(building.build, run.pk, world.tools)
    delivery = Delivery.objects.get()
    at_once(preparing.prepare, delivery.pk, world.tools)
    assert Batch.objects.count() == 3
    for batch in Batch.objects.all():
        at_once(sending.send, batch.pk, world.tools)
    sent = attentive.requests("POST", "/v2/bulk/segments/members")
    assert list(Counter(each["sha256"] for each in sent).values()) == [1, 1, 1]
    assert {(each.attempt, each.begun) for each in Batch.objects.all()} == {(1, 1)}
    world.clock += timedelta(seconds=10)
    for batch in Batch.objects.all():
        at_once(following.follow, batch.pk, world.tools)
    assert {each.polls for each in Batch.objects.all()} == {1}
    at_once(finishing.finish, delivery.pk, world.tools)
    run.refresh_from_db()
    assert run.state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == {phone(n) for n in range(25)}
    assert audience.list.held == 25


def test_stop_and_send_at_once_leave_no_batch_between(world, audience, attentive):
    run = audience.run(phones(range(100)))
    world.work(2)
    ready = list(Batch.objects.values_list("pk", flat=True))
    start = Barrier(len(ready) + 1)

    def send(pk):
        start.wait()
        try:
            sending.send(pk, world.tools)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(ready)) as pool:
        sends = [pool.submit(send, pk) for pk in ready]
        start.wait()
        stop(world, run)
        acknowledged = not Batch.objects.filter(
            state__in=(BatchState.READY, BatchState.SENDING)
        ).exists()
        begun = len(attentive.requests("POST", "/v2/bulk"))
        for each in sends:
            each.result()
    if acknowledged:
        assert len(attentive.requests("POST", "/v2/bulk")) == begun
    run = world.finish(run)
    states = Counter(Batch.objects.values_list("state", flat=True))
    assert set(states) <= {BatchState.DONE, BatchState.UNSENT}
    assert states[BatchState.DONE] * 10 == len(attentive.members(audience.list.external_id))


@pytest.mark.parametrize("step", ["build", "prepare"])
def test_whoever_is_frozen_in_a_claim_and_taken_over_from_has_nothing(world, audience, step):
    """Frozen between taking a row and reading it, until the lease is over."""
    run = audience.run(phones(range(5)))
    if step == "prepare":
        world.work(1)

    def claim(now):
        lease = now + timedelta(seconds=60)
        if step == "build":
            return Run.objects.claim(run.pk, now, lease)
        delivery = Delivery.objects.get()
        return Delivery.objects.claim(Delivery.objects.to_prepare(now), delivery.pk, lease, "")

    others = []

    def freeze(execute, sql, *rest):
        done = execute(sql, *rest)
        if sql.startswith("UPDATE") and not others:
            others.append(None)
            others[0] = claim(world.clock + timedelta(seconds=120))
        return done

    with connection.execute_wrapper(freeze):
        assert claim(world.clock) is None
    assert others[0].attempt == 2
