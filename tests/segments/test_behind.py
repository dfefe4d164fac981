"""Every number opens the people behind it: as many as it says, masked, named in no address."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tests.fixtures.people import logged_in
from tests.segments.factories import SegmentFactory
from tests.segments.test_tracking import counted

HTMX = {"HX-Request": "true"}
GOLD = {"attribute": "customer_360.tier", "operator": "is", "value": "Gold"}
LINES = {"all": [GOLD, {"event": "orders", "operator": "at_least", "value": 1}]}
OPENS = re.compile(r'<button[^>]*hx-get="([^"]+)" hx-target="#dialogs"[^>]*>(.*?)</button>', re.S)


@pytest.fixture(autouse=True)
def shop(warehouse):
    days = range(0, 900, 30)
    return warehouse(
        {
            "customer_360": [
                {"customer_id": f"c{n:02}", "tier": ["Gold", "Silver", None][n % 3], "age": n}
                for n in range(60)
            ],
            "merged_customers": [
                {
                    "customer_id": f"c{n:02}",
                    "email": f"p{n}@example.com" if n % 2 else None,
                    "phone": f"+12025550{n:03}" if n % 5 else None,
                    "city": "Salem" if n % 2 else "Boston",
                }
                for n in range(60)
            ],
            "orders": [
                {
                    "order_id": f"o{n}",
                    "customer_id": f"c{n * 7 % 60:02}",
                    "order_datetime": timezone.now() - timedelta(days=day),
                    "order_value": 5.0,
                }
                for n, day in enumerate(days)
            ],
        }
    )


def opened(client, page: str) -> dict[str, int]:
    """The addresses behind a page's numbers, each with the number that leads to it."""
    found = {}
    for address, inner in OPENS.findall(page):
        if told := re.search(r"\d[\d,]*", re.sub("<[^>]+>", "", inner)):
            found[unescape(address)] = int(told[0].replace(",", ""))
    return found


def customers(answer) -> int:
    title = re.search(r'id="dialog-title">([\d,]+) customer', answer.text)
    assert title, answer.text
    return int(title[1].replace(",", ""))


@pytest.mark.parametrize(
    ("name", "query", "numbers"),
    [
        ("figures", {}, 5),  # active and four parts of the reach
        ("bars", {"by": "customer_360.tier"}, 3),
        ("bars", {"by": "customer_360.age"}, 6),
        ("bars", {"by": "orders", "measure": "revenue"}, 2),
        ("draft_figures", {}, 4),
        ("draft_worth", {}, 1),
    ],
)
def test_as_many_are_behind_a_number_as_it_says(marketer_client, name, query, numbers):
    old = {"attribute": "customer_360.age", "operator": "less_than", "value": 55}
    segment = SegmentFactory(rule=old, draft=LINES)
    page = marketer_client.get(reverse(f"segments:{name}", args=[segment.pk]), query, headers=HTMX)
    found = opened(marketer_client, page.text)
    assert len(found) >= numbers
    assert any(found.values())
    for address, number in found.items():
        assert customers(marketer_client.get(address, headers=HTMX)) == number, address


def test_a_line_alone_opens_whom_it_matches_by_itself(marketer_client):
    segment = SegmentFactory(rule=None, draft=LINES)
    page = marketer_client.get(reverse("segments:edit", args=[segment.pk])).text
    assert page.count(f'hx-get="{reverse("segments:people", args=[segment.pk])}" ') == 2
    dialog = marketer_client.get(
        reverse("segments:people", args=[segment.pk]), {"node": "n-0"}, headers=HTMX
    )
    assert customers(dialog) == 20
    assert "Who have tier Gold, whatever the other lines say." in dialog.text


def test_what_is_no_longer_there_is_told(marketer_client):
    segment = SegmentFactory(rule=None, draft={"all": [{"attribute": "", "id": "empty"}, GOLD]})
    address = reverse("segments:people", args=[segment.pk])
    by_age = {"by": "customer_360.age", "bar": "99"}
    for query in (
        {"node": "gone"},
        {"node": "empty"},
        {"part": "rich"},
        by_age,
    ):
        told = marketer_client.get(address, query, headers=HTMX).text
        assert "no longer there" in told
        assert "c01" not in told


def test_parts_of_an_overlap_open(viewer_client):
    young = {"attribute": "customer_360.age", "operator": "less_than", "value": 30}
    pair = [SegmentFactory(rule=GOLD), SegmentFactory(rule=young)]
    query = {"s": [each.pk for each in pair]}
    page = viewer_client.get(reverse("segments:compare_figures"), query, headers=HTMX).text
    found = opened(viewer_client, page)
    assert sorted(found.values()) == [10, 10, 20, 20]
    for address, number in found.items():
        assert customers(viewer_client.get(address, headers=HTMX)) == number, address


def test_who_joined_and_who_left_open(viewer_client, warehouse):
    segment = SegmentFactory(rule=GOLD)
    warehouse({"customer_360": [{"customer_id": f"a{n:03}", "tier": "Gold"} for n in range(120)]})
    counted(segment, 0)
    rows = [{"customer_id": f"b{n:03}", "tier": "Gold"} for n in range(3)]
    warehouse({"customer_360": [*rows, {"customer_id": "a000", "tier": "Gold"}]})
    counted(segment, 8)
    page = viewer_client.get(reverse("segments:joined_left", args=[segment.pk]), headers=HTMX)
    joined, left = opened(viewer_client, page.text)
    assert re.findall(r">(b\d+)<", viewer_client.get(joined, headers=HTMX).text) == [
        "b000",
        "b001",
        "b002",
    ]
    seen = []
    while left:
        dialog = viewer_client.get(left, headers=HTMX)
        assert customers(dialog) == 119
        seen += re.findall(r">(a\d+)<", dialog.text)
        more = re.search(r'href="([^"]+)" rel="next"', dialog.text)
        left = unescape(more[1]) if more else ""
    assert seen == [f"a{n:03}" for n in range(1, 120)]


def test_contacts_are_masked_and_in_no_address(marketer):
    segment = SegmentFactory(rule=GOLD)
    address = reverse("segments:people", args=[segment.pk])
    masked = logged_in(marketer)
    assert "p3@example.com" not in masked.get(address, {"part": "email"}, headers=HTMX).text
    by_email = {"by": "merged_customers.email", "bar": "0"}
    assert "no longer there" in masked.get(address, by_email, headers=HTMX).text
    User.objects.filter(pk=marketer.pk).update(sees_contacts=True)
    sees = logged_in(marketer)
    assert "p3@example.com" in sees.get(address, {"part": "email"}, headers=HTMX).text
    bars = sees.get(
        reverse("segments:bars", args=[segment.pk]), {"by": by_email["by"]}, headers=HTMX
    ).text
    assert "p3@example.com" in bars
    found = opened(sees, bars)
    assert found
    assert not any("example" in each for each in found)
