"""The numbers beside a draft, who is behind them, and what an edit says it did."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.urls import reverse

from campaigns.models import Campaign
from segments.models import Folder, Segment
from segments.sheets import hints
from tests.segments.factories import SegmentFactory
from warehouse.catalogue import current

HTMX = {"HX-Request": "true"}
GOLD = {"id": "gold", "attribute": "customer_360.tier", "operator": "is", "value": "Gold"}
RICH = {"id": "rich", "attribute": "customer_360.spent", "operator": "at_least", "value": 10}


@pytest.fixture(autouse=True)
def shop(warehouse):
    return warehouse(
        {
            "customer_360": [
                {"customer_id": f"c{n}", "tier": "Gold" if n < 3 else "Silver", "spent": n * 10.5}
                for n in range(8)
            ],
            "merged_customers": [
                {"customer_id": f"c{n}", "email": f"p{n}@example.com"} for n in range(8)
            ],
            "orders": [
                {
                    "order_id": f"o{n}",
                    "customer_id": f"c{n}",
                    "order_datetime": datetime(2020, 1, 1, 10, tzinfo=UTC),
                    "amount": 5.0,
                }
                for n in range(8)
            ],
        }
    )


def asked(client, page, segment, **query):
    return client.get(reverse(f"segments:{page}", args=[segment.pk]), query, headers=HTMX).text


def edit(client, segment, op, node="", *values):
    data = {"op": op, "node": node, "value": list(values)}
    return client.post(reverse("segments:ops", args=[segment.pk]), data, headers=HTMX)


def said(answer):
    found = re.search(r'id="say"[^>]*><p[^>]*>(.*?)</p>', answer.text)
    return found[1] if found else ""


def test_a_count_that_failed_says_so_beside_the_old_number(marketer_client):
    gone = {"id": "gone", "attribute": "customer_360.gone", "operator": "is_blank"}
    segment = SegmentFactory(rule=None, draft={"all": [gone]})
    address = reverse("segments:draft_figures", args=[segment.pk])
    answer = marketer_client.get(address, headers=HTMX)
    assert "Could not count" in answer.text
    assert "Your rule is saved." in answer.text
    assert answer.headers["HX-Reswap"] == "none"
    assert re.search(r'id="n-button"[^>]*>these customers<', answer.text)
    edit(marketer_client, segment, "remove", "gone")
    counted = marketer_client.get(address, headers=HTMX)
    assert 'id="numbers-problem" hx-swap-oob="true"></div>' in counted.text
    assert "HX-Reswap" not in counted.headers


@pytest.mark.parametrize("name", ["draft_figures", "figures", "compare_figures"])
def test_numbers_say_that_the_data_has_become_newer(marketer_client, warehouse, name):
    segment = SegmentFactory()
    address = reverse(f"segments:{name}", args=[] if "compare" in name else [segment.pk])
    query = {"s": [segment.pk, SegmentFactory().pk]} if "compare" in name else {}
    counted = marketer_client.get(address, query, headers=HTMX).text
    seen = query | {"seen": re.search(r'"seen": "(.+?)"', counted)[1]}
    assert marketer_client.get(address, seen, headers=HTMX).status_code == 204
    warehouse({"customer_360": [{"customer_id": "c1", "tier": "Gold", "spent": 1.0}]})
    told = marketer_client.get(address, seen, headers=HTMX).text
    assert "The data is newer." in told
    again = re.search(r'hx-get="(.+?)"', told)[1].replace("&amp;", "&")
    assert re.search(r">1<|1 customer", marketer_client.get(again, headers=HTMX).text)


def test_a_draft_of_a_published_segment_tells_how_it_differs_and_who_takes_it(marketer_client):
    segment = SegmentFactory(rule={"all": [GOLD]}, draft={"all": [GOLD, RICH]}, version=3)
    Campaign.objects.create(name="Autumn").include.add(segment)
    numbers = asked(marketer_client, "draft_figures", segment)
    assert "-1 since version 3" in numbers
    assert "Used in 1 campaign" in numbers
    assert "Autumn</a>: no run is planned" in numbers


def test_who_matches_the_draft_is_shown_before_it_is_published(marketer_client):
    segment = SegmentFactory(rule={"all": [GOLD]}, draft={"all": [GOLD, RICH]})
    dialog = asked(marketer_client, "people", segment, rule="draft")
    assert "2 customers" in dialog
    assert re.findall(r">(c\d)<", dialog) == ["c1", "c2"]


def test_all_who_match_the_draft_are_paged_through(marketer_client, warehouse):
    warehouse({"customer_360": [{"customer_id": f"c{n:02}", "tier": "Gold"} for n in range(60)]})
    segment = SegmentFactory(rule=None, draft={"all": [GOLD]})
    first = asked(marketer_client, "people", segment, rule="draft")
    assert re.findall(r">(c\d\d)<", first)[-1] == "c49"
    more = unescape(re.search(r'href="([^"]+)" rel="next"', first)[1])
    rest = marketer_client.get(more, headers={"HX-Request": "true"}).text
    assert re.findall(r">(c\d\d)<", rest) == [f"c{n}" for n in range(50, 60)]
    assert 'rel="prev"' in rest
    assert 'rel="next"' not in rest


def test_who_bought_in_the_last_year_comes_after_the_count(marketer_client):
    segment = SegmentFactory(rule=None, draft={"all": [GOLD]})
    found = asked(marketer_client, "draft_worth", segment)
    assert re.search(r"Active last year</dt><dd><button[^>]*><data[^>]*>0<", found)


def test_a_segment_is_put_into_a_folder_where_it_is_edited(marketer_client):
    segment = SegmentFactory(rule=None, draft={"all": [GOLD]})
    Folder.objects.create(path="Brand/Autumn")
    page = asked(marketer_client, "edit", segment)
    assert '<option value="Brand/Autumn">Brand / Autumn</option>' in page
    edit(marketer_client, segment, "folder", "", "Brand/Autumn")
    segment.refresh_from_db()
    assert segment.folder == "Brand/Autumn"
    assert edit(marketer_client, segment, "folder", "", "Gone").status_code == 422


@pytest.mark.parametrize(
    ("op", "node", "words"),
    [
        ("down", "gold", "Tier moved to place 2 of 2."),
        ("wrap", "rich", "Spent is in a group of its own now."),
        ("duplicate", "gold", "Tier duplicated."),
        ("off", "gold", "Tier is switched off."),
        ("remove", "rich", "Spent removed. Undo brings it back."),
        ("out", "gold", "It is in no group that it could leave."),
    ],
)
def test_what_the_row_menu_did_is_said(marketer_client, op, node, words):
    segment = SegmentFactory(rule=None, draft={"all": [GOLD, RICH], "id": "root"})
    assert said(edit(marketer_client, segment, op, node)) == words


def test_a_group_deep_within_folds_to_its_sentence(marketer_client):
    inner = {"any": [GOLD, RICH], "id": "inner"}
    rule = {"all": [{"any": [inner, RICH | {"id": "r2"}], "id": "outer"}]}
    page = asked(marketer_client, "edit", SegmentFactory(rule=None, draft=rule))
    summaries = re.findall(r"<summary>(.*?)</summary>", page)
    assert "have tier Gold or have spent at least 10" in summaries
    assert page.count('class="fold"') == 1


def test_what_a_line_means_that_it_does_not_say(marketer_client):
    between = {"attribute": "customer_360.spent", "operator": "between", "value": [1, 2]}
    never = {"event": "orders", "operator": "is", "value": 0}
    never["where"] = {"attribute": "orders.amount", "operator": "at_least", "value": 1}
    segment = SegmentFactory(rule=None, draft={"all": [between, never]})
    page = asked(marketer_client, "edit", segment)
    assert "Both ends are included." in page
    assert "each condition lets more customers in" in page


def test_lines_about_the_same_events_say_that_each_is_tested_by_itself(marketer_client):
    often, dear = {"event": "orders"}, {"event": "orders", "measure": "total", "value": 5}
    never = {"event": "orders", "operator": "is", "value": 0}
    said = "Tested by itself"

    def page(rule):
        return asked(marketer_client, "edit", SegmentFactory(name="", rule=None, draft=rule))

    assert page({"all": [often, GOLD, dear]}).count(said) == 1
    for alone in (
        {"any": [often, dear]},
        {"all": [often, never]},
        {"all": [often | {"off": True}, dear]},
    ):
        assert said not in page(alone)


@pytest.mark.parametrize(
    ("lines", "slowest"),
    [
        ([GOLD, {"event": "orders"}, {**GOLD, "operator": "matches"}], "Tier matches pattern"),
        (
            [GOLD, {"event": "orders"}, {"segment": "Written"}, {**GOLD, "operator": "matches"}],
            "Written",
        ),
        ([GOLD, {"event": "orders"}], "Orders"),
        ([GOLD, RICH], ""),
    ],
)
def test_the_line_that_is_likely_the_slowest_is_named(lines, slowest):
    told = hints.of_time(6.2, {"all": lines}, current(), {"Written": {"sql": "SELECT 1"}})
    assert told == (
        f"Took 6 s; the slowest line is likely “{slowest}”." if slowest else "Took 6 s."
    )


def test_a_long_suggestion_ends_where_a_criterion_does(marketer_client):
    rule = {"all": [GOLD, RICH, RICH | {"id": "r2", "operator": "is_not", "value": 123_456_789}]}
    page = asked(marketer_client, "edit", SegmentFactory(name="", rule=None, draft=rule))
    assert "Use “Tier Gold and have spent at least 10”" in page
    assert Segment.objects.get().name == ""
