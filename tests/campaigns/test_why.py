"""Why somebody would get a campaign or not: her outcome is the one that a launch would give."""

import re

import pytest
from django.urls import reverse

from campaigns.explaining import OUTCOMES, explain
from tests.campaigns.test_counting import CONTACTS, NOW, PEOPLE, definition, expected
from tests.destinations.factories import DestinationFactory
from tests.runs import brand
from tests.runs.world import phone

WAYS = ("212-555-01{:02}", "(212) 555 01{:02}", "+1 212.555.01{:02}")
SHARED = [  # each phone by several, each of them writes it otherwise
    row | {"phone": WAYS[n % 3].format(n % 40) if n % 10 else row["phone"]}
    for n, row in enumerate(CONTACTS)
]
HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize("first_match_only", [True, False])
@pytest.mark.parametrize("engine", ["warehouse", "postgres_warehouse"])
def test_a_customer_is_told_what_a_launch_would_do_with_her(engine, first_match_only, request):
    request.getfixturevalue(engine)({"customer_360": PEOPLE, "merged_customers": SHARED})
    campaign = definition(first_match_only)
    launched = expected(campaign, SHARED)
    shares = {who for (who, *_), (outcome, _) in launched.items() if outcome == "duplicate"}
    staff = {"011"}
    for who in [*sorted(shares)[:5], *staff, "001", "002", "010", "013", "017", "020"]:
        told = explain(campaign, who, NOW, unmasked=True)
        assert told.included
        assert told.left_out_by == ("Staff" if who in staff else "")
        assert [(each.outcome, each.identifier) for each in told.places] == [
            (OUTCOMES[outcome].format(identifier="phone", reason="too short"), identifier or "")
            for (customer, *_), (outcome, identifier) in sorted(launched.items())
            if customer == who
        ]
    assert shares


@pytest.fixture
def campaign(db, warehouse):
    warehouse(brand.tables(40))
    return brand.campaign(DestinationFactory())


def asked(client, campaign, who, status=200, **more):
    url = reverse("campaigns:why", args=[campaign.pk])
    answer = client.post(url, {"who": who, **more}, headers=HTMX)
    assert answer.status_code == status
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_a_draft_tells_who_would_be_sent_and_why_others_are_not(viewer_client, campaign):
    one, other = (asked(viewer_client, campaign, who) for who in ("c030", "c031"))
    assert "Another customer with the same phone gets it" in one + other or "Held out" in one
    assert "c007 is sent by this campaign." in (told := asked(viewer_client, campaign, "c007"))
    assert "Sub-audience Remaining audience members Group Everyone else" in told
    assert phone(7) not in told  # masked
    assert "c002 is left out by Staff." in asked(viewer_client, campaign, "c002")
    assert "No phone on file" in asked(viewer_client, campaign, "c008@home.example")
    assert "2 customers have this email or phone" in asked(viewer_client, campaign, phone(31))
    assert "Nobody with that id, email or phone in the data." in asked(
        viewer_client, campaign, "who@example.com"
    )
    assert "Type a customer id" in asked(viewer_client, campaign, " ", status=422)
    campaign.sub_audiences.get(remaining=True).groups.get().destinations.clear()
    assert "goes to no destination yet" in asked(viewer_client, campaign, "c007")


def test_the_question_is_found_on_the_pages_of_a_campaign(marketer_client, campaign):
    url = reverse("campaigns:why", args=[campaign.pk])
    for page in ("detail", "edit"):
        assert url in marketer_client.get(reverse(f"campaigns:{page}", args=[campaign.pk])).text
    assert "Explain" in marketer_client.get(url).text
    without_scripts = marketer_client.post(url, {"who": "c007"})
    assert "is sent by this campaign" in without_scripts.text
