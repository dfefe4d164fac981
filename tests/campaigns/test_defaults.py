"""Changed default attributes reach who follows them at the next run, and nobody else."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from campaigns import counting, mapping
from campaigns.definition import freeze
from campaigns.mapping import Effective
from campaigns.models import Campaign
from campaigns.numbers import numbers
from runs import launch as launching
from runs import scheduling
from runs.models import Run
from tests.runs import brand
from tests.runs.world import World, destination

NINE = datetime(2026, 3, 3, 9, tzinfo=UTC)
DAILY = {"every": "day", "at": "09:00", "time_zone": "UTC"}
PHONE, EMAIL = "merged_customers.phone", "merged_customers.email"


@pytest.fixture
def world(transactional_db, attentive, warehouse):
    warehouse(brand.tables())
    return World(destination(attentive.url, attentive.token), clock=NINE - timedelta(hours=1))


def planned(world, name: str) -> Campaign:
    campaign = brand.campaign(world.destination, name)
    Campaign.objects.filter(pk=campaign.pk).update(delivery=DAILY)
    campaign.refresh_from_db()
    return scheduling.begin(campaign, tools=world.tools)


def sent_by(run: Run) -> set[str]:
    return {each.list.identifier for each in run.deliveries.select_related("list")}


def test_the_following_campaign_takes_it_at_its_next_run_the_others_do_not(
    world, marketer, marketer_client
):
    own = brand.campaign(world.destination, "Win-back")
    by_phone = Effective("phone", PHONE, EMAIL)
    mapping.choose(own.pk, world.destination, by_phone, None, marketer)
    Campaign.objects.filter(pk=own.pk).update(delivery=DAILY)
    own.refresh_from_db()
    scheduling.begin(own, tools=world.tools)
    follows = planned(world, "Autumn coffee")
    running = launching.launch(brand.campaign(world.destination, "Spring test"), tools=world.tools)

    told = marketer_client.get(
        reverse("campaigns:followers", args=[world.destination.pk]),
        headers={"HX-Request": "true"},
    ).content.decode()
    assert told.count("At its next run, 3 Mar 09:00, UTC") == 1
    assert told.count("Never: it has attributes of its own") == 1
    assert told.count(mapping.UNDER_WAY) == 1
    defaults = reverse("destinations:edit_defaults", args=[world.destination.pk])
    saved = marketer_client.post(defaults, {"identifier": "email", "phone": PHONE, "email": EMAIL})
    assert saved.status_code == 302

    assert summary(follows) == {"email"}
    assert summary(own) == {"phone"}
    assert sent_by(world.finish(running)) == {"phone"}
    world.clock = NINE
    world.tick(0)
    for campaign, identifier in ((follows, "email"), (own, "phone")):
        assert sent_by(world.finish(campaign.runs.get())) == {identifier}


def summary(campaign: Campaign) -> set[str]:
    """By which identifier the delivery summary says that it would be sent now."""
    frozen = freeze(Campaign.objects.with_groups().get(pk=campaign.pk))
    counted = counting.figures(frozen, NINE)
    return {row.identifier for row in numbers(frozen, counted, NINE.date()).deliveries}
