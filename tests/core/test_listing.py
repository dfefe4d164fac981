"""A list a page at a time."""

import re

import pytest
from django.http import QueryDict

from core import listing
from core.listing import Asked
from segments.models import Segment
from tests.segments.factories import SegmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 2)


def page(query: str) -> listing.Page[Segment]:
    return Asked.by(QueryDict(query)).page(Segment.objects.order_by("pk"))


def test_its_pages_lead_through_all_rows_and_back():
    made = SegmentFactory.create_batch(5)
    seen, address, shown = [], "", []
    while True:
        found = page(address.lstrip("?"))
        seen += found.rows
        shown.append(found.shown)
        if not found.next:
            break
        assert page(found.next.lstrip("?")).previous.lstrip("?") == address.lstrip("?")
        address = found.next
    assert seen == made
    assert shown == ["1 to 2", "3 to 4", "5 to 5"]


def test_one_page_has_no_neighbours():
    SegmentFactory.create_batch(2)
    assert page("") == listing.Page(list(Segment.objects.order_by("pk")), "", "", "")


def test_its_neighbours_are_searched_alike():
    SegmentFactory.create_batch(3)
    assert page("q=a+%26b&status=draft").next == "?q=a+%26b&status=draft&after=2"


@pytest.mark.parametrize("after", ["4", "999999999999999999", "-1", "x", "", "9" * 40])
def test_a_place_that_no_row_has_is_the_beginning(after):
    made = SegmentFactory.create_batch(2)
    assert page(f"after={after}").rows == made


def test_a_viewer_is_led_to_the_pages_that_may_be_seen(viewer_client, marketer_client):
    draft, active = SegmentFactory(rule=None, version=0), SegmentFactory()
    for client, of_a_draft in ((viewer_client, ""), (marketer_client, "edit/")):
        text = client.get("/segments/").content.decode()
        links = re.findall(r'<th scope="row" class="main"><a href="([^"]+)"', text)
        assert links == [f"/segments/{active.pk}/", f"/segments/{draft.pk}/{of_a_draft}"]
        assert ("Segment menu" in text) == bool(of_a_draft)
