"""Requests that no page of ours makes: each is refused in words, none ends in an error page."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import editing as campaign_editing
from campaigns.models import Campaign
from campaigns.operations import OPERATIONS as CAMPAIGN_OPERATIONS
from core.errors import MusterError
from runs.models import Run, RunState
from segments import editing as segment_editing
from segments.editing import WHOLE
from segments.models import Segment
from segments.operations import OPERATIONS
from tests.destinations.factories import DestinationFactory
from tests.runs import brand
from warehouse.catalogue import current

HTMX = {"HX-Request": "true"}
HUGE = "9" * 30
LONG = "9" * 5000  # more digits than Python makes a number of
CALM = {200, 204, 302, 400, 404, 409, 422}
NUMBERS = ["", "x", "-1", "0", "1.5", "1e308", "nan", "\u0663", "\u00b2", HUGE, LONG]
VALUES = [
    [],
    *([number] for number in NUMBERS),
    ["x" * 10_000],
    ["<script>alert(1)</script>"],
    ["a"] * 300,
    ["last"],
    ["last", HUGE, "days"],
    ["last", LONG, "days"],
    ["last", "9999999", "years"],
    ["between"],
    ["between", "0001-01-01", "9999-12-31"],
    ["days_ago", HUGE],
    ["days_from_now", "999999999"],
    [HUGE, "years"],
    ["99999", "years"],
    ["matches"],
    ["any"],
    ["most_frequent"],
    ["total"],
    ["attribute:customer_360.tier"],
    ["attribute:nothing.there"],
    ["event:orders"],
    ["event:customer_360"],
    ["segment:Nobody"],
]
DRAFT = {
    "id": "root",
    "all": [
        {"id": "text", "attribute": "customer_360.tier", "operator": "is_in", "value": ["Gold"]},
        {"id": "number", "attribute": "customer_360.age", "operator": "at_least", "value": 3},
        {
            "id": "day",
            "attribute": "customer_360.since",
            "operator": "is_in_last",
            "value": {"n": 3, "unit": "days"},
        },
        {
            "id": "event",
            "event": "orders",
            "operator": "at_least",
            "value": 1,
            "period": {"last": 3, "unit": "days"},
            "where": {
                "id": "where",
                "all": [
                    {
                        "id": "inner",
                        "attribute": "orders.amount",
                        "operator": "at_least",
                        "value": 3,
                    }
                ],
            },
        },
        {"id": "segment", "segment": "Everyone we know"},
        {"id": "group", "any": []},
        {"id": "gone", "attribute": "customer_360.gone", "operator": "is", "value": "x"},
    ],
}
NODES = ["", "root", "text", "number", "day", "event", "segment", "gone"]


@pytest.fixture
def segment(warehouse) -> Segment:
    tables = brand.tables(12)
    for n, row in enumerate(tables["customer_360"]):
        row |= {"age": n, "since": date(2026, 1, 1 + n)}
    tables["orders"] = [
        {
            "order_id": f"o{n}",
            "customer_id": f"c{n:03}",
            "amount": 1.5 * n,
            "order_datetime": datetime(2026, 1, 1 + n),
        }
        for n in range(12)
    ]
    warehouse(tables)
    brand.segment("Everyone we know", brand.EVERYONE)
    return Segment.objects.create(name="Odd", draft=DRAFT)


@pytest.fixture
def campaign(warehouse) -> Campaign:
    warehouse(brand.tables(12))
    return brand.campaign(DestinationFactory())


def answers(client, url: str, **fields) -> str:
    """What went wrong with a forged POST; '' when it was answered calmly.

    Django's test client hands on what would be an error page as the exception itself.
    """
    try:
        status = client.post(url, fields, headers=HTMX).status_code
    except Exception as error:
        return f"{type(error).__name__}: {fields}"[:200]
    return "" if status in CALM else f"{status}: {fields}"[:200]


@pytest.mark.parametrize("op", [*OPERATIONS, *WHOLE, "nonsense"])
def test_no_edit_of_a_segment_ends_in_an_error(marketer, marketer_client, segment, op):
    tables = current()
    for node in NODES:
        for values in VALUES:  # each is done to what the one before has left
            with suppress(MusterError):
                segment_editing.edit(segment.pk, op, node, values, None, marketer, tables)
        for name in ("segments:edit", "segments:draft_figures"):
            page = marketer_client.get(reverse(name, args=[segment.pk]), headers=HTMX)
            assert page.status_code in CALM
        Segment.objects.filter(pk=segment.pk).update(draft=DRAFT)


@pytest.mark.parametrize("op", [*CAMPAIGN_OPERATIONS, "nonsense"])
def test_no_edit_of_a_campaign_ends_in_an_error(marketer, marketer_client, campaign, op):
    part = campaign.sub_audiences.first()
    for node in ["", "x", part.key, part.groups.first().key, LONG]:
        for values in VALUES:
            with suppress(MusterError):
                campaign_editing.edit(campaign.pk, op, node, values, None, marketer)
        for name in ("campaigns:edit", "campaigns:figures"):
            page = marketer_client.get(reverse(name, args=[campaign.pk]), headers=HTMX)
            assert page.status_code in CALM


@pytest.mark.parametrize("op", ["identifier", "phone", "email", "only_where", "reset", "nonsense"])
def test_no_edit_of_attributes_ends_in_an_error(marketer_client, campaign, op):
    destination = campaign.sub_audiences.last().groups.get().destinations.get()
    url = reverse("campaigns:attributes_ops", args=[campaign.pk, destination.pk])
    found = [answers(marketer_client, url, op=op, value=values) for values in VALUES]
    assert [each for each in found if each] == []


@pytest.mark.parametrize("number", NUMBERS)
def test_an_odd_number_is_no_error_anywhere(marketer_client, campaign, number):
    run = Run.objects.create(
        campaign=campaign,
        number=1,
        definition={"name": "x"},
        state=RunState.COMPLETE,
        moment=timezone.now(),
        started_at=timezone.now(),
    )
    segment = campaign.include.get()
    gets = {
        reverse("segments:list"): ["after", "status", "q"],
        reverse("campaigns:list"): ["after", "status", "q", "label", "owner"],
        reverse("campaigns:new"): ["segment"],
        reverse("segments:counts"): ["ids"],
        reverse("runs:activity"): ["after", "show"],
        reverse("runs:of_campaign", args=[campaign.pk]): ["before"],
        reverse("destinations:shares"): ["identifier", "source"],
        reverse("runs:test_told", args=[campaign.pk]): ["to", "customers", "panel", "groups"],
    }
    for url, names in gets.items():
        for name in names:
            for given in (number, f"{number},{number}"):
                response = marketer_client.get(url, {name: given}, headers=HTMX)
                assert response.status_code in CALM, (url, name)
    posts = {
        reverse("campaigns:ops", args=[campaign.pk]): ["base", "value"],
        reverse("campaigns:new"): ["include", "name"],
        reverse("segments:ops", args=[segment.pk]): ["base"],
        reverse("segments:publish", args=[segment.pk]): ["base"],
        reverse("segments:new_ops"): ["base", "value"],
        reverse("runs:launch", args=[campaign.pk]): ["revision", "to_send"],
        reverse("runs:test", args=[campaign.pk]): ["customers", "panel", "groups"],
        reverse("runs:decide", args=[run.pk, 99]): ["decision"],
    }
    for url, names in posts.items():
        for name in names:
            assert answers(marketer_client, url, op="include", **{name: number}) == "", url


@pytest.mark.parametrize("number", [0, 10**18, 10**30])
def test_an_address_of_nothing_is_not_found(marketer_client, db, number):
    details = ("segments:detail", "campaigns:detail", "runs:detail", "runs:panel")
    for name in (*details, "campaigns:edit"):
        assert marketer_client.get(reverse(name, args=[number])).status_code == 404
