"""A run's campaign as it was, whatever was edited since."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import editing
from campaigns.definition import freeze, to_json
from campaigns.models import Campaign
from runs.models import Run, RunState
from segments.models import Segment
from tests.campaigns.factories import (
    GroupFactory,
    MappingFactory,
    SubAudienceFactory,
)
from tests.destinations.factories import DestinationFactory
from tests.runs import brand
from tests.segments.factories import SegmentFactory


@pytest.fixture
def run(warehouse, marketer) -> Run:
    warehouse(brand.tables(10))
    campaign = editing.create(marketer, "Autumn tea")
    to = DestinationFactory(name="US")
    MappingFactory(campaign=campaign, destination=to)
    campaign.include.add(SegmentFactory(name="Everyone", rule={"all": []}, version=3))
    campaign.exclude.add(SegmentFactory(name="Staff", rule=brand.STAFF, version=2))
    SegmentFactory(name="Best", rule=brand.GOLD, version=7)
    gold = SubAudienceFactory(campaign=campaign, name="Gold", rule={"all": [{"segment": "Best"}]})
    GroupFactory(sub_audience=gold, name="Held back", split=20, control=True)
    GroupFactory(sub_audience=gold, name="Gold text", split=80, destinations=[to])
    Campaign.objects.update(delivery={"every": "day", "at": "09:00", "time_zone": "UTC"})
    return Run.objects.create(
        campaign=campaign,
        number=1,
        state=RunState.COMPLETE,
        definition=to_json(freeze(Campaign.objects.with_groups().get())),
        moment=timezone.now(),
        started_at=timezone.now(),
        started_by=marketer,
    )


def shown(client, run):
    answer = client.get(reverse("runs:definition", args=[run.pk]))
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_everything_that_was_sent_by_is_shown_in_words_with_versions(viewer_client, run):
    page = shown(viewer_client, run)
    for told in [
        "Autumn tea, as it was in run 1",
        "Everyone version 3",
        "Staff version 2",
        "Best version 7",
        "Held back 20% Held out: nothing was sent",
        "Gold text 80% US",
        "Phone from Merged Customers: Phone",
        "09:00",
    ]:
        assert told in page


def test_later_edits_change_nothing_of_it(marketer_client, run, marketer):
    before = shown(marketer_client, run)
    Segment.objects.filter(name="Staff").update(rule=brand.GOLD, version=9)
    for part in run.campaign.sub_audiences.filter(remaining=False):
        editing.edit(run.campaign_id, "remove_part", part.key, [], None, marketer)
    assert shown(marketer_client, run) == before


def test_a_run_kept_before_versions_were_is_shown_without_them(marketer_client, run):
    old = run.definition
    for each in (*old["include"], *old["exclude"]):
        del each["version"]
    for name in ("versions", "delivery", "messages_from"):
        del old[name]
    run.save()
    page = shown(marketer_client, run)
    assert "version" not in page
    assert "Staff" in page
