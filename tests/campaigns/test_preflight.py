from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns import counting, looks, preflight
from campaigns.definition import freeze
from campaigns.figures import DeliveryFigures, Figures, GroupFigures
from campaigns.mending import mend_url
from campaigns.models import Campaign, SubAudience, TreatmentGroup
from campaigns.numbers import numbers
from destinations.models import Credential, DefaultAttributes, Destination
from segments.models import Segment
from tests.campaigns.factories import (
    CampaignFactory,
    GroupFactory,
    MappingFactory,
    RemainingFactory,
    SubAudienceFactory,
)
from tests.destinations.factories import DefaultAttributesFactory, DestinationFactory
from warehouse.errors import WarehouseUnavailableError

GOLD = {"attribute": "customer_360.tier", "operator": "is", "value": "Gold"}


@pytest.fixture
def tables(warehouse):
    ids = [f"c{n}" for n in range(20)]
    warehouse(
        {
            "customer_360": {"customer_id": ids, "tier": ["Gold"] * 20, "age": [30] * 20},
            "merged_customers": {
                "customer_id": ids,
                "phone": [f"21255501{n:02}" for n in range(20)],
                "email": [f"c{n}@example.com" for n in range(20)],
            },
        }
    )


@pytest.fixture
def campaign(tables):
    """A campaign that nothing stops."""
    campaign = CampaignFactory(name="Autumn coffee")
    segment = Segment.objects.create(name="Coffee lovers", rule={"all": []})
    campaign.include.set([segment])
    gold = SubAudienceFactory(campaign=campaign, name="Gold", rule=GOLD)
    rest = RemainingFactory(campaign=campaign)
    attentive = DefaultAttributesFactory(destination__name="Attentive").destination
    GroupFactory(sub_audience=gold, name="Gold held out", split=10, control=True)
    GroupFactory(sub_audience=gold, name="Gold early", split=90, destinations=[attentive])
    GroupFactory(sub_audience=rest, name="Text A", destinations=[attentive])
    return campaign


def faults(campaign):
    return preflight.faults(Campaign.objects.with_groups().get(pk=campaign.pk))


def test_nothing_stops_a_complete_campaign(campaign):
    assert faults(campaign) == []


def no_name(campaign):
    Campaign.objects.update(name="")


def default_name(campaign):
    Campaign.objects.update(name="Untitled campaign")


def nobody_included(campaign):
    campaign.include.clear()


def draft_included(campaign):
    Segment.objects.update(rule=None)


def archived_excluded(campaign):
    campaign.exclude.add(Segment.objects.create(name="Old", rule=GOLD, archived=True))


def draft_in_a_sub_audience(campaign):
    part = campaign.sub_audiences.get(name="Gold")
    part.segments.add(Segment.objects.create(name="Idea", rule=None))


def sub_audience_without_rule(campaign):
    SubAudience.objects.filter(name="Gold").update(rule=None)


def group_without_name(campaign):
    TreatmentGroup.objects.filter(name="Gold early").update(name="")


def default_group_name(campaign):
    TreatmentGroup.objects.filter(name="Gold early").update(name="Recipient 1")


def underscore(campaign):
    TreatmentGroup.objects.filter(name="Gold early").update(name="_Gold")


def splits(campaign):
    TreatmentGroup.objects.filter(name="Gold early").update(split=85)


def no_destination(campaign):
    TreatmentGroup.objects.get(name="Text A").destinations.clear()


def only_controls(campaign):
    TreatmentGroup.objects.update(control=True)
    for group in TreatmentGroup.objects.all():
        group.destinations.clear()


def one_list_for_two(campaign):
    TreatmentGroup.objects.filter(name="Text A").update(name="GOLD  early")


def list_of_another_campaign(campaign):
    rest = RemainingFactory(campaign=CampaignFactory(name="Autumn"))
    Destination.objects.update(segment_name="{campaign} {group}")
    GroupFactory(sub_audience=rest, name="coffee Text A", destinations=Destination.objects.all())


def list_name_too_long(campaign):
    Destination.objects.update(segment_name="{campaign}" * 20)


def unknown_field(campaign):
    Destination.objects.update(segment_name="{campaign}_{group}_{when}")


def nameless_sub_audience_in_the_list_name(campaign):
    Destination.objects.update(segment_name="{campaign}_{sub_audience}_{group}")
    SubAudience.objects.filter(name="Gold").update(name="")


def no_identifier(campaign):
    DefaultAttributes.objects.all().delete()


def vanished_source(campaign):
    DefaultAttributes.objects.update(phone="merged_customers.mobile")


def source_not_text(campaign):
    DefaultAttributes.objects.update(phone="customer_360.age")


def source_that_means_something_else(campaign):
    DefaultAttributes.objects.update(phone="merged_customers.email")


def filter_by_a_vanished_column(campaign):
    gone = {"attribute": "customer_360.consent", "operator": "is_true"}
    MappingFactory(campaign=campaign, destination=Destination.objects.get(), only_where=gone)


def rule_of_a_vanished_column(campaign):
    SubAudience.objects.filter(name="Gold").update(
        rule={"all": [{"attribute": "customer_360.level", "operator": "is", "value": "x"}]}
    )


def segment_of_a_vanished_column(campaign):
    Segment.objects.update(rule={"attribute": "customer_360.level", "operator": "is_blank"})


def switched_off(campaign):
    Destination.objects.update(enabled=False)


def token_refused(campaign):
    Credential.objects.update(refused_at=timezone.now())


@pytest.mark.parametrize(
    ("spoil", "path", "words"),
    [
        (no_name, "name", "Give it a name"),
        (default_name, "name", "tells nobody"),
        (nobody_included, "include", "Include a segment"),
        (draft_included, "include[0]", "is a draft"),
        (archived_excluded, "exclude[0]", "is archived"),
        (draft_in_a_sub_audience, "sub_audiences[0].rule", "Idea is a draft"),
        (sub_audience_without_rule, "sub_audiences[0].rule", "takes nobody"),
        (group_without_name, "sub_audiences[0].treatment_groups[1].name", "Gold 90%"),
        (default_group_name, "sub_audiences[0].treatment_groups[1].name", "Gold 90%"),
        (underscore, "sub_audiences[0].treatment_groups[1].name", "cannot begin"),
        (splits, "sub_audiences[0]", "add up to 95%"),
        (no_destination, "remaining.treatment_groups[0].destinations", "no destination"),
        (only_controls, "remaining", "Nothing would be sent"),
        (one_list_for_two, "remaining.treatment_groups[0].name", "Gold early"),
        (list_of_another_campaign, "remaining.treatment_groups[0].name", "Autumn fills"),
        (list_name_too_long, "remaining.treatment_groups[0].name", "260 characters"),
        (unknown_field, "attributes.Attentive", "{when}"),
        (
            nameless_sub_audience_in_the_list_name,
            "sub_audiences[0].treatment_groups[1].name",
            "Give the sub-audience a name",
        ),
        (no_identifier, "attributes.Attentive", "Choose phone or email"),
        (vanished_source, "attributes.Attentive.phone", 'has no column "mobile"'),
        (source_not_text, "attributes.Attentive.phone", "not text"),
        (source_that_means_something_else, "attributes.Attentive.phone", "email holds emails"),
        (filter_by_a_vanished_column, "attributes.Attentive.only_where", "consent"),
        (rule_of_a_vanished_column, "sub_audiences[0].rule.all[0]", "level"),
        (segment_of_a_vanished_column, "include[0]", "level"),
        (switched_off, "attributes.Attentive", "switched off"),
        (token_refused, "attributes.Attentive", "refused"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_thing_that_stops_a_launch_is_named_where_it_is_mended(campaign, spoil, path, words):
    spoil(campaign)
    found = faults(campaign)
    assert any(fault.path.startswith(path) and words in fault.text for fault in found), found
    assert all(fault.stops for fault in found)


@pytest.mark.parametrize(
    "line",
    [
        {"id": "b", "attribute": ""},
        {"id": "b", "attribute": "customer_360.age", "operator": "at_least"},
        {"id": "b", "any": []},
        {"id": "b", "any": [{"id": "c", "attribute": ""}]},
    ],
)
def test_what_is_switched_off_may_be_unfinished(campaign, line):
    rule = {"id": "r", "all": [GOLD | {"id": "a"}, line | {"off": True}]}
    SubAudience.objects.filter(name="Gold").update(rule=rule)
    assert faults(campaign) == []


def test_a_default_exclusion_is_mended_at_the_segment(campaign):
    Segment.objects.create(name="Our staff", left_out_by_default=True)
    (fault,) = faults(campaign)
    assert fault.text == (
        "Our staff is a draft. Activate it, or ask an admin to take it out of the default "
        "exclusions."
    )
    assert mend_url(fault, campaign) == "/segments/?q=Our+staff"


def test_a_fault_says_which_other_campaign_fills_the_list(campaign):
    list_of_another_campaign(campaign)
    (fault,) = faults(campaign)
    assert fault.other == Campaign.objects.get(name="Autumn").pk


def test_a_pre_flight_takes_as_many_queries_for_many_groups_as_for_few(campaign):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            faults(campaign)
        return len(captured)

    faults(campaign)
    few = queries()
    for number in range(4):
        part = SubAudienceFactory(campaign=campaign, name=f"Tier {number}", rule=GOLD)
        GroupFactory(sub_audience=part, name=f"T{number}", destinations=[DestinationFactory()])
    assert queries() == few


def test_small_groups_and_empty_lists_deserve_a_look_but_stop_nothing(campaign):
    definition = freeze(Campaign.objects.with_groups().get(pk=campaign.pk))
    attentive = definition.targets[0].id
    figures = Figures(
        audience=500,
        groups=(GroupFigures(0, 0, True, 7), GroupFigures(0, 1, False, 493)),
        deliveries=(DeliveryFigures(0, 1, attentive, 493, no_identifier=493),),
    )
    found = looks.by_figures(definition, figures)
    assert [fault.stops for fault in found] == [False, False]
    assert "7 people are too few" in found[0].text
    assert "list will be empty" in found[1].text
    nobody = looks.by_figures(definition, replace(figures, audience=0, groups=()))
    assert [fault.path for fault in nobody] == ["include"]


def test_who_cannot_be_sent_yet_is_not_told_to_lack_a_phone(campaign):
    frozen = freeze(Campaign.objects.with_groups().get(pk=campaign.pk))
    target = replace(frozen.targets[0], identifier="", source="")
    definition = replace(frozen, targets=(target,))
    counted = counting.figures(definition)
    fall = numbers(definition, counted, timezone.localdate()).falls[0]
    assert fall.steps[-1].label == "Phone or email not chosen"
    assert not [each for each in looks.by_figures(definition, counted) if "nobody" in each.text]


# Values


def test_a_source_whose_values_became_others_stops_a_launch_once_somebody_looked(
    campaign, warehouse
):
    ids = [f"c{n}" for n in range(20)]
    warehouse(
        {
            "customer_360": {"customer_id": ids, "tier": ["Gold"] * 20, "age": [30] * 20},
            "merged_customers": {"customer_id": ids, "phone": ["by post"] * 20},
        }
    )
    stored = Campaign.objects.with_groups().get(pk=campaign.pk)
    assert preflight.faults(stored) == []
    [fault] = preflight.faults(stored, look=True)
    assert fault.text == "Only 0% of phone are phones. Choose another column."
    assert fault.place == preflight.ATTRIBUTES
    assert preflight.faults(stored) == [fault]


def test_a_warehouse_that_does_not_answer_is_no_reason_against_a_launch(campaign, monkeypatch):
    """The run waits for it."""
    from warehouse.engines import engine

    monkeypatch.setattr(type(engine()), "stream", lambda *a, **k: unavailable())
    assert preflight.faults(Campaign.objects.with_groups().get(pk=campaign.pk), look=True) == []


def unavailable():
    raise WarehouseUnavailableError("It is down.")
