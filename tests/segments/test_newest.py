"""A newer question stops the older in the engine, not only its request."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connections
from django.urls import reverse

from tests.segments.factories import SegmentFactory
from tests.slowness import Slowness

HTMX = {"HX-Request": "true"}
LONGEST = 20  # seconds
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def segment(warehouse):
    warehouse(
        {
            "customer_360": [{"customer_id": f"c{n}", "tier": "Gold"} for n in range(3)],
            "orders": [{"order_id": "o1", "customer_id": "c1", "amount": 5.0}],
        }
    )
    return SegmentFactory()


@contextmanager
def meanwhile(client, address, slow) -> Iterator[Future]:
    """The status of a request that waits for its slow query in another thread."""

    def ask():
        try:
            return client.get(address, headers=HTMX).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        try:
            asked = pool.submit(ask)
            slow.wait()
            yield asked
        finally:
            slow.end()


@pytest.mark.parametrize(
    ("older", "newer", "begins"),
    [
        ("draft_figures", "draft_figures", "segment-"),
        ("draft_worth", "draft_figures", "worth-"),
        ("figures", "figures", "insights-"),
        ("counts", "counts", "list-"),
    ],
)
def test_the_older_query_ends_and_its_request_is_answered_with_nothing(
    marketer_client, segment, monkeypatch, older, newer, begins
):
    def address(name):
        if name == "counts":
            return f"{reverse('segments:counts')}?ids={segment.pk}"
        return reverse(f"segments:{name}", args=[segment.pk])

    slow = Slowness(monkeypatch, begins)
    with meanwhile(marketer_client, address(older), slow) as asked:
        slow.on = False
        answer = marketer_client.get(address(newer), headers=HTMX)
        assert asked.result(LONGEST) == 204
    assert ">3<" in answer.text
    assert slow.stopped == 1


def test_a_count_that_is_stopped_leaves_the_old_number_alone(marketer_client, segment, monkeypatch):
    address = reverse("segments:draft_figures", args=[segment.pk])
    slow = Slowness(monkeypatch, "segment-")
    with meanwhile(marketer_client, address, slow) as asked:
        stop = reverse("segments:draft_stop", args=[segment.pk])
        answer = marketer_client.post(stop, headers=HTMX)
        assert asked.result(LONGEST) == 204
    assert "Stopped. Your rule is saved, not counted." in answer.text
    assert "Count again" in answer.text
    assert answer.headers["HX-Reswap"] == "none"
