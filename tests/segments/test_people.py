"""The pages about single customers: why somebody is in or out, who is in, and the file."""

import csv
import io
import logging
import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, User
from segments.numbers import counting, customers
from tests.fixtures.people import logged_in
from tests.segments.factories import SegmentFactory

HTMX = {"HX-Request": "true"}
GOLD = {"all": [{"attribute": "customer_360.tier", "operator": "is", "value": "Gold"}]}
MANY = 120


@pytest.fixture(autouse=True)
def shop(warehouse):
    people = range(MANY)
    return warehouse(
        {
            "customer_360": [
                {
                    "customer_id": f"c-{n:03}",
                    "tier": "Silver" if n % 10 == 9 else "Gold",
                    "spent": -1.5 if n == 1 else n * 10.5,
                    "nickname": "=1+1" if n == 2 else f"Nick {n}",
                }
                for n in people
            ],
            "merged_customers": [
                {
                    "customer_id": f"c-{n:03}",
                    "email": "two@example.com" if n in (1, 2) else f"p{n}@example.com",
                    "phone": f"+1202555{1000 + n}",
                    "surname": f"Lopez{n}",
                }
                for n in people
            ],
        }
    )


@pytest.fixture
def segment(db):
    return SegmentFactory(name="Golden", rule=GOLD, version=4)


def url(name, segment, **query):
    return reverse(f"segments:{name}", args=[segment.pk], query=query or None)


def may(user, **rights):
    User.objects.filter(pk=user.pk).update(**rights)
    return logged_in(user)


def asked(client, segment, who="", status=200, **more):
    answer = client.post(url("why", segment), {"who": who, **more}, headers=HTMX)
    assert answer.status_code == status
    return re.sub(r"\s+", " ", answer.text)


# Why?


def test_who_is_out_sees_which_line_fails_with_the_own_value(viewer_client, segment):
    answer = asked(viewer_client, segment, "p9@example.com")
    assert "c-009</b> is out: fails 1 of 1." in answer
    assert re.search(r'tabindex="-1" autofocus> .*no: .*Tier is Gold.*Silver', answer)
    assert "is in: the line holds." in asked(viewer_client, segment, "c-008")


def test_of_several_with_one_email_one_is_chosen(viewer_client, segment):
    answer = asked(viewer_client, segment, "TWO@example.com")
    assert "2 customers have this email or phone" in answer
    assert re.findall(r'name="customer" value="([^"]+)"', answer) == ["c-001", "c-002"]
    assert "c-002</b> is in" in asked(viewer_client, segment, "two@example.com", customer="c-002")


def test_nobody_and_nothing_are_told(viewer_client, segment):
    answer = asked(viewer_client, segment, "who@example.com")
    assert re.search(r"Nobody with that id, email or phone in the data of \d+ \w+\.", answer)
    assert "Type a customer id" in asked(viewer_client, segment, " ", status=422)
    assert "Nobody with that id" in asked(viewer_client, segment, customer="x")


def test_the_draft_is_explained_without_what_is_not_finished(marketer_client, segment):
    silver = {"attribute": "customer_360.tier", "operator": "is", "value": "Silver"}
    unfinished = {"attribute": "customer_360.spent", "operator": "at_least", "value": None}
    segment.draft = {"all": [silver, unfinished]}
    segment.save()
    assert "c-009</b> is out" in asked(marketer_client, segment, "c-009")
    answer = asked(marketer_client, segment, "c-009", rule="draft")
    assert "c-009</b> is in" in answer
    assert "1 line is not finished and left out." in answer


def test_contacts_are_masked_in_the_answer_but_for_those_who_may_see_them(marketer, segment):
    segment.rule = {"attribute": "merged_customers.email", "operator": "is_not_blank"}
    segment.save()
    masked = asked(logged_in(marketer), segment, "c-003")
    assert "p***@ex..." in masked
    assert "p3@example.com" not in masked
    assert "p3@example.com" in asked(may(marketer, sees_contacts=True), segment, "c-003")


def test_what_was_typed_is_in_no_address_and_no_log(viewer_client, segment, caplog):
    page = viewer_client.get(url("why", segment)).text
    assert re.search(rf'<form [^>]*method="post" action="{url("why", segment)}"', page)
    segment.rule = {"attribute": "customer_360.gone", "operator": "is_blank"}
    segment.save()
    with caplog.at_level(logging.DEBUG):
        answer = asked(viewer_client, segment, "p9@example.com")
    assert "Could not explain" in answer
    assert "p9@" not in caplog.text
    answer = viewer_client.post(url("why", segment), {"who": "p9@example.com"})
    assert "no-store" in answer["Cache-Control"]


# Customers


def listed(client, segment, **query):
    answer = client.get(url("customer_rows", segment, **query), headers=HTMX)
    assert answer.status_code == 200
    row = r'<th scope="row" class="main"><button[^>]*>([^<]+)</button></th>(.*?)</tr>'
    rows = re.findall(row, answer.text, re.S)
    links = dict(re.findall(r'href="([^"]+)" rel="(\w+)"', answer.text))
    return rows, {way: address.partition("?")[2] for address, way in links.items()}


GOLDEN = [f"c-{n:03}" for n in range(MANY) if n % 10 != 9]


def test_the_page_asks_the_warehouse_nothing(viewer_client, segment, shop, monkeypatch):
    def fetch(*args):
        raise AssertionError("asked")

    monkeypatch.setattr(type(shop), "fetch", fetch)
    page = viewer_client.get(url("customers", segment)).text
    assert f'hx-get="{url("customer_rows", segment)}' in page


def test_customers_are_paged_by_their_ids_both_ways(viewer_client, segment):
    seen, query = [], {}
    ways = []
    while True:
        rows, links = listed(viewer_client, segment, **query)
        seen.append([id for id, _ in rows])
        ways.append(links)
        if "next" not in links:
            break
        query = dict([links["next"].split("=", 1)])
    assert [id for ids in seen for id in ids] == GOLDEN
    assert [len(each) for each in seen] == [50, 50, 8]
    assert "prev" not in ways[0]
    back, links = listed(viewer_client, segment, **dict([ways[2]["prev"].split("=", 1)]))
    assert [id for id, _ in back] == seen[1]
    assert set(links) == {"prev", "next"}
    first, links = listed(viewer_client, segment, **dict([links["prev"].split("=", 1)]))
    assert [id for id, _ in first] == seen[0]
    assert set(links) == {"next"}


def test_contacts_are_masked_in_the_list_but_for_those_who_may_see_them(marketer, segment):
    rows, _ = listed(logged_in(marketer), segment, q="c-003")
    assert "p***@ex..." in rows[0][1]
    assert "+1 *** *** 1003" in rows[0][1]
    assert "hidden" in rows[0][1]
    assert "Lopez3" not in rows[0][1]
    rows, _ = listed(may(marketer, sees_contacts=True), segment, q="c-003")
    assert "p3@example.com" in rows[0][1]
    assert "Lopez3" in rows[0][1]


def test_columns_are_chosen_and_unknown_ones_left_out(viewer_client, segment):
    columns = ["customer_360.spent", "customer_360.gone", "x"]
    rows, _ = listed(viewer_client, segment, columns=columns, q="c-002")
    assert re.findall(r'data-label="([^"]+)"[^>]*>([^<]*)', rows[0][1]) == [("Spent", "21")]


def test_a_search_goes_on_to_ids_that_begin_so_and_refuses_addresses(viewer_client, segment):
    found = viewer_client.post(url("customers_search", segment), {"q": " c-00 "})
    assert found.status_code == 302
    assert found.url == url("customers", segment, q="c-00")
    assert len(listed(viewer_client, segment, q="c-00")[0]) == 9
    assert listed(viewer_client, segment, q="c-0'")[0] == []
    refused = viewer_client.post(url("customers_search", segment), {"q": "p1@example.com"})
    assert refused.status_code == 422
    assert "Search for a customer id." in refused.text


# The file


def exported(client, segment, status=200, **more):
    data = {"reason": "Survey by post", **more}
    response = client.post(url("customers_export", segment), data)
    assert response.status_code == status
    return response


def read(response):
    return list(csv.reader(io.StringIO(response.getvalue().decode())))


@pytest.mark.parametrize("role", ["marketer_client", "viewer_client"])
def test_without_the_right_nothing_is_exported_nor_offered(request, role, segment):
    client = request.getfixturevalue(role)
    assert "Export" not in client.get(url("customers", segment)).text
    exported(client, segment, status=403)
    assert not AuditEntry.objects.filter(action="exported").exists()


def test_an_export_needs_a_reason(marketer, segment):
    client = may(marketer, exports_customers=True)
    answer = exported(client, segment, status=422, reason="  x ").text
    assert "Say what the file is for." in answer
    assert not AuditEntry.objects.filter(action="exported").exists()


def test_an_export_holds_everybody_once_and_stands_in_the_audit(marketer, segment):
    client = may(marketer, exports_customers=True, sees_contacts=True)
    columns = ["customer_360.spent", "customer_360.nickname", "merged_customers.phone"]
    header, *rows = read(exported(client, segment, columns=columns))
    assert header == ["customer_id", "spent", "nickname", "phone"]
    assert sorted(row[0] for row in rows) == GOLDEN
    entry = AuditEntry.objects.get(action="exported")
    assert (entry.who, entry.about, entry.customers) == (marketer, "Golden v4", len(GOLDEN))
    assert entry.details == "customer_id, " + ", ".join(columns)
    assert entry.reason == "Survey by post"


def test_what_looks_like_a_formula_is_none_in_a_spreadsheet(marketer, segment):
    client = may(marketer, exports_customers=True, sees_contacts=True)
    columns = ["customer_360.spent", "customer_360.nickname", "merged_customers.phone"]
    rows = {row[0]: row[1:] for row in read(exported(client, segment, columns=columns))}
    assert rows["c-002"] == ["21", "'=1+1", "'+12025551002"]
    assert rows["c-001"][0] == "-1.5"


def test_contact_data_leaves_only_with_those_who_may_see_it(marketer, segment):
    client = may(marketer, exports_customers=True)
    columns = ["merged_customers.email", "customer_360.spent"]
    response = exported(client, segment, columns=columns)
    text = response.getvalue().decode()
    assert text.splitlines()[0] == '"customer_id","spent"'
    assert "@" not in text
    assert AuditEntry.objects.get(action="exported").details == "customer_id, customer_360.spent"


def test_a_file_comes_in_pieces_of_which_none_is_large(segment, monkeypatch):
    monkeypatch.setattr(customers, "BATCH", 50)
    context = counting.context()
    pieces = customers.csv({"all": []}, [], context)
    sizes = [piece.count(b"\n") for piece in pieces]
    assert sum(sizes) == MANY + 1
    assert max(sizes) <= 51


def test_a_broken_rule_is_told_before_anything_is_kept_or_sent(marketer, segment):
    segment.rule = {"attribute": "customer_360.gone", "operator": "is_blank"}
    segment.save()
    client = may(marketer, exports_customers=True)
    answer = exported(client, segment, status=422).text
    assert re.search(r'id="export-fault".*gone', answer, re.S)
    assert not AuditEntry.objects.filter(action="exported").exists()


def test_an_id_in_the_list_leads_to_why_and_the_list_says_how_many_there_are(
    viewer_client, segment
):
    listed = viewer_client.get(url("customer_rows", segment), headers=HTMX).text
    first = re.search(r'<button[^>]* name="customer" value="([^"]+)"', listed)[1]
    assert f'action="{url("why", segment)}"' in listed
    assert "customers</span>" in listed
    answer = viewer_client.post(url("why", segment), {"customer": first}).text
    assert f"{first}</b> is in" in answer


# What they did


def test_what_a_customer_did_is_shown_newest_first(marketer, segment, warehouse):
    orders = [
        {
            "order_id": f"o{n}",
            "customer_id": f"c{n % 2}",
            "order_datetime": datetime(2026, 1, 1 + n % 28, tzinfo=UTC),
            "order_value": n,
            "email": f"to{n}@example.com",
        }
        for n in range(120)
    ]
    warehouse({"customer_360": [{"customer_id": "c1", "tier": "Gold"}], "orders": orders})
    client = logged_in(marketer)
    listed = client.get(url("customer_rows", segment), headers=HTMX).text
    address = reverse("segments:records")
    assert re.search(rf'name="customer" value="c1" hx-post="{address}"', listed)
    dialog = client.post(address, {"customer": "c1"}, headers=HTMX).text
    numbers = [int(n) for n in re.findall(r">o(\d+)<", dialog)]
    assert len(numbers) == 50
    assert all(n % 2 for n in numbers)
    days = [n % 28 for n in numbers]
    assert days == sorted(days, reverse=True)
    assert "There are more." in dialog
    assert "@example.com" not in dialog
    shown = may(marketer, sees_contacts=True).post(address, {"customer": "c1"}, headers=HTMX)
    assert "@example.com" in shown.text
    assert "Nothing of this customer" in client.post(address, {"customer": "x"}, headers=HTMX).text
