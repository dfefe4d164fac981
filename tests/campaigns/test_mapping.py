import pytest
from django.core.cache import cache

from campaigns import mapping
from campaigns.mapping import Effective
from campaigns.models import Campaign, Status
from core.edits import EditRefusedError, StaleEditError
from tests.campaigns.factories import CampaignFactory, GroupFactory, RemainingFactory
from tests.destinations.factories import DefaultAttributesFactory
from warehouse import catalogue

PHONE, EMAIL, NAME = "merged_customers.phone", "merged_customers.email", "merged_customers.name"


@pytest.fixture
def tables(warehouse):
    cache.clear()
    ids = [f"c{n}" for n in range(10)]
    warehouse(
        {
            "customer_360": {"customer_id": ids, "tier": ["Gold"] * 10},
            "merged_customers": {
                "customer_id": ids[:8],
                "phone": ["212555014" + str(n) for n in range(6)] + ["12", " "],
                "email": [f"c{n}@example.com" for n in range(8)],
                "name": ["Ana"] * 8,
            },
        }
    )
    return catalogue.current()


@pytest.fixture
def attentive(tables):
    return DefaultAttributesFactory().destination


@pytest.fixture
def campaign(attentive):
    rest = RemainingFactory(campaign=CampaignFactory())
    GroupFactory(sub_audience=rest, destinations=[attentive])
    return rest.campaign


def test_a_campaign_follows_the_defaults_until_it_has_its_own(
    tables, campaign, attentive, marketer
):
    assert mapping.effective(campaign, attentive, tables) == Effective("phone", PHONE, EMAIL)
    wanted = Effective("email", PHONE, EMAIL)
    changed = mapping.choose(campaign.pk, attentive, wanted, campaign.revision, marketer)
    assert changed.revision == campaign.revision + 1
    own = mapping.effective(changed, attentive, tables)
    assert (own.identifier, own.own) == ("email", True)
    back = mapping.follow(campaign.pk, attentive, changed.revision, marketer)
    assert mapping.effective(back, attentive, tables).identifier == "phone"


def test_an_edit_of_an_older_revision_is_refused(campaign, attentive, marketer):
    Campaign.objects.update(revision=5, edited_by=marketer)
    with pytest.raises(StaleEditError):
        mapping.choose(campaign.pk, attentive, Effective("phone", PHONE, EMAIL), 4, marketer)
    assert not campaign.mappings.exists()


def test_a_column_of_emails_is_refused_as_phone_by_its_values(campaign, attentive, marketer):
    with pytest.raises(EditRefusedError, match="100% of email are emails"):
        mapping.choose(campaign.pk, attentive, Effective("phone", EMAIL, EMAIL), None, marketer)
    with pytest.raises(EditRefusedError, match="Only 0% of name are phones"):
        mapping.choose(campaign.pk, attentive, Effective("phone", NAME, EMAIL), None, marketer)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Effective("both", PHONE, EMAIL), "phone or email"),
        (Effective("phone", "", EMAIL), "Choose the source"),
        (Effective("phone", "merged_customers.mobile", EMAIL), "has no column"),
    ],
)
def test_what_cannot_be_sent_is_refused(campaign, attentive, marketer, wanted, words):
    with pytest.raises(EditRefusedError, match=words):
        mapping.choose(campaign.pk, attentive, wanted, None, marketer)


def test_without_defaults_both_rows_have_a_source_and_none_is_chosen(tables):
    assert mapping.presets(tables) == Effective("", PHONE, EMAIL)


def test_who_follows_the_defaults_and_who_does_not(campaign, attentive, marketer):
    assert list(mapping.followers(attentive)) == [campaign]
    mapping.choose(campaign.pk, attentive, Effective("email", PHONE, EMAIL), None, marketer)
    assert list(mapping.followers(attentive)) == []
    assert list(mapping.overriders(attentive)) == [campaign]


@pytest.mark.parametrize(
    ("status", "delivery", "words"),
    [
        (Status.DRAFT, {"when": "now"}, "When it is launched"),
        (Status.SCHEDULED, {"at": "2031-11-25 09:00"}, "25 Nov 2031 09:00"),
        (
            Status.SCHEDULED,
            {"at": "2031-11-25 09:00", "time_zone": "America/New_York"},
            "25 Nov 2031 14:00",
        ),
        (Status.SCHEDULED, {"every": "day", "at": "09:00"}, "At its next run"),
        (Status.SCHEDULED, {"at": "2031-11-25 09:00", "runs": 1}, "At its next run"),
        (Status.RUNNING, {"when": "now"}, "the run under way keeps what it began with"),
        (Status.DELIVERED, {"when": "now"}, "If it is launched again"),
    ],
)
def test_when_a_campaign_takes_changed_defaults(status, delivery, words):
    assert words in mapping.takes(Campaign(status=status, delivery=delivery))
