"""Whether the groups are alike is told before a launch: planted differences, and none."""

import random
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import balance, counting, definition
from campaigns.models import Campaign, TreatmentGroup
from segments.numbers import counting as segments
from tests.campaigns.factories import GroupFactory, RemainingFactory
from tests.campaigns.test_pages import HTMX
from tests.destinations.factories import DefaultAttributesFactory
from tests.runs import brand
from tests.runs.world import phone

PEOPLE = 1_500


def tables(of=lambda group: ("CA", 40.0, True), groups=None):
    """of: by the group that each is in, where she lives, what she spent, and whether lately."""
    chance = random.Random(5)
    ids = [f"c{n:05}" for n in range(PEOPLE)]
    told = {each: of((groups or {}).get(each)) for each in ids}
    now = timezone.now()
    return {
        "customer_360": [
            {"customer_id": each, "state": told[each][0] or chance.choice(["CA", "TX", "NY"])}
            for each in ids
        ],
        "merged_customers": [
            {"customer_id": each, "email": f"{each}@home.example", "phone": phone(n)}
            for n, each in enumerate(ids)
        ],
        "orders": [
            {
                "order_id": f"o{each}",
                "customer_id": each,
                "order_datetime": now - timedelta(days=10 if told[each][2] else 200),
                "order_value": told[each][1] + chance.uniform(-5, 5),
            }
            for each in ids
        ],
    }


@pytest.fixture
def campaign(warehouse):
    warehouse(tables())
    return halves()


def halves():
    """30% held out, 70% sent."""
    destination = DefaultAttributesFactory().destination
    made = Campaign.objects.create(name="Autumn coffee", delivery={"when": "now"})
    made.include.add(brand.segment("Everyone we know", brand.EVERYONE))
    part = RemainingFactory(campaign=made, seed="balance")
    GroupFactory(sub_audience=part, name="Held out", split=30, control=True)
    GroupFactory(sub_audience=part, name="Text", split=70).destinations.add(destination)
    return made


def frozen(campaign):
    return definition.freeze(Campaign.objects.with_groups().get(pk=campaign.pk))


def told(campaign):
    ours = frozen(campaign)
    folder = counting.files(ours)
    return balance.balance(ours, folder, segments.context(segments.page_moment()))


def grouped(campaign):
    """customer id -> the place of the group."""
    rows = pq.read_table(counting.files(frozen(campaign)) / "members.parquet").to_pylist()
    return {row["customer_id"]: row["group"] for row in rows}


def test_random_groups_are_alike_and_add_up(campaign, warehouse):
    warehouse(tables(lambda group: ("", 40.0, True)))
    found = told(campaign)
    (part,) = found.parts
    assert part.differs == []
    assert (part.people, [group.split for group in part.groups]) == (PEOPLE, [30, 70])
    assert all(group.spend == pytest.approx(40, abs=1) for group in part.groups)
    assert all(group.recency == 1.0 for group in part.groups)
    assert sum(sum(group.regions.values()) for group in part.groups) == PEOPLE
    assert (found.region, found.spend, found.recency) == ("State", True, True)


@pytest.mark.parametrize(
    ("of", "differs"),
    [
        (lambda group: ("", 43.0 if group else 40.0, True), [balance.SPEND]),
        (lambda group: ("", 40.0, bool(group)), [balance.RECENCY]),
        (lambda group: ("CA" if group else "", 40.0, True), [balance.REGION]),
    ],
)
def test_a_planted_difference_is_found_and_named(campaign, warehouse, of, differs):
    groups = grouped(campaign)
    warehouse(tables(of, groups))
    (part,) = told(campaign).parts
    assert part.differs == differs


def test_without_orders_and_regions_the_sizes_are_told(db, warehouse):
    whole = tables()
    bare = [{"customer_id": row["customer_id"]} for row in whole["customer_360"]]
    warehouse({"customer_360": bare, "merged_customers": whole["merged_customers"]})
    found = told(halves())
    assert (found.region, found.spend, found.recency) == ("", False, False)
    assert found.parts[0].differs == []


def test_the_page_says_it_in_words(viewer_client, campaign, warehouse):
    groups = grouped(campaign)
    address = reverse("campaigns:balance", args=[campaign.pk])
    assert "These groups are alike" in viewer_client.get(address, headers=HTMX).text
    warehouse(tables(lambda group: ("", 43.0 if group else 40.0, True), groups))
    page = viewer_client.get(address, headers=HTMX).text
    assert "what they spent in the last year" in page
    assert "$43" in page or "43." in page


def test_small_groups_are_not_judged(viewer_client, campaign):
    TreatmentGroup.objects.filter(name="Held out").update(split=2)
    TreatmentGroup.objects.filter(name="Text").update(split=98)
    page = viewer_client.get(reverse("campaigns:balance", args=[campaign.pk]), headers=HTMX).text
    assert "too few to tell whether they are alike" in page
