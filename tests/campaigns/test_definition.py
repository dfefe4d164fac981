import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import preflight
from campaigns.definition import (
    NOBODY,
    as_text,
    countable,
    freeze,
    from_json,
    to_json,
)
from campaigns.models import Campaign, TreatmentGroup
from segments import publishing
from segments.models import CustomerList, Segment
from tests.campaigns.factories import (
    CampaignFactory,
    GroupFactory,
    MappingFactory,
    RemainingFactory,
    SubAudienceFactory,
)
from tests.destinations.factories import DefaultAttributesFactory, DestinationFactory

GOLD = {"attribute": "customer_360.tier", "operator": "is", "value": "Gold"}
SILVER = {"attribute": "customer_360.tier", "operator": "is", "value": "Silver"}

pytestmark = pytest.mark.django_db


def segment(name, rule=GOLD, **more):
    return Segment.objects.create(name=name, rule=rule, **more)


def frozen(campaign):
    return freeze(Campaign.objects.with_groups().get(pk=campaign.pk))


@pytest.fixture
def campaign():
    campaign = CampaignFactory(name="Autumn coffee")
    campaign.include.set([segment("Coffee lovers")])
    gold = SubAudienceFactory(campaign=campaign, name="Gold", rule=GOLD, seed="g")
    rest = RemainingFactory(campaign=campaign, seed="r")
    attentive = DefaultAttributesFactory(destination__name="Attentive").destination
    GroupFactory(sub_audience=gold, name="Gold held out", split=10, control=True)
    GroupFactory(sub_audience=gold, name="Gold early", split=90, destinations=[attentive])
    GroupFactory(sub_audience=rest, name="Text A", destinations=[attentive])
    return campaign


def test_a_frozen_campaign_holds_its_parts_in_order_the_remaining_one_last(campaign):
    definition = frozen(campaign)
    assert [(part.name, part.seed, part.rule) for part in definition.parts] == [
        ("Gold", "g", GOLD),
        ("Remaining audience members", "r", None),
    ]
    held_out, early = definition.parts[0].groups
    assert (held_out.control, held_out.split, held_out.destinations) == (True, 10, ())
    assert (early.name, early.destinations) == ("Gold early", (definition.targets[0].id,))


def test_it_survives_json(campaign):
    definition = frozen(campaign)
    assert from_json(json.loads(json.dumps(to_json(definition)))) == definition


def test_published_rules_are_frozen_not_drafts(campaign):
    Segment.objects.filter(name="Coffee lovers").update(draft=SILVER)
    assert frozen(campaign).include[0].rule == GOLD


def test_a_segment_that_was_never_published_or_is_archived_matches_nobody(campaign):
    campaign.include.set([segment("Draft", None), segment("Old", GOLD, archived=True)])
    assert [each.rule for each in frozen(campaign).include] == [NOBODY, NOBODY]


def test_segments_named_in_rules_come_along_with_those_that_they_name(campaign):
    segment("A", {"all": [{"segment": "B"}, {"segment": "Off", "off": True}]})
    segment("B", {"event": "orders", "where": {"segment": "C"}})
    segment("C", SILVER)
    segment("Unused", SILVER)
    campaign.include.add(segment("Top", {"segment": "A"}))
    assert set(frozen(campaign).segments) == {"A", "B", "C"}


def test_a_circle_of_segments_ends(campaign):
    segment("A", {"segment": "B"})
    segment("B", {"segment": "A"})
    campaign.include.add(segment("Top", {"segment": "A"}))
    assert set(frozen(campaign).segments) == {"A", "B"}


def test_lists_come_along_by_what_they_hold(campaign):
    CustomerList.objects.create(name="VIPs", digest="d1", size=1)
    CustomerList.objects.create(name="Other", digest="d2", size=1)
    listed = {"attribute": "m.email", "operator": "is_in", "value": {"list": "VIPs"}}
    segment("A", listed)
    campaign.include.add(segment("Top", {"segment": "A"}))
    assert frozen(campaign).lists == {"VIPs": "d1"}


def test_a_sub_audience_of_segments_takes_the_members_of_any_of_them(campaign):
    part = campaign.sub_audiences.get(name="Gold")
    part.segments.set([segment("B", SILVER), segment("A", GOLD)])
    definition = frozen(campaign)
    assert definition.parts[0].rule == {"any": [{"segment": "A"}, {"segment": "B"}]}
    assert definition.segments == {"A": GOLD, "B": SILVER}


def test_what_the_brand_always_leaves_out_comes_after_the_campaigns_own_exclusions(campaign):
    staff = segment("Staff", left_out_by_default=True)
    campaign.exclude.set([segment("Zebra fans")])
    assert [each.name for each in frozen(campaign).exclude] == ["Zebra fans", "Staff"]
    campaign.exclude.add(staff)
    assert [each.name for each in frozen(campaign).exclude] == ["Staff", "Zebra fans"]


@pytest.mark.parametrize("state", [{"rule": None}, {"archived": True}])
def test_what_the_brand_always_leaves_out_and_is_out_of_use_stops_the_launch(campaign, state):
    segment("Staff", **state, left_out_by_default=True)
    assert [each.name for each in frozen(campaign).exclude] == ["Staff"]
    faults = preflight.faults(Campaign.objects.with_groups().get(pk=campaign.pk))
    assert [fault.path for fault in faults if "Staff" in fault.text] == ["exclude[0]"]


def test_a_destination_is_fed_by_its_defaults_until_the_campaign_says_otherwise(campaign):
    target = frozen(campaign).targets[0]
    assert (target.identifier, target.source) == ("phone", "merged_customers.phone")
    MappingFactory(
        campaign=campaign,
        destination_id=target.id,
        identifier="email",
        phone="x.y",
        email="merged_customers.email",
        only_where=GOLD,
    )
    target = frozen(campaign).targets[0]
    assert (target.identifier, target.source) == ("email", "merged_customers.email")
    assert target.only_where == GOLD


def test_a_destination_without_defaults_has_no_identifier_yet(campaign):
    group = TreatmentGroup.objects.get(name="Text A")
    group.destinations.set([DestinationFactory(name="Bare")])
    bare = frozen(campaign).targets[1]
    assert (bare.name, bare.identifier, bare.source) == ("Bare", "", "")


def test_freezing_takes_as_many_queries_for_many_groups_as_for_few(campaign):
    campaign.include.add(segment("Top", {"segment": "Coffee lovers"}))

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            frozen(campaign)
        return len(captured)

    few = queries()
    attentive = DestinationFactory()
    for number in range(5):
        part = SubAudienceFactory(campaign=campaign, rule={"segment": "Coffee lovers"})
        part.segments.set([segment(f"S{number}", {"segment": "Coffee lovers"})])
        for _ in range(3):
            GroupFactory(sub_audience=part, destinations=[attentive], split=20)
    assert queries() == few


def test_a_new_name_needs_no_new_count_but_a_new_split_does(campaign):
    before = frozen(campaign)
    TreatmentGroup.objects.filter(name="Text A").update(name="Text B")
    renamed = frozen(campaign)
    assert as_text(renamed) != as_text(before)
    assert as_text(countable(renamed)) == as_text(countable(before))
    TreatmentGroup.objects.filter(name="Gold early").update(split=80)
    assert as_text(countable(frozen(campaign))) != as_text(countable(before))


def test_a_campaigns_own_rules_follow_a_segments_new_name(campaign):
    buyers = segment("Buyers")
    part = SubAudienceFactory(campaign=campaign, rule={"none": [{"segment": "Buyers"}]})
    consent = MappingFactory(campaign=campaign, destination=DestinationFactory())
    consent.only_where = {"segment": "Buyers"}
    consent.save()
    publishing.rename(buyers, "Shoppers")
    part.refresh_from_db()
    consent.refresh_from_db()
    assert part.rule == {"none": [{"segment": "Shoppers"}]}
    assert consent.only_where == {"segment": "Shoppers"}
