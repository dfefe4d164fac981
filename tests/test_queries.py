"""A page asks the database as often for many rows as for few."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import User
from campaigns.definition import freeze, to_json
from campaigns.models import Campaign
from runs.models import Run, RunState
from tests.campaigns.factories import CampaignFactory, GroupFactory, SubAudienceFactory
from tests.destinations.factories import DestinationFactory
from tests.runs import brand
from tests.segments.factories import SegmentFactory

LISTS = {
    "campaigns:list",
    "segments:list",
    "runs:activity",
    "runs:going",
    "destinations:list",
    "destinations:default_attributes",
}


PARTS = {"runs:of_campaign", "runs:going"}


@pytest.fixture
def campaign(warehouse) -> Campaign:
    warehouse(brand.tables(10))
    return brand.campaign(DestinationFactory())


def more(campaign: Campaign, by: int, who: User) -> None:
    """So many more of everything that a page lists."""
    destinations = DestinationFactory.create_batch(by)
    segments = SegmentFactory.create_batch(by, rule=brand.GOLD, draft=brand.STAFF, created_by=who)
    others = CampaignFactory.create_batch(by, owner=who)
    campaign.include.add(*segments)
    for each in destinations:
        part = SubAudienceFactory(campaign=campaign, rule=brand.GOLD)
        GroupFactory(sub_audience=part).destinations.add(each)
    frozen = to_json(freeze(Campaign.objects.with_groups().get(pk=campaign.pk)))
    first = Run.objects.filter(campaign=campaign).count() + 1
    for number in range(first, first + by):
        Run.objects.create(
            campaign=campaign,
            number=number,
            state=RunState.COMPLETE,
            definition=frozen,
            moment=now(),
            started_at=now(),
            started_by=who,
        )
    for each in others:
        Run.objects.create(
            campaign=each,
            number=1,
            state=RunState.SENDING,
            definition=frozen,
            moment=now(),
            started_at=now(),
        )


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("campaigns:list", 10),
        ("campaigns:detail", 25),
        ("campaigns:edit", 35),
        ("segments:list", 20),
        ("runs:activity", 6),
        ("runs:going", 6),
        ("runs:of_campaign", 6),
        ("destinations:list", 8),
        ("destinations:default_attributes", 10),
    ],
)
def test_a_page_asks_as_often_for_20_rows_as_for_2(marketer, marketer_client, campaign, name, most):
    args = [] if name in LISTS else [campaign.pk]
    headers = {"HX-Request": "true"} if name in PARTS else {}

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            answer = marketer_client.get(reverse(name, args=args), headers=headers)
        assert answer.status_code == 200
        return len(captured)

    more(campaign, 2, marketer)
    queries()  # what is asked once a process
    few = queries()
    more(campaign, 18, marketer)
    assert queries() == few <= most
