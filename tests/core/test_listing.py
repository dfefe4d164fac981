"""A list a page at a time."""

import re

import pytest
from django.http import QueryDict

from core import listing
from core.listing import Asked, Column, moment
from segments.models import Segment
from tests.segments.factories import SegmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 2)


COLUMNS = [
    Column("edited", "Edited", "edited_at", down=True, read=moment),
    Column("name", "Name", "name"),
]


def page(query: str) -> listing.Page[Segment]:
    return Asked.by(QueryDict(query.lstrip("?")), COLUMNS).page(Segment.objects.all())


@pytest.mark.parametrize("sort", ["name", "-name", "edited", ""])
def test_its_pages_lead_through_all_rows_and_back(sort):
    for name in ("b", "a", "c", "d", "e"):
        SegmentFactory(name=name)
    pages, address = [], f"sort={sort}"
    while address:
        pages.append(page(address))
        address = pages[-1].next
    names = [row.name for each in pages for row in each.rows]
    expected = {"name": "abcde", "-name": "edcba", "edited": "bacde", "": "edcab"}
    assert "".join(names) == expected[sort]
    assert [each.shown for each in pages] == ["1 to 2 of 5", "3 to 4 of 5", "5 to 5 of 5"]
    assert page(pages[2].previous).rows == pages[1].rows
    assert page(pages[1].previous).rows == pages[0].rows
    assert not page(pages[1].previous).previous


def test_rows_of_the_same_name_are_all_shown():
    SegmentFactory.create_batch(5, name="")
    first = page("sort=name")
    second = page(first.next)
    assert len({row.pk for each in (first, second, page(second.next)) for row in each.rows}) == 5


def test_a_row_that_comes_meanwhile_moves_none_to_the_next_page():
    made = SegmentFactory.create_batch(4)
    first = page("")
    SegmentFactory()
    assert page(first.next).rows == [made[1], made[0]]


def test_one_page_has_no_neighbours():
    SegmentFactory.create_batch(2)
    found = page("")
    assert (found.shown, found.previous, found.next) == ("", "", "")


def test_its_neighbours_are_searched_and_sorted_alike():
    SegmentFactory.create_batch(3)
    assert page("q=a+%26b&status=draft&sort=name").next.startswith(
        "?q=a+%26b&status=draft&sort=name&after="
    )


def test_a_head_says_how_it_sorts_and_turns_the_order_round():
    heads = Asked.by(QueryDict("q=x&sort=-name"), COLUMNS).heads
    assert (heads["name"].direction, heads["name"].url) == ("descending", "?q=x&sort=name")
    assert (heads["edited"].direction, heads["edited"].url) == ("", "?q=x")


@pytest.mark.parametrize(
    "after", ["4", "x~9", "~", "2026-01-01~1", "2026-99-99T00:00Z~1", "9" * 40]
)
def test_a_place_that_no_row_has_is_the_beginning(after):
    made = SegmentFactory.create_batch(2)
    assert page(f"after={after}").rows == made[::-1]


def test_a_viewer_is_led_to_the_pages_that_may_be_seen(viewer_client, marketer_client):
    draft, active = SegmentFactory(rule=None, version=0), SegmentFactory()
    for client, of_a_draft in ((viewer_client, ""), (marketer_client, "edit/")):
        text = client.get("/segments/").content.decode()
        links = re.findall(r'<th scope="row" class="main"><a href="([^"]+)"', text)
        assert links == [f"/segments/{active.pk}/", f"/segments/{draft.pk}/{of_a_draft}"]
        assert ("Segment menu" in text) == bool(of_a_draft)
