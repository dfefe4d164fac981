"""What a list is known to hold: never more than it does, and never less than it may."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.failpoints import armed
from runs import diff, files, ledger
from runs.diff import Place
from runs.models import RunState
from tests.runs.world import held, phone, phones
from warehouse.scratch import scratch

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MEMBERS = "/v2/bulk/segments/members"


def bounds(audience, attentive):
    """held is within what Attentive has, and that within held and maybe."""
    known = held(audience.list)
    there = attentive.members(audience.list.external_id)
    certain = {identifier for identifier, state in known.items() if state == "held"}
    assert certain <= there <= set(known)


def step_by_step(world, audience, attentive, run):
    for _ in range(60):
        while world.bag:
            world.work(1)
            if audience.campaign.lists.exists():
                bounds(audience, attentive)
        run.refresh_from_db()
        if run.ended_at:
            return
        world.tick(75)
    raise AssertionError("the run never ended")


@pytest.mark.parametrize(
    "fault",
    [
        None,
        {"name": "reset", "applied": True},
        {"name": "reset", "applied": False},
        {"name": "status", "status": 400},
        {"name": "job", "word": "CANCELLED", "applied": True},
        {"name": "job", "result": "none"},
        {"name": "job", "result": "lines_missing"},
        {"name": "job", "code": 422},
        {"name": "job", "code": 404},
    ],
)
def test_the_truth_lies_between_held_and_maybe_at_every_moment(world, audience, attentive, fault):
    attentive.settings(job_seconds=0.3)
    world.finish(audience.run(phones(range(20))))
    if fault:
        attentive.fault(**{"path": MEMBERS, "times": 2, **fault})
    step_by_step(world, audience, attentive, audience.run(phones(range(8, 28))))
    attentive.no_faults()
    step_by_step(world, audience, attentive, audience.run(phones(range(15, 30))))


@pytest.mark.parametrize("point", ["send.intent", "send.answered", "finish.ledger"])
def test_it_does_after_a_crash_too(world, audience, attentive, tmp_path, point):
    world.finish(audience.run(phones(range(20))))
    with armed(f"{point}=raise=Crash@1", tmp_path):
        step_by_step(world, audience, attentive, audience.run(phones(range(8, 28))))
    assert world.crashes == 1


def test_a_list_with_a_wrong_line_is_put_right_by_the_next_run(world, audience, attentive):
    attentive.settings(codes={phone(1): 422, phone(12): 422})
    world.finish(audience.run(phones(range(10))))
    attentive.settings(codes={})
    run = world.finish(audience.run(phones(range(10))))
    assert run.state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == {phone(n) for n in range(10)}


# Compare


def compared(rows, targets, **options):
    """rows: identifier, state, operation, until. Returns the counts and the difference."""
    before, members = files.fresh("runs/made", "ledger"), files.fresh("runs/made", "members")
    table = [list(column) for column in zip(*rows, strict=True)] or [[], [], [], []]
    with files.written(before) as rough:
        pq.write_table(pa.table(table, schema=ledger.SCHEMA), rough)
    people = pa.table(
        {
            "part": [0] * len(targets),
            "group": [1] * len(targets),
            "destination": [7] * len(targets),
            "outcome": ["send"] * len(targets),
            "identifier": pa.array(targets, pa.string()),
        }
    )
    with files.written(members) as rough:
        pq.write_table(people, rough)
    with scratch() as duck:
        counts = diff.compare(duck, members, Place(0, 1, 7), before, NOW, **options)
        return counts, set(duck.execute("SELECT * FROM difference").fetchall())


def test_the_difference_is_what_the_list_lacks_and_what_it_has_too_much():
    rows = [("a", "held", "", None), ("b", "held", "", None)]
    counts, difference = compared(rows, ["b", "c"])
    assert counts == diff.Difference(kept=1, added=1, removed=1, listed=2)
    assert difference == {("a", "remove", None), ("c", "add", None)}


def test_people_who_may_be_there_are_added_or_removed_again():
    rows = [("a", "maybe", "", None), ("b", "maybe", "", None)]
    _, difference = compared(rows, ["b"])
    assert difference == {("a", "remove", None), ("b", "add", None)}


def test_people_who_are_gone_are_not_removed_again():
    counts, difference = compared([("a", "gone", "remove", NOW)], [])
    assert (counts.removed, counts.listed, difference) == (0, 0, set())


@pytest.mark.parametrize(
    ("state", "operation", "targets", "waits"),
    [
        ("held", "add", [], True),  # an addition may still come: its removal waits
        ("maybe", "add", [], True),
        ("gone", "remove", ["a"], True),  # a removal may still come: its addition waits
        ("maybe", "remove", ["a"], True),
        ("maybe", "add", ["a"], False),  # the same direction does no harm
        ("maybe", "remove", [], False),
    ],
)
def test_the_opposite_of_what_may_still_come_waits(state, operation, targets, waits):
    later = NOW + timedelta(hours=1)
    _, difference = compared([("a", state, operation, later)], targets)
    assert [row[2] for row in difference] == [later if waits else None]


def test_what_is_over_makes_nobody_wait():
    _, difference = compared([("a", "held", "add", NOW)], [])
    assert difference == {("a", "remove", None)}


def test_keeping_them_leaves_the_removals_out():
    counts, difference = compared([("a", "held", "", None)], ["b"], remove=False)
    assert (counts.added, counts.removed) == (1, 0)
    assert difference == {("b", "add", None)}


@pytest.mark.parametrize(
    ("removed", "listed", "limit", "many"),
    [
        (101, 300, 30, True),
        (100, 100, 30, False),  # up to 100 people never ask
        (300, 1000, 30, False),  # exactly the limit
        (301, 1000, 30, True),
        (1000, 1000, 100, False),  # a limit of 100% never waits
        (101, 10_000, 0, True),
    ],
)
def test_a_removal_of_many_is_one_over_both_limits(removed, listed, limit, many):
    assert diff.Difference(0, 0, removed, listed).removes_many(limit) is many
