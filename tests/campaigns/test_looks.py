"""What deserves a look before a launch: it is told, with a link, and stops nothing."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import counting, looks
from campaigns.definition import freeze
from campaigns.figures import to_json
from campaigns.models import Campaign, SubAudience
from runs.models import Run
from tests.campaigns.test_pages import HTMX, ops
from tests.destinations.factories import DestinationFactory
from tests.runs import brand
from warehouse import freshness


@pytest.fixture
def campaign(warehouse) -> Campaign:
    warehouse(brand.tables(1_000))
    return brand.campaign(DestinationFactory())


def told(campaign) -> str:
    stored = Campaign.objects.with_groups().get(pk=campaign.pk)
    frozen, now = freeze(stored), timezone.now()
    found = looks.looks(stored, frozen, counting.figures(frozen, now), now)
    assert not any(look.stops for look in found)
    return " ".join(look.text for look in found)


def figures(client, campaign) -> str:
    url = reverse("campaigns:figures", args=[campaign.pk])
    return client.get(url, headers=HTMX).content.decode()


def ran(campaign, *, part: float) -> None:
    """A run of it that sent so many times the people of now."""
    frozen, now = freeze(Campaign.objects.with_groups().get(pk=campaign.pk)), timezone.now()
    whole = to_json(counting.figures(frozen, now))
    for each in whole["deliveries"]:
        each["to_send"] = round(each["to_send"] * part)
    Run.objects.create(
        campaign=campaign,
        number=1,
        definition={},
        moment=now,
        started_at=now,
        figures=whole,
        state="complete",
    )


def test_an_audience_a_fifth_smaller_than_the_last_one_is_told(campaign):
    ran(campaign, part=1.3)
    assert "fewer than in run 1" in told(campaign)


def test_an_audience_about_as_large_as_the_last_one_is_not(campaign):
    ran(campaign, part=1.2)
    assert told(campaign) == ""


def test_old_data_is_told(campaign, monkeypatch):
    loaded = timezone.now() - timedelta(days=3)
    monkeypatch.setattr(freshness, "loaded_at", lambda: loaded)
    assert "The customer data is old" in told(campaign)


def test_people_in_several_sub_audiences_are_counted_and_told(marketer_client, campaign):
    twin = SubAudience.objects.create(campaign=campaign, name="Staff", rule=brand.STAFF, position=9)
    assert "more than one" not in figures(marketer_client, campaign)
    Campaign.objects.filter(pk=campaign.pk).update(first_match_only=False)
    campaign.exclude.clear()
    both = 2  # c000 and c003 are Gold and staff
    assert f"{both} people are in more than one sub-audience" in told(campaign)
    shown = text_of(figures(marketer_client, campaign))
    assert f"{both} people are in more than one: rows count places, not people" in shown
    twin.delete()
    assert "more than one" not in figures(marketer_client, campaign)


def test_each_exclusion_says_how_many_it_takes_out(marketer_client, campaign):
    silver = {"attribute": "customer_360.tier", "operator": "is", "value": "Silver"}
    bought = brand.segment("Bought this week", silver)
    bought.left_out_by_default = True
    bought.save()
    assert "Staff 5, Bought this week 663" in text_of(figures(marketer_client, campaign))
    page = marketer_client.get(reverse("campaigns:edit", args=[campaign.pk])).content.decode()
    link = reverse("segments:detail", args=[bought.pk])
    assert f'Always left out: <a href="{link}">Bought this week</a>' in page


def test_a_group_says_itself_what_it_can_show(marketer_client, campaign):
    held, early = campaign.sub_audiences.get(name="Gold").groups.all()
    notes = noted(figures(marketer_client, campaign))
    assert re.fullmatch(r"Can show a lift from \d+\.?\d*% on, if 5% buy anyway\.", notes[held.key])
    assert notes[early.key] == ""
    for group, split in ((held, 10), (early, 90)):
        ops(marketer_client, campaign, "split", group.key, split, base="")
    assert noted(figures(marketer_client, campaign))[held.key] == "Too small to tell a difference."


def test_a_control_of_nobody_is_told_at_the_group_and_in_the_panel(marketer_client, campaign):
    held, early = campaign.sub_audiences.get(name="Gold").groups.all()
    for group, split in ((held, 0), (early, 100)):
        ops(marketer_client, campaign, "split", group.key, split, base="")
    shown = figures(marketer_client, campaign)
    assert noted(shown)[held.key] == "Nobody is held out: nothing to compare with."
    assert "“Gold held out”: nobody is held out" in shown


def test_looks_in_the_receipt_have_links(marketer_client, campaign):
    held, early = campaign.sub_audiences.get(name="Gold").groups.all()
    for group, split in ((held, 0), (early, 100)):
        ops(marketer_client, campaign, "split", group.key, split, base="")
    url = reverse("runs:launch", args=[campaign.pk])
    receipt = marketer_client.get(url, headers=HTMX).content.decode()
    place = reverse("campaigns:edit", args=[campaign.pk]) + f"#group-{held.key}"
    assert (
        f'nobody is held out, so nothing shows what the campaign did. <a href="{place}">' in receipt
    )


def noted(page: str) -> dict[str, str]:
    return dict(re.findall(r'id="note-(\w+)"[^>]*>([^<]*)</p>', page))


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace(" ,", ",")
