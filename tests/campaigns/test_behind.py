"""Each figure of a draft opens the people whom it counts."""

import html
import re
from dataclasses import replace

import pytest
from django.urls import reverse

from campaigns import behind, counting, definition, previews
from campaigns.models import Campaign
from tests.campaigns.test_pages import HTMX
from tests.destinations.factories import DestinationFactory
from tests.runs import brand


@pytest.fixture
def campaign(warehouse) -> Campaign:
    warehouse(brand.tables())
    return brand.campaign(DestinationFactory())


@pytest.fixture
def frozen(campaign):
    return definition.freeze(Campaign.objects.with_groups().get(pk=campaign.pk))


def opened(client, campaign):
    """(how a figure reads, whom its dialog counts) of every figure that the numbers show."""
    page = client.get(reverse("campaigns:figures", args=[campaign.pk]), headers=HTMX).text
    found = re.findall(r'hx-get="([^"]+/people/\?[^"]+)"[^>]*>(.*?)</button>', page, re.DOTALL)
    for address, shown in found:
        dialog = client.get(html.unescape(address), headers=HTMX).text
        number = re.search(r"<h2[^>]*>\s*([\d,]+) customers?", dialog)
        assert number, address
        yield address, re.sub(r"<[^>]+>|[^\d]", "", shown), number[1].replace(",", "")


def test_every_figure_opens_as_many_people_as_it_says(marketer_client, campaign):
    other = brand.segment(
        "Nobody in their thirties",
        {"attribute": "customer_360.customer_id", "operator": "starts_with", "value": "c02"},
    )
    campaign.exclude.add(other)
    found = list(opened(marketer_client, campaign))
    kinds = {re.search(r"figure=(\w+)", address)[1] for address, _, _ in found}
    assert kinds >= {
        "included",
        "left_out",
        "exclusion",
        "control",
        "invalid",
        "duplicate",
        "to_send",
    }
    assert [shown for _, shown, _ in found] == [number for _, _, number in found]


def test_the_cells_of_the_editor_open_their_people(marketer_client, campaign, frozen):
    page = marketer_client.get(reverse("campaigns:edit", args=[campaign.pk])).text
    for figure in (
        "included",
        "left_out",
        "audience",
        "customers&amp;part=",
        "customers&amp;group=",
    ):
        assert f"/campaigns/{campaign.pk}/people/?figure={figure}" in page
    counted = counting.figures(frozen)
    folder = counting.files(frozen)
    for part, row in zip(frozen.parts, counted.parts, strict=True):
        found = behind.behind(frozen, {"figure": "customers", "part": part.key})
        assert behind.number(folder, found) == row.customers


def test_people_come_a_page_at_a_time_in_the_order_of_their_ids(frozen):
    folder, found = counting.files(frozen), behind.behind(frozen, {"figure": "audience"})
    everyone = behind.ids(folder, found, "", "", 10_000)
    assert everyone == sorted(everyone)
    assert behind.ids(folder, found, everyone[4], "", 3) == everyone[5:8]
    assert behind.ids(folder, found, "", everyone[4], 3) == everyone[3:0:-1]


def test_contacts_are_masked_for_those_who_may_not_see_them(viewer_client, campaign):
    address = reverse("campaigns:people", args=[campaign.pk])
    dialog = viewer_client.get(address, {"figure": "included"}, headers=HTMX).text
    assert "are masked" in dialog
    assert not re.search(r"[a-z0-9.]+@example\.com", dialog)


@pytest.mark.parametrize(
    "asked",
    [
        {"figure": "nonsense"},
        {"figure": "exclusion", "at": "99"},
        {"figure": "to_send", "group": "nobody", "destination": "1"},
        {"figure": "to_send", "destination": "999"},
        {"figure": "invalid"},
    ],
)
def test_a_figure_that_is_not_there_is_told(marketer_client, campaign, asked):
    address = reverse("campaigns:people", args=[campaign.pk])
    dialog = marketer_client.get(address, asked, headers=HTMX).text
    assert "This figure is no longer there" in dialog


def test_what_was_taken_away_is_counted_again(frozen):
    first = counting.files(frozen)
    counted = counting.figures(frozen)
    previews.prune(now=first.stat().st_mtime + previews.SECONDS + 1)
    assert not first.exists()
    again = counting.files(frozen)
    assert behind.number(again, behind.behind(frozen, {"figure": "audience"})) == counted.audience


def test_only_the_last_counts_are_kept(frozen, monkeypatch):
    folders = [
        counting.files(replace(frozen, include=frozen.include[:1], exclude=(), parts=(part,)))
        for part in (replace(frozen.parts[-1], seed=str(n)) for n in range(previews.COUNTS + 2))
    ]
    assert all(folder.exists() for folder in folders)  # they may be read just now
    previews.prune(now=folders[-1].stat().st_mtime + previews.READ + 1)
    left = [folder for folder in folders if folder.exists()]
    assert left == folders[-previews.COUNTS :]
