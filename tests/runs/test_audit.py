"""Whatever sends, and whatever stops that, stands in the audit with who did it."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import AuditEntry
from campaigns import lifecycle
from runs import clearing, removals, retrying, scheduling, stopping
from runs.launch import launch
from runs.models import Delivery, RunState
from runs.trial import Trial
from tests.runs import brand
from tests.runs.world import World, destination


@pytest.fixture
def world(transactional_db, attentive, warehouse):
    warehouse(brand.tables(30))
    return World(destination(attentive.url, attentive.token), clock=timezone.now())


@pytest.fixture
def campaign(world):
    return brand.campaign(world.destination)


def told(campaign):
    rows = AuditEntry.objects.filter(kind="campaign", key=campaign.pk).order_by("pk")
    return [(row.by, row.action, row.about) for row in rows]


def test_launches_tests_and_stops_are_told(world, campaign, marketer, admin):
    world.finish(launch(campaign, marketer, test=Trial(4), tools=world.tools))
    clearing.remove_tests(campaign, admin, world.tools)
    run = launch(campaign, marketer, tools=world.tools)
    stopping.stop(run, world.tools, admin)
    stopping.stop(run, world.tools, marketer)  # it stops already
    assert told(campaign) == [
        ("ana@example.com", "tested", "Autumn coffee, run 1"),
        ("bo@example.com", "cleared", "Autumn coffee"),
        ("ana@example.com", "launched", "Autumn coffee, run 2"),
        ("bo@example.com", "stopped", "Autumn coffee, run 2"),
    ]
    assert AuditEntry.objects.get(action="tested").customers == 4


def test_a_command_is_told_by_its_name(world, campaign):
    call_command("launch", campaign.name)
    assert told(campaign) == [("manage.py launch", "launched", "Autumn coffee, run 1")]


def test_a_schedule_is_told_with_who_began_it_and_its_runs_as_musters_own(
    world, campaign, marketer, admin
):
    campaign.delivery = {"when": "schedule", "cron": "0 9 * * *", "time_zone": "UTC"}
    campaign.save()
    campaign = scheduling.begin(campaign, marketer, world.tools)
    world.clock = campaign.next_due_at
    scheduling.start(campaign, world.tools)
    lifecycle.unschedule(campaign.pk, admin)
    assert told(campaign) == [
        ("ana@example.com", "scheduled", "Autumn coffee"),
        ("Muster", "launched", "Autumn coffee, run 1"),
        ("bo@example.com", "unscheduled", "Autumn coffee"),
    ]


def test_a_retry_is_told(world, campaign, attentive, marketer):
    attentive.fault("status", path="/v2/bulk", status=400, times=None)
    failed = world.finish(launch(campaign, marketer, tools=world.tools))
    attentive.no_faults()
    retrying.retry(failed, marketer, world.tools)
    assert told(campaign)[1:] == [("ana@example.com", "retried", "Autumn coffee, run 2")]


def test_an_answer_to_a_large_removal_is_told(world, campaign, marketer):
    run = world.finish(launch(campaign, tools=world.tools))
    delivery = run.deliveries.first()
    Delivery.objects.filter(pk=delivery.pk).update(state=RunState.WAITING)
    removals.keep(delivery, world.tools, marketer)
    entry = AuditEntry.objects.get(action="decided")
    assert (entry.by, entry.key) == ("ana@example.com", campaign.pk)
    assert delivery.segment_name in entry.about
    assert "kept" in entry.details
