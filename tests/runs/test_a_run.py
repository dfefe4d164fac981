"""A run from its frozen audience to its end, and the run after it."""

import pytest

from runs.models import Batch, BatchState, DeliveryState, RunState
from runs.report import report
from tests.runs.world import held, phone, phones


def equations(told):
    for each in told["deliveries"]:
        left_out = each["filtered"] + each["no_identifier"] + each["invalid"] + each["duplicate"]
        assert each["customers"] == left_out + each["kept"] + each["added"]
        outcomes = ("accepted", "unknown", "failed", "not_reported", "waiting")
        assert each["added"] == sum(each[outcome] for outcome in outcomes)


def test_everyone_in_the_audience_is_on_the_list_at_the_end(world, audience, attentive):
    run = world.finish(audience.run(phones(range(25))))
    assert run.state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == {phone(n) for n in range(25)}
    told = report(run)
    equations(told)
    assert told["audience"] == 25
    assert [told["deliveries"][0][key] for key in ("added", "accepted", "batches")] == [25, 25, 3]


def test_the_list_carries_the_name_that_the_template_says(world, audience, attentive):
    world.finish(audience.run(phones(range(3))))
    assert [each["name"] for each in attentive.segments().values()] == ["Autumn coffee_Everyone"]


def test_held_out_people_are_in_no_request(world, audience, attentive):
    audience.control = 40
    run = world.finish(audience.run(phones(range(60))))
    told = report(run)
    equations(told)
    sent = attentive.members(audience.list.external_id)
    assert 0 < told["control"] < 60
    assert len(sent) == 60 - told["control"]


def test_the_next_run_sends_the_difference_alone(world, audience, attentive):
    world.finish(audience.run(phones(range(25))))
    before = len(attentive.requests(path="/v2/bulk/segments/members"))
    run = world.finish(audience.run(phones(range(5, 30))))
    external_id = audience.list.external_id
    assert attentive.members(external_id) == {phone(n) for n in range(5, 30)}
    told = report(run)["deliveries"][0]
    assert [told[key] for key in ("kept", "added", "removed", "accepted")] == [20, 5, 5, 5]
    requests = attentive.requests(path="/v2/bulk/segments/members")[before:]
    assert [each["method"] for each in requests] == ["POST", "DELETE"]


def test_a_run_with_nothing_to_change_makes_no_request(world, audience, attentive):
    world.finish(audience.run(phones(range(5))))
    before = len(attentive.requests(path="/v2/bulk/segments/members"))
    run = world.finish(audience.run(phones(range(5))))
    assert run.state == RunState.COMPLETE
    assert report(run)["deliveries"][0]["kept"] == 5
    assert len(attentive.requests(path="/v2/bulk/segments/members")) == before


def test_an_audience_that_became_empty_empties_the_list(world, audience, attentive):
    world.finish(audience.run(phones(range(5))))
    run = world.finish(audience.run({}))
    assert run.state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == set()


def test_a_new_phone_takes_the_place_of_the_old_one(world, audience, attentive):
    world.finish(audience.run({"a": phone(1), "b": phone(2)}))
    world.finish(audience.run({"a": phone(3), "b": phone(2)}))
    assert attentive.members(audience.list.external_id) == {phone(2), phone(3)}


def test_a_campaign_that_changes_from_phone_to_email_leaves_no_phone_behind(
    world, audience, attentive
):
    world.finish(audience.run({"a": phone(1), "b": phone(2)}))
    audience.identifier = "email"
    run = world.finish(audience.run({"a": "a@example.com", "b": "b@example.com"}))
    assert run.state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == {"a@example.com", "b@example.com"}


def test_the_ledger_says_what_the_list_holds(world, audience, attentive):
    world.finish(audience.run(phones(range(25))))
    world.finish(audience.run(phones(range(5, 30))))
    filled = audience.list
    assert held(filled) == dict.fromkeys(attentive.members(filled.external_id), "held")
    assert (filled.held, filled.maybe) == (25, 0)


def test_people_whom_attentive_does_not_know_are_counted_and_not_held(world, audience, attentive):
    attentive.settings(unknown=[phone(3), phone(7)], codes={phone(5): 422})
    run = world.finish(audience.run(phones(range(10))))
    told = report(run)["deliveries"][0]
    equations(report(run))
    assert [told[key] for key in ("accepted", "unknown", "failed")] == [7, 2, 1]
    assert run.state == RunState.PARTIAL
    assert set(held(audience.list)) == {phone(n) for n in (0, 1, 2, 4, 6, 8, 9)}


def test_being_unknown_to_attentive_is_no_failure(world, audience, attentive):
    attentive.settings(unknown=[phone(3)])
    assert world.finish(audience.run(phones(range(10)))).state == RunState.COMPLETE


def test_a_removal_of_many_waits_for_a_person(world, audience, attentive):
    world.destination.batch_size = 1000
    world.destination.save()
    world.finish(audience.run(phones(range(300))))
    run = world.settle(audience.run(phones(range(150))))
    delivery = audience.delivery(run)
    assert (run.state, delivery.state) == (RunState.WAITING, DeliveryState.WAITING)
    assert "150 of the 300 people" in run.problem
    assert len(attentive.members(audience.list.external_id)) == 300


@pytest.mark.parametrize(("decision", "left", "removed"), [("approve", 150, 150), ("keep", 300, 0)])
def test_a_person_decides_over_the_removal(world, audience, attentive, decision, left, removed):
    from runs import removals

    world.destination.batch_size = 1000
    world.destination.save()
    world.finish(audience.run(phones(range(300))))
    run = world.settle(audience.run(phones(range(150))))
    getattr(removals, decision)(audience.delivery(run), world.tools)
    run = world.finish(run)
    assert run.state == RunState.COMPLETE
    assert len(attentive.members(audience.list.external_id)) == left
    assert report(run)["deliveries"][0]["removed"] == removed


def test_a_limit_of_100_percent_never_waits(world, audience, attentive):
    world.destination.removal_limit, world.destination.batch_size = 100, 1000
    world.destination.save()
    world.finish(audience.run(phones(range(300))))
    assert world.finish(audience.run({})).state == RunState.COMPLETE
    assert attentive.members(audience.list.external_id) == set()


def test_batches_partition_the_difference(world, audience):
    run = world.finish(audience.run(phones(range(25))))
    batches = list(Batch.objects.filter(delivery__run=run))
    assert [(each.size, each.state) for each in batches] == [
        (10, BatchState.DONE),
        (10, BatchState.DONE),
        (5, BatchState.DONE),
    ]


def test_a_test_goes_to_a_few_and_to_a_list_of_its_own(world, audience, attentive):
    run = world.finish(audience.run(phones(range(50)), test=True, test_size=5))
    assert run.state == RunState.COMPLETE
    (segment,) = attentive.segments().values()
    assert segment["name"] == "TEST_Autumn coffee_Everyone"
    assert len(attentive.members(segment["externalId"])) == 5
    told = report(run)
    equations(told)
    assert told["deliveries"][0]["customers"] == 5
    audience.campaign.refresh_from_db()
    assert (audience.campaign.status, audience.campaign.people) == ("draft", None)
