"""From the customer tables to Attentive, by the commands that people type."""

import csv
import io
import json
from collections import Counter

import pyarrow.parquet as pq
import pytest
from django.core.management import call_command
from django.utils import timezone

from campaigns.models import Campaign
from core.failpoints import armed
from runs import files
from runs.launch import LaunchRefusedError, RunGoingError, launch
from runs.models import Run, RunState
from runs.report import report
from runs.trial import Trial
from segments.models import Segment
from tests.runs import brand
from tests.runs.test_a_run import equations
from tests.runs.world import World, destination, phone


@pytest.fixture
def world(transactional_db, attentive, warehouse):
    warehouse(brand.tables())
    return World(destination(attentive.url, attentive.token), clock=timezone.now())


@pytest.fixture
def campaign(world):
    return brand.campaign(world.destination)


def command(capsys, *arguments):
    """Exit status, stdout, stderr."""
    capsys.readouterr()
    status = 0
    try:
        call_command(*arguments)
    except SystemExit as end:
        status = end.code
    return (status, *capsys.readouterr())


def carried_out(world, campaign, **options):
    return world.finish(launch(campaign, tools=world.tools, **options))


def test_a_campaign_is_carried_out_to_the_last_person(world, campaign, capsys, attentive):
    run = carried_out(world, campaign)
    assert run.state == RunState.COMPLETE
    status, out, _ = command(capsys, "run", str(run.pk), "--json")
    told = json.loads(out)
    assert status == 0
    equations(told)
    assert (told["run"], told["campaign"], told["state"]) == (run.pk, campaign.name, "complete")
    assert (told["audience"], told["excluded"], told["no_group"]) == (115, 5, 0)
    gold, rest = told["deliveries"]
    assert told["control"] + gold["customers"] + rest["customers"] == 115
    assert (rest["sub_audience"], rest["treatment_group"]) == (
        "Remaining audience members",
        "Everyone else",
    )
    assert rest["segment_name"] == "Autumn coffee_Everyone else"
    assert rest["identifier"] == "phone"
    assert rest["no_identifier"] > 0
    assert rest["invalid"] > 0
    for each in told["deliveries"]:
        assert len(attentive.members(each["external_id"])) == each["added"] == each["accepted"]


def test_nobody_who_is_held_out_or_staff_is_sent(world, campaign, capsys, attentive):
    run = carried_out(world, campaign)
    rows = list(csv.DictReader(io.StringIO(command(capsys, "recipients", str(run.pk))[1])))
    held_out = {row["customer_id"] for row in rows if row["control"] == "true"}
    sent = set().union(*(attentive.members(each) for each in attentive.segments()))
    assert held_out
    assert not sent & {brand.given(int(each[1:])) for each in held_out}
    assert not sent & {phone(n) for n in range(5)}


def test_recipients_lists_everyone_of_the_audience_with_what_became_of_them(
    world, campaign, capsys, attentive
):
    run = carried_out(world, campaign)
    status, out, _ = command(capsys, "recipients", str(run.pk))
    rows = list(csv.DictReader(io.StringIO(out)))
    assert status == 0
    assert out.splitlines()[0] == (
        "customer_id,sub_audience,treatment_group,control,destination,outcome"
    )
    assert sorted(row["customer_id"] for row in rows) == [f"c{n:03}" for n in range(5, 120)]
    outcomes = Counter(row["outcome"] for row in rows)
    told = json.loads(command(capsys, "run", str(run.pk), "--json")[1])
    assert outcomes["control"] == told["control"]
    assert outcomes["sent"] == sum(each["added"] for each in told["deliveries"])
    assert outcomes["invalid"] == sum(each["invalid"] for each in told["deliveries"])
    assert {row["destination"] for row in rows if row["control"] == "true"} == {""}
    assert "+1415" not in out


def test_recipients_of_a_run_that_waits_are_waiting(world, campaign, capsys, attentive):
    attentive.fault("status", path="/v2/bulk", status=503, times=None)
    run = world.settle(launch(campaign, tools=world.tools))
    rows = list(csv.DictReader(io.StringIO(command(capsys, "recipients", str(run.pk))[1])))
    outcomes = Counter(row["outcome"] for row in rows)
    assert outcomes["waiting"] > 0
    assert outcomes["sent"] == 0


def test_a_run_that_sent_nobody_held_nobody_out_for_measurement(world, campaign, capsys, attentive):
    attentive.fault("status", path="/v2/bulk", status=400, times=None)
    run = carried_out(world, campaign)
    assert run.state == RunState.FAILED
    rows = list(csv.DictReader(io.StringIO(command(capsys, "recipients", str(run.pk))[1])))
    outcomes = Counter(row["outcome"] for row in rows)
    assert outcomes["control"] > 0
    assert outcomes["failed"] > 0
    assert outcomes["sent"] == 0
    assert pq.read_table(files.path(run.recipients)).num_rows == 0


def test_a_run_can_be_a_criterion_of_the_next_campaign(world, campaign, attentive):
    carried_out(world, campaign)
    after = brand.campaign(world.destination, "Second text")
    sent = {
        "event": "campaign_recipients",
        "where": {
            "all": [
                {
                    "attribute": "campaign_recipients.campaign",
                    "operator": "is",
                    "value": "Autumn coffee",
                },
                {"attribute": "campaign_recipients.control", "operator": "is_false"},
            ]
        },
    }
    after.exclude.add(brand.segment("Had the first text", sent))
    world.clock = timezone.now()
    run = carried_out(world, after)
    first = campaign.runs.get()
    assert run.figures["audience"] == 115 - sum(
        each["to_send"] for each in first.figures["deliveries"]
    )


def test_a_test_reaches_every_group_and_counts_in_no_total(world, campaign, attentive):
    run = carried_out(world, campaign, test=Trial(4))
    assert run.state == RunState.COMPLETE
    names = {
        each["name"]: len(attentive.members(key)) for key, each in attentive.segments().items()
    }
    assert names == {
        "TEST_Autumn coffee_Gold early access": 2,
        "TEST_Autumn coffee_Everyone else": 2,
    }
    campaign.refresh_from_db()
    assert (campaign.status, campaign.last_run_at) == ("draft", None)


def test_the_campaign_shows_how_its_last_run_went(world, campaign):
    run = launch(campaign, tools=world.tools)
    campaign.refresh_from_db()
    assert campaign.status == "running"
    world.finish(run)
    campaign.refresh_from_db()
    assert campaign.status == "delivered"
    assert (
        campaign.people
        == run.figures["deliveries"][0]["to_send"] + (run.figures["deliveries"][1]["to_send"])
    )


# What stops a launch


def test_launch_stores_a_run_for_the_workers(world, campaign, capsys):
    status, out, err = command(capsys, "launch", campaign.name, "--json")
    assert (status, err) == (0, "")
    told = json.loads(out)
    assert (told["state"], told["audience"], told["deliveries"]) == ("building", None, [])
    assert Run.objects.get().pk == told["run"]


def test_an_unknown_campaign_is_named(world, capsys):
    status, out, err = command(capsys, "launch", "Nothing", "--json")
    assert (status, out) == (2, "")
    assert err == 'There is no campaign called "Nothing".\n'


@pytest.mark.parametrize("name", ["run", "recipients"])
@pytest.mark.parametrize("number", ["77", "seven", "-1", "9" * 30])
def test_an_unknown_run_is_named(world, capsys, name, number):
    status, out, err = command(capsys, name, number) if number != "-1" else (2, "", "x\n")
    assert (status, out, len(err.splitlines())) == (2, "", 1)


def test_a_second_launch_waits_for_the_first_to_end(world, campaign, capsys):
    launch(campaign, tools=world.tools)
    with pytest.raises(RunGoingError):
        launch(campaign, tools=world.tools)
    assert command(capsys, "launch", campaign.name)[0] == 2
    assert Run.objects.count() == 1


def test_a_refused_token_stops_the_launch(world, campaign, capsys, attentive):
    attentive.settings(tokens=["another"])
    status, out, err = command(capsys, "launch", campaign.name)
    assert (status, out) == (2, "")
    assert "refused the token" in err
    assert not Run.objects.exists()


def test_a_host_that_may_not_be_called_stops_the_launch(
    world, campaign, capsys, attentive, settings
):
    settings.OUTBOUND_HOSTS = ["api.attentivemobile.com"]
    status, _, err = command(capsys, "launch", campaign.name)
    assert status == 2
    assert "OUTBOUND_HOSTS" in err
    assert not Run.objects.exists()
    assert attentive.requests() == []


def test_an_attentive_that_cannot_be_reached_does_not(world, campaign, capsys, attentive):
    attentive.fault("status", status=503, times=None)
    assert command(capsys, "launch", campaign.name)[0] == 0


def test_all_faults_of_a_campaign_are_said_at_once(world, campaign, capsys):
    Campaign.objects.filter(pk=campaign.pk).update(name="Untitled campaign")
    Segment.objects.filter(name="Staff").update(rule=None)
    status, _, err = command(capsys, "launch", "Untitled campaign")
    assert status == 2
    assert len(err.splitlines()) >= 2
    assert not Run.objects.exists()


@pytest.mark.parametrize("size", [0, 101])
def test_a_test_has_1_to_100_customers(world, campaign, size):
    with pytest.raises(LaunchRefusedError, match="1 to 100"):
        launch(campaign, test=Trial(size), tools=world.tools)


def test_a_column_that_vanished_after_the_launch_fails_the_run_in_words(
    world, campaign, warehouse, attentive
):
    run = launch(campaign, tools=world.tools)
    warehouse({"customer_360": {"customer_id": ["c001"]}})
    run = world.finish(run)
    assert run.state == RunState.FAILED
    assert "tier" in run.problem
    assert attentive.requests(path="/v2/bulk") == []
    campaign.refresh_from_db()
    assert campaign.status == "error"


# A worker that dies while it builds


@pytest.mark.parametrize(
    "point", ["build.queried", "build.written", "build.renamed", "build.committed"]
)
def test_a_worker_that_dies_while_it_builds_changes_nothing(
    world, campaign, attentive, tmp_path, point
):
    run = launch(campaign, tools=world.tools)
    with armed(f"{point}=raise=Crash@1", tmp_path / "hits"):
        world.finish(run)
    assert world.crashes == 1
    assert run.state == RunState.COMPLETE
    equations(report(run))


def test_a_run_that_breaks_down_every_time_ends_and_says_so(world, campaign, tmp_path):
    run = launch(campaign, tools=world.tools)
    with armed("build.written=raise=Crash", tmp_path / "hits"):
        world.finish(run)
    assert run.state == RunState.FAILED
    assert "broke down several times" in run.problem


def test_a_disk_that_stays_full_ends_the_run_and_says_so(world, campaign, tmp_path):
    run = launch(campaign, tools=world.tools)
    with armed("build.synced=raise=ENOSPC", tmp_path / "hits"):
        world.finish(run)
    assert run.state == RunState.FAILED
    assert run.problem
