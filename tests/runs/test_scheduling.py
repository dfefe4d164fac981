"""Schedules: set going by ``launch``, carried out by the reconciler."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from django.db import IntegrityError
from django.urls import reverse

from campaigns.models import Campaign, Status
from core.failpoints import armed
from runs import launch as launching
from runs import scheduling
from runs.launch import LaunchRefusedError
from runs.models import Run, RunState
from segments.models import Segment
from tests.runs import brand
from tests.runs.test_launch import command
from tests.runs.world import World, destination

DAILY = {"every": "day", "at": "09:00", "time_zone": "America/New_York"}
NINE = datetime(2026, 3, 3, 14, tzinfo=UTC)  # 09:00 in New York
DAY = timedelta(days=1)


@pytest.fixture
def world(transactional_db, attentive, warehouse):
    warehouse(brand.tables())
    return World(destination(attentive.url, attentive.token), clock=NINE - timedelta(hours=23))


@pytest.fixture
def campaign(world):
    return brand.campaign(world.destination)


@pytest.fixture
def planned(world, campaign):
    """Sets the schedule of the campaign going."""

    def plan(**delivery) -> Campaign:
        Campaign.objects.filter(pk=campaign.pk).update(delivery=delivery)
        campaign.refresh_from_db()
        return scheduling.begin(campaign, tools=world.tools)

    return plan


def at(world, moment: datetime) -> None:
    """The reconciler looks, at that moment."""
    world.clock = moment
    world.tick(0)


def now(campaign):
    campaign.refresh_from_db()
    return campaign.status, campaign.next_due_at


# Due


def test_a_due_campaign_is_run_once_and_then_again_the_next_day(world, planned):
    campaign = planned(**DAILY)
    assert now(campaign) == (Status.SCHEDULED, NINE)
    at(world, NINE - timedelta(seconds=1))
    assert not Run.objects.exists()
    at(world, NINE)
    at(world, NINE + timedelta(seconds=15))
    run = Run.objects.get()
    assert (run.due_at, run.started_by) == (NINE, None)
    assert now(campaign) == (Status.RUNNING, NINE + DAY)
    assert world.finish(run).state == RunState.COMPLETE
    assert now(campaign) == (Status.SCHEDULED, NINE + DAY)
    at(world, NINE + DAY)
    assert [each.due_at for each in Run.objects.order_by("pk")] == [NINE, NINE + DAY]
    assert world.finish(Run.objects.first()).figures["audience"] == 115


def test_a_schedule_of_two_runs_ends_with_the_second(world, planned):
    campaign = planned(**DAILY, runs=2)
    for due in (NINE, NINE + DAY):
        at(world, due)
        world.finish(Run.objects.first())
    assert now(campaign) == (Status.DELIVERED, None)
    at(world, NINE + 2 * DAY)
    assert Run.objects.count() == 2


def test_a_single_time_runs_once(world, planned):
    campaign = planned(at="2026-03-03 09:00", time_zone="America/New_York")
    at(world, NINE)
    world.finish(Run.objects.get())
    assert now(campaign) == (Status.DELIVERED, None)


def test_of_two_reconcilers_one_starts_the_run(world, planned):
    planned(**DAILY)
    world.clock = NINE
    first, second = Campaign.objects.get(), Campaign.objects.get()
    scheduling.start(first, world.tools)
    scheduling.start(second, world.tools)
    assert Run.objects.count() == 1


def test_the_database_refuses_a_second_run_of_a_due_time(world, planned):
    planned(**DAILY)
    at(world, NINE)
    run = world.finish(Run.objects.get())
    run.pk, run.number = None, 2
    with pytest.raises(IntegrityError):
        run.save(force_insert=True)


def test_a_due_time_that_was_run_before_is_not_run_again_when_the_clock_goes_back(world, planned):
    campaign = planned(**DAILY)
    at(world, NINE)
    world.finish(Run.objects.get())
    Campaign.objects.update(next_due_at=NINE)
    at(world, NINE)
    assert Run.objects.count() == 1
    assert now(campaign) == (Status.SCHEDULED, NINE + DAY)


def test_a_run_whose_message_is_lost_is_built_all_the_same(world, planned):
    planned(**DAILY)
    at(world, NINE)
    world.bag.clear()
    assert world.finish(Run.objects.get()).state == RunState.COMPLETE


def test_an_archived_campaign_is_not_run(world, planned):
    planned(**DAILY)
    Campaign.objects.update(archived=True)
    at(world, NINE)
    assert not Run.objects.exists()


def test_one_campaign_that_breaks_down_holds_up_no_other(world, planned):
    planned(**DAILY)
    other = brand.campaign(world.destination, "Second text")
    Campaign.objects.filter(pk=other.pk).update(delivery={"every": "never"}, next_due_at=NINE - DAY)
    at(world, NINE)
    assert [run.campaign.name for run in Run.objects.all()] == ["Autumn coffee"]


# What stands in the way at that time


def test_a_campaign_that_is_not_ready_shows_why_and_its_schedule_goes_on(
    world, planned, marketer_client
):
    campaign = planned(**DAILY)
    rule = Segment.objects.get(name="Staff").rule
    Segment.objects.filter(name="Staff").update(rule=None)
    at(world, NINE)
    run = Run.objects.get()
    assert (run.state, run.due_at) == (RunState.FAILED, NINE)
    assert run.problem.startswith("Not started. ")
    assert "Staff" in run.problem
    assert now(campaign) == (Status.ERROR, NINE + DAY)
    page = marketer_client.get(reverse("runs:detail", args=[run.pk])).content.decode()
    assert "Not started." in page
    Segment.objects.filter(name="Staff").update(rule=rule)
    at(world, NINE + DAY)
    world.finish(Run.objects.first())
    assert now(campaign) == (Status.SCHEDULED, NINE + 2 * DAY)


def test_a_refused_token_lets_the_run_wait_for_an_admin(world, planned, attentive):
    campaign = planned(**DAILY)
    attentive.settings(tokens=["another"])
    at(world, NINE)
    assert world.settle(Run.objects.get()).state == RunState.WAITING
    assert now(campaign) == (Status.WAITING, NINE + DAY)


def test_an_hour_late_is_still_in_time(world, planned):
    planned(**DAILY)
    at(world, NINE + timedelta(hours=1))
    assert Run.objects.get().due_at == NINE


def test_a_missed_time_is_not_made_up_for_without_a_person(world, planned, marketer_client):
    campaign = planned(**DAILY)
    at(world, NINE + timedelta(hours=1, seconds=1))
    assert not Run.objects.exists()
    assert now(campaign) == (Status.WAITING, NINE + DAY)
    page = marketer_client.get(reverse("campaigns:detail", args=[campaign.pk])).content.decode()
    assert "Missed: it was due on 3 Mar 09:00, New York" in page
    assert "Run now" in page
    world.finish(launching.launch(campaign, tools=world.tools))
    assert now(campaign) == (Status.SCHEDULED, NINE + DAY)
    assert campaign.missed == ""


def test_after_a_missed_time_the_next_one_is_run(world, planned):
    campaign = planned(**DAILY)
    at(world, NINE + timedelta(hours=3))
    at(world, NINE + DAY)
    assert Run.objects.get().due_at == NINE + DAY
    assert now(campaign) == (Status.RUNNING, NINE + 2 * DAY)
    assert campaign.missed == ""


def test_many_missed_times_are_one_question(world, planned):
    campaign = planned(**DAILY)
    at(world, NINE + 5 * DAY + timedelta(hours=3))
    assert not Run.objects.exists()
    assert now(campaign)[0] == Status.WAITING
    assert campaign.next_due_at > world.clock


def test_a_missed_single_time_stays_shown(world, planned):
    campaign = planned(at="2026-03-03 09:00", time_zone="America/New_York")
    at(world, NINE + DAY)
    assert now(campaign) == (Status.WAITING, None)
    assert campaign.missed.endswith("Otherwise it does not run.")


# A run that is still going


def test_a_run_that_is_still_going_is_not_run_into(world, planned):
    campaign = planned(**DAILY)
    at(world, NINE)
    run = Run.objects.get()
    at(world, NINE + DAY)
    assert Run.objects.count() == 1
    assert now(campaign) == (Status.RUNNING, NINE + 2 * DAY)
    assert any("was skipped: this run was going" in entry.text for entry in run.log.all())


def test_one_that_waits_starts_when_the_run_before_has_ended(world, planned):
    campaign = planned(**DAILY, still_running="wait")
    at(world, NINE)
    first = Run.objects.get()
    at(world, NINE + DAY + timedelta(hours=5))
    assert Run.objects.count() == 1
    assert campaign.runs.going().get() == first
    world.finish(first)
    world.tick()
    assert Run.objects.first().due_at == NINE + DAY


def test_run_now_does_not_cost_a_single_time_its_run(world, planned):
    campaign = planned(at="2026-03-03 09:00", time_zone="America/New_York")
    run = launching.launch(campaign, tools=world.tools)
    at(world, NINE)
    assert Run.objects.count() == 1
    world.finish(run)
    world.tick()
    assert Run.objects.first().due_at == NINE


# After a load


def test_new_data_is_run_once(world, planned, warehouse):
    campaign = planned(when="after_load")
    world.tick()
    assert not Run.objects.exists()
    warehouse(brand.tables(60))
    world.tick()
    run = world.finish(Run.objects.get())
    assert run.figures["audience"] == 55
    assert now(campaign)[0] == Status.SCHEDULED
    world.tick()
    assert Run.objects.count() == 1
    warehouse(brand.tables(50))
    world.tick()
    assert Run.objects.count() == 2


def test_data_that_was_run_by_hand_is_not_run_again(world, planned, warehouse):
    campaign = planned(when="after_load")
    warehouse(brand.tables(60))
    world.finish(launching.launch(campaign, tools=world.tools))
    world.tick()
    assert Run.objects.count() == 1


def test_the_last_run_after_a_load_ends_the_schedule(world, planned, warehouse):
    campaign = planned(when="after_load", runs=1)
    warehouse(brand.tables(60))
    world.tick()
    world.finish(Run.objects.get())
    assert now(campaign) == (Status.DELIVERED, None)


def test_a_date_ends_a_schedule_that_waits_for_data(world, planned):
    campaign = planned(when="after_load", until="2026-03-02", time_zone="UTC")
    at(world, NINE)
    assert now(campaign) == (Status.DRAFT, None)


# The command


@pytest.fixture
def weekly(campaign):
    Campaign.objects.filter(pk=campaign.pk).update(
        delivery={"every": "week", "on": ["mon"], "at": "09:00", "time_zone": "America/New_York"}
    )
    return campaign


def test_launch_schedules_and_prints_the_first_due_time(weekly, capsys):
    status, out, err = command(capsys, "launch", weekly.name, "--json")
    weekly.refresh_from_db()
    assert (status, err) == (0, "")
    told = json.loads(out)
    assert set(told) == {"campaign", "next"}
    due = datetime.fromisoformat(told["next"])
    assert (due.weekday(), due.hour, due.minute) == (0, 9, 0)
    assert due == weekly.next_due_at
    assert weekly.status == Status.SCHEDULED
    assert not Run.objects.exists()


def test_launch_says_the_schedule_in_words_and_twice_changes_nothing(weekly, capsys):
    first = command(capsys, "launch", weekly.name)
    assert first[0] == 0
    assert "Every Monday at 09:00, New York." in first[1]
    assert "First due" in first[1]
    assert command(capsys, "launch", weekly.name) == first


def test_a_schedule_has_no_run_to_wait_for(weekly, capsys):
    status, out, err = command(capsys, "launch", weekly.name, "--wait", "--json")
    weekly.refresh_from_db()
    assert (status, out) == (2, "")
    assert "--wait has none to follow" in err
    assert weekly.next_due_at is None


def test_launch_now_runs_a_scheduled_campaign_all_the_same(weekly, capsys):
    command(capsys, "launch", weekly.name)
    status, out, _ = command(capsys, "launch", weekly.name, "--now", "--json")
    weekly.refresh_from_db()
    assert (status, json.loads(out)["state"]) == (0, "building")
    assert Run.objects.get().due_at is None
    assert weekly.next_due_at is not None


def test_launch_after_a_load_has_no_due_time(campaign, capsys):
    Campaign.objects.update(delivery={"when": "after_load"})
    status, out, _ = command(capsys, "launch", campaign.name, "--json")
    assert (status, json.loads(out)) == (0, {"campaign": campaign.name, "next": None})


def test_what_stops_a_launch_stops_a_schedule(weekly, capsys, attentive):
    attentive.settings(tokens=["another"])
    status, out, err = command(capsys, "launch", weekly.name)
    weekly.refresh_from_db()
    assert (status, out) == (2, "")
    assert "refused the token" in err
    assert weekly.next_due_at is None


def test_a_time_that_has_passed_is_not_scheduled(world, planned):
    with pytest.raises(LaunchRefusedError, match="Nothing is left of the schedule"):
        planned(at="2026-03-01 09:00")
    assert not Campaign.objects.exclude(status="draft").exists()


# The pages


def test_a_scheduled_campaign_is_read_only_until_it_is_unscheduled(world, planned, marketer_client):
    campaign = planned(**DAILY)
    detail = reverse("campaigns:detail", args=[campaign.pk])
    editor = reverse("campaigns:edit", args=[campaign.pk])
    page = marketer_client.get(detail).content.decode()
    assert "Every day at 09:00, New York." in page
    assert "Next: 3 Mar 09:00, New York" in page
    assert "Unschedule and edit" in page
    assert marketer_client.get(editor).url == detail
    listed = marketer_client.get(reverse("campaigns:list")).content.decode()
    assert 'data-label="Next">3 Mar 09:00, New York<' in listed
    answer = marketer_client.post(reverse("campaigns:unschedule", args=[campaign.pk]))
    assert answer.url == editor
    assert now(campaign) == (Status.DRAFT, None)
    assert "Every day at 09:00, New York." in marketer_client.get(editor).content.decode()
    at(world, NINE)
    assert not Run.objects.exists()


def test_it_stays_read_only_while_a_scheduled_run_is_going(world, planned, marketer_client):
    campaign = planned(**DAILY)
    at(world, NINE)
    editor = reverse("campaigns:edit", args=[campaign.pk])
    assert marketer_client.get(editor).status_code == 302
    marketer_client.post(reverse("campaigns:unschedule", args=[campaign.pk]))
    assert now(campaign) == (Status.RUNNING, None)
    world.finish(Run.objects.get())
    assert now(campaign) == (Status.DELIVERED, None)


def test_an_unscheduled_campaign_that_ran_cannot_be_deleted(world, planned, marketer_client):
    campaign = planned(**DAILY)
    at(world, NINE)
    world.finish(Run.objects.get())
    marketer_client.post(reverse("campaigns:unschedule", args=[campaign.pk]))
    marketer_client.post(reverse("campaigns:delete", args=[campaign.pk]))
    assert Campaign.objects.filter(pk=campaign.pk).exists()


def test_a_viewer_cannot_unschedule(world, planned, viewer_client):
    campaign = planned(**DAILY)
    url = reverse("campaigns:unschedule", args=[campaign.pk])
    assert viewer_client.post(url).status_code == 403
    assert now(campaign) == (Status.SCHEDULED, NINE)


def test_a_worker_that_dies_as_a_run_comes_due_starts_it_once(world, planned, tmp_path):
    planned(**DAILY)
    with armed("due.stored=raise=Crash@1", tmp_path / "hits"):
        at(world, NINE)
    assert not Run.objects.exists()
    world.tick()
    assert Run.objects.get().due_at == NINE


def test_the_receipt_schedules_a_campaign_that_has_one(world, campaign, marketer_client):
    Campaign.objects.update(delivery=DAILY)
    url = reverse("runs:launch", args=[campaign.pk])
    htmx = {"HX-Request": "true"}
    receipt = marketer_client.get(url, headers=htmx).content.decode()
    assert "Schedule for " in receipt
    assert "Launch now to" in receipt
    seen = re.search(r'name="to_send" value="(\d+)"', receipt)[1]
    version = re.search(r'name="data_version" value="([^"]+)"', receipt)[1]
    read = {
        "revision": campaign.revision,
        "to_send": seen,
        "data_version": version,
        "when": "schedule",
    }
    answer = marketer_client.post(url, read, headers=htmx)
    assert answer["HX-Redirect"] == reverse("campaigns:detail", args=[campaign.pk])
    assert now(campaign)[0] == Status.SCHEDULED
    assert "Schedule for " not in marketer_client.get(url, headers=htmx).content.decode()
    assert not Run.objects.exists()


# A manifest that changes a scheduled campaign


def applied(capsys, tmp_path, change):
    whole = yaml.safe_load(command(capsys, "export")[1])
    whole["campaigns"][0]["delivery"] = change
    file = tmp_path / "muster.yaml"
    file.write_text(yaml.safe_dump({"version": 1, "campaigns": whole["campaigns"]}))
    status, _, err = command(capsys, "apply", str(file))
    assert (status, err) == (0, "")


def test_apply_moves_the_due_time_of_a_scheduled_campaign(
    world, planned, capsys, tmp_path, time_machine
):
    time_machine.move_to(world.clock)
    campaign = planned(**DAILY)
    applied(capsys, tmp_path, {**DAILY, "at": "10:00"})
    assert now(campaign) == (Status.SCHEDULED, NINE + timedelta(hours=1))


def test_apply_of_now_lets_the_next_run_be_the_last(world, planned, capsys, tmp_path):
    campaign = planned(**DAILY)
    applied(capsys, tmp_path, {"when": "now"})
    assert now(campaign) == (Status.SCHEDULED, NINE)
    at(world, NINE)
    world.finish(Run.objects.get())
    assert now(campaign) == (Status.DELIVERED, None)


def test_apply_of_a_date_that_has_passed_ends_a_schedule(world, planned, capsys, tmp_path):
    campaign = planned(**DAILY)
    applied(capsys, tmp_path, {**DAILY, "until": "2026-03-02"})
    at(world, NINE)
    assert now(campaign) == (Status.DRAFT, None)
    assert not Run.objects.exists()
