"""A test goes to people whom marketers named, and to nobody else."""

import pytest

from accounts.models import AuditEntry
from core.failpoints import armed
from runs import clearing, panels
from runs.launch import LaunchRefusedError, launch
from runs.models import List, Panel, Panelist, Run, RunState
from runs.report import report
from runs.trial import Trial
from tests.runs import brand
from tests.runs.test_a_run import equations
from tests.runs.world import phone

ANN, BOB = "+14155550143", "+14155550144"
CREW = {
    "Ann": {"phone": ANN, "email": "ann@brand.example"},
    "Bob": {"phone": BOB},
    "Cy": {"email": "cy@brand.example"},
}


@pytest.fixture
def campaign(world, warehouse):
    warehouse(brand.tables(30))
    return brand.campaign(world.destination)


@pytest.fixture
def panel(db) -> Panel:
    made = Panel.objects.create(name="Marketing team")
    for name, contact in CREW.items():
        Panelist.objects.create(panel=made, name=name, contact=contact)
    return made


def filled(attentive) -> dict[str, set[str]]:
    """Who is on each list that is there."""
    return {
        each["name"]: set(attentive.members(key))
        for key, each in attentive.segments().items()
        if not each["archived"]
    }


def test_every_test_list_gets_exactly_the_named_people(world, campaign, panel, attentive):
    world.finish(launch(campaign, test=Trial(4), tools=world.tools))  # others are on the lists
    run = world.finish(launch(campaign, test=Trial(panel=panel), tools=world.tools))
    assert run.state == RunState.COMPLETE
    assert filled(attentive) == {
        "TEST_Autumn coffee_Gold early access": {ANN, BOB},
        "TEST_Autumn coffee_Everyone else": {ANN, BOB},
    }
    told = report(run)
    equations(told)
    assert [each["no_identifier"] for each in told["deliveries"]] == [1, 1]


def test_only_the_chosen_groups_are_filled(world, campaign, panel, attentive):
    early = campaign.sub_audiences.get(name="Gold").groups.get(control=False)
    for whom in ({"panel": panel}, {"customers": 3}):
        trial = Trial(**whom, groups=(early.key,))
        run = world.finish(launch(campaign, test=trial, tools=world.tools))
        assert [each.treatment_group for each in run.deliveries.all()] == ["Gold early access"]
        assert set(filled(attentive)) == {"TEST_Autumn coffee_Gold early access"}
    assert len(filled(attentive)["TEST_Autumn coffee_Gold early access"]) == 3


def test_a_control_group_or_one_that_is_gone_is_refused(world, campaign, panel):
    control = campaign.sub_audiences.get(name="Gold").groups.get(control=True)
    for key in (control.key, "gone"):
        for whom in ({"panel": panel}, {"customers": 3}):
            with pytest.raises(LaunchRefusedError, match="changed meanwhile"):
                launch(campaign, test=Trial(**whom, groups=(key,)), tools=world.tools)
    assert not Run.objects.exists()


def test_whom_nobody_can_reach_is_told_before_anything_is_stored(world, campaign, panel):
    panel.people.exclude(name="Cy").delete()
    with pytest.raises(LaunchRefusedError, match='Nobody in "Marketing team"'):
        launch(campaign, test=Trial(panel=panel), tools=world.tools)
    assert not Run.objects.exists()


def test_they_are_frozen_when_it_is_launched(world, campaign, panel, attentive, warehouse):
    run = launch(campaign, test=Trial(panel=panel), tools=world.tools)
    panel.delete()
    warehouse(brand.tables(5))  # it asks nothing of the customers' tables
    world.finish(run)
    assert run.state == RunState.COMPLETE
    assert set.union(*filled(attentive).values()) == {ANN, BOB}


def test_a_phone_that_two_share_is_sent_once(world, campaign, panel, attentive):
    Panelist.objects.create(panel=panel, name="Dan", contact={"phone": BOB})
    run = world.finish(launch(campaign, test=Trial(panel=panel), tools=world.tools))
    assert run.state == RunState.COMPLETE
    told = report(run)
    equations(told)
    assert [each["duplicate"] for each in told["deliveries"]] == [1, 1]
    assert filled(attentive)["TEST_Autumn coffee_Everyone else"] == {ANN, BOB}


@pytest.mark.parametrize(
    "point",
    ["build.claimed", "split.written", "split.committed", "enqueue.after", "diff.committed"],
)
def test_a_worker_may_die_anywhere(world, campaign, panel, attentive, tmp_path, point):
    run = launch(campaign, test=Trial(panel=panel), tools=world.tools)
    with armed(f"{point}=raise=Crash@1", tmp_path):
        world.finish(run)
    assert world.crashes == 1
    assert run.state == RunState.COMPLETE
    assert all(people == {ANN, BOB} for people in filled(attentive).values())


def test_its_lists_are_removed_and_the_campaigns_own_are_untouched(
    world, campaign, panel, attentive
):
    world.finish(launch(campaign, tools=world.tools))
    before = filled(attentive)
    world.finish(launch(campaign, test=Trial(panel=panel), tools=world.tools))
    clearing.remove_tests(campaign, tools=world.tools)
    world.work()
    assert filled(attentive) == before
    assert not List.objects.filter(test=True, removed_at=None).exists()
    assert phone(5) in set.union(*before.values())


def test_no_contact_data_stands_in_the_database_but_encrypted(
    world, campaign, panel, marketer, caplog
):
    caplog.set_level("DEBUG")
    run = world.finish(launch(campaign, marketer, test=Trial(panel=panel), tools=world.tools))
    kept = [
        *Run.objects.values_list(),
        *run.deliveries.values_list(),
        *run.log.values_list(),
        *AuditEntry.objects.values_list(),
        *Panelist.objects.values_list("contact"),
        *((repr(each),) for each in panels.people(panel)),
        (caplog.text,),
    ]
    for secret in (ANN, BOB, "ann@brand"):
        assert not [row for row in kept if secret in str(row)]
    entry = AuditEntry.objects.get(action="tested")
    assert (entry.customers, entry.details.endswith("to named people")) == (2, True)
