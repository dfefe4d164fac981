from datetime import UTC, datetime

import pytest
from django.core.cache import cache

from campaigns import mapping
from campaigns.mapping import Effective
from campaigns.models import Campaign, Status
from core.edits import EditRefusedError, StaleEditError
from tests.campaigns.factories import CampaignFactory, GroupFactory, RemainingFactory
from tests.destinations.factories import DefaultAttributesFactory
from warehouse import catalogue

DAILY = {"every": "day", "at": "09:00", "time_zone": "America/New_York"}
DUE = datetime(2031, 11, 25, 14, tzinfo=UTC)
WHEN = "25 Nov 2031 09:00, New York"
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
    ("status", "due", "delivery", "words"),
    [
        (Status.DRAFT, None, {"when": "now"}, "When it is launched"),
        (Status.SCHEDULED, DUE, DAILY, f"At its next run, {WHEN}"),
        (Status.SCHEDULED, DUE, {"when": "after_load"}, "At its next run, after the next load"),
        (Status.RUNNING, DUE, DAILY, f"At its next run, {WHEN}: {mapping.UNDER_WAY}"),
        (Status.WAITING, DUE, DAILY, f"At its next run, {WHEN}: {mapping.UNDER_WAY}"),
        (Status.ERROR, DUE, DAILY, f"At its next run, {WHEN}"),
        (Status.RUNNING, None, {"when": "now"}, f"If it is launched again: {mapping.UNDER_WAY}"),
        (Status.DELIVERED, None, {"when": "now"}, "If it is launched again"),
    ],
)
def test_when_a_campaign_takes_changed_defaults(status, due, delivery, words):
    campaign = Campaign(status=status, next_due_at=due, delivery=delivery)
    assert mapping.takes(campaign) == words


def test_a_campaign_whose_time_was_missed_takes_changed_defaults_when_somebody_runs_it():
    missed = Campaign(status=Status.WAITING, missed_at=DUE, delivery=DAILY)
    assert mapping.takes(missed) == "When somebody runs it: its time was missed"
    missed.next_due_at = DUE
    assert mapping.takes(missed) == f"At its next run, {WHEN}"
