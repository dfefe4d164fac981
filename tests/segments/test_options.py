"""What the picklists of a rule offer, and the lists that are pasted or uploaded for one."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from segments import drafts
from segments.models import CustomerList, Segment
from segments.rules import check
from segments.wording import behaviours
from segments.wording.sentence import sentence
from tests.segments.factories import SegmentFactory
from warehouse.catalogue import current

NOW = datetime.now(UTC)
INCOME = {"attribute": "customer_360.household_income", "operator": "is", "value": "50-74K"}
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def shop(warehouse):
    warehouse(
        {
            "customer_360": [
                {
                    "customer_id": f"c{n}",
                    "household_income": "50-74K" if n % 3 else "35-49K",
                    "tier": ["Gold", "Silver", None][n % 3],
                    "town": f"Town {n}",
                }
                for n in range(60)
            ],
            "merged_customers": [
                {"customer_id": f"c{n}", "email": f"p{n}@example.com", "phone": f"+1202555{n:04}"}
                for n in range(60)
            ],
            "orders": [
                {
                    "order_id": f"o{n}",
                    "customer_id": f"c{n}",
                    "order_datetime": NOW - timedelta(days=n),
                    "order_value": 10.5,
                    "channel": "Web",
                }
                for n in range(20)
            ],
            "order_items": [
                {"item_id": f"i{n}", "order_id": f"o{n}", "product_id": "p1", "quantity": 2}
                for n in range(20)
            ],
            "products": [{"product_id": "p1", "product_name": "Cola", "category": "Soft drinks"}],
        }
    )


def asked(client, name, **query):
    answer = client.get(reverse(f"segments:{name}"), query)
    assert answer.status_code == 200
    return answer.json()


def posted(client, name, data, **query):
    return client.post(reverse(f"segments:{name}", query=query), data)


def values_of(answer):
    return [option["value"] for option in answer["options"]]


# Criteria


def test_a_beginning_of_its_name_finds_an_attribute_with_all_one_needs_to_know(marketer_client):
    found = asked(marketer_client, "choices", q="inc")["options"][0]
    assert (found["text"], found["group"]) == ("Household income", "Customer 360")
    assert (found["amount"], found["share"]) == ("100% filled", 100)
    assert found["note"] == "Text, such as 50-74K, 35-49K"


def test_an_operator_typed_behind_an_attribute_is_taken_with_it(marketer_client):
    found = asked(marketer_client, "choices", q="income blank")
    assert "attribute is_blank:customer_360.household_income" in values_of(found)
    segment = SegmentFactory(rule=None, draft={"all": []})
    add(marketer_client, segment, "attribute is_blank:customer_360.household_income")
    assert lines(segment)[0]["operator"] == "is_blank"


def test_nothing_found_says_what_was_probably_meant(marketer_client):
    assert asked(marketer_client, "choices", q="houshold incme")["near"] == "Household income"
    assert asked(marketer_client, "values", column="customer_360.tier", q="gld")["near"] == "Gold"


def test_samples_of_what_is_personal_are_masked(marketer_client):
    found = asked(marketer_client, "choices", q="merged email")["options"][0]
    assert "@example.com" not in found["note"]
    assert "p***@ex..." in found["note"]


def test_personal_values_are_listed_for_those_who_may_see_them(marketer_client, marketer):
    query = {"column": "merged_customers.email", "q": "p11@"}
    answer = asked(marketer_client, "values", **query)
    assert answer["options"] == []
    assert "personal" in answer["none"]
    marketer.sees_contacts = True
    marketer.save()
    assert values_of(asked(marketer_client, "values", **query)) == ["p11@example.com"]


def test_what_one_asked_for_lately_comes_first(marketer_client, marketer):
    draft = {"all": [{"attribute": "customer_360.town", "operator": "is_in", "value": ["Town 41"]}]}
    SegmentFactory(rule=None, draft=draft, edited_by=marketer)
    found = asked(marketer_client, "choices")["options"][0]
    assert (found["text"], found["group"]) == ("Town", "Recent")
    values = asked(marketer_client, "values", column="customer_360.town")
    assert values_of(values)[0] == "Town 41"
    assert len(set(values_of(values))) == len(values_of(values))
    assert values["more"] + len(values["options"]) == 60


def test_segments_and_lists_come_as_they_are_searched_and_what_is_cut_is_counted(marketer_client):
    edited = SegmentFactory(name="Town 7 folk", rule={"all": [{"segment": "Town 8 folk"}]})
    for n in range(8, 215):
        SegmentFactory(name=f"Town {n} folk", rule=INCOME)
    CustomerList.objects.create(name="Jury", digest="a" * 64, size=1)
    query = {"kind": "segments", "but": edited.pk}
    every = asked(marketer_client, "choices", **query)
    assert (len(every["options"]), every["more"]) == (200, 7)
    assert values_of(asked(marketer_client, "choices", q="214", **query)) == ["Town 214 folk"]
    assert edited.name not in values_of(asked(marketer_client, "choices", q="Town 7", **query))
    assert values_of(asked(marketer_client, "choices", kind="lists", q="ju")) == ["Jury"]
    page = marketer_client.get(reverse("segments:edit", args=[edited.pk])).text
    assert "Town 8 folk" in page
    assert "Town 9 folk" not in page


def test_numbers_are_picked_from_those_that_there_are(marketer_client, marketer):
    column = "orders.order_value"
    assert values_of(asked(marketer_client, "values", column=column)) == ["10.5"]
    where = {"attribute": column, "operator": "is_in", "value": [10.5]}
    event = {"event": "orders", "where": where, "operator": "at_least", "value": 1}
    segment = SegmentFactory(rule=None, draft={"all": [event]})
    page = marketer_client.get(reverse("segments:edit", args=[segment.pk])).text
    picklist = re.search(r'<select[^>]*id="values-[^>]*>.*?</select>', page, re.DOTALL).group()
    assert f"column={column}" in picklist
    assert '<option value="10.5" selected' in picklist
    assert "data-missing" not in picklist


def test_all_that_a_search_finds_is_told_when_asked_for(marketer_client):
    query = {"column": "customer_360.town", "q": "town"}
    assert asked(marketer_client, "values", **query)["more"] == 10
    assert len(asked(marketer_client, "values", all="1", **query)["options"]) == 60


def test_an_empty_segment_offers_something_to_begin_with(marketer_client):
    page = marketer_client.get(reverse("segments:new")).text
    assert 'value="event has:orders"' in page
    assert 'value="attribute:customer_360.household_income"' in page


# Behaviours


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("bought", "bought anything"),
        ("not bought", "did not buy anything"),
        ("first purchase", "have their first order in the last 90 days"),
        ("repeat", "have a repeat order in the last 90 days"),
        ("number of purchases", "bought anything at least 2 times"),
    ],
)
def test_a_behaviour_is_found_by_its_plain_name_and_reads_well(marketer_client, typed, said):
    segment = SegmentFactory(rule=None, draft={"all": []})
    add(marketer_client, segment, values_of(asked(marketer_client, "choices", q=typed))[0])
    segment.refresh_from_db()
    assert sentence(drafts.plain(segment.draft), current()) == f"Customers who {said}."


def test_every_behaviour_is_a_rule_once_its_blanks_are_filled():
    catalogue = current()
    for table in catalogue.tables.values():
        if table.one_per_customer or table.name == "products":
            continue
        for each in behaviours.behaviours(table, catalogue):
            made = behaviours.criterion(table, each.key, catalogue)
            if made.get("measure") == "most_frequent":
                made |= {"of": "products.category", "operator": "is", "value": "Soft drinks"}
            if made["value"] == "":
                made["value"] = 5
            if "where" in made and "all" in made["where"]:
                made["where"]["all"][0]["value"] = ["Autumn"]
            assert check(made, catalogue) == [], each.key


def test_a_campaign_is_picked_by_its_real_name(marketer_client):
    segment = SegmentFactory(rule=None, draft={"all": []})
    found = asked(marketer_client, "choices", q="was in a campaign")
    add(marketer_client, segment, values_of(found)[0])
    page = marketer_client.get(reverse("segments:edit", args=[segment.pk])).text
    assert "values/?column=campaign_recipients.campaign" in page


def test_most_frequent_without_a_column_is_told_beside_that_field(marketer_client):
    segment = SegmentFactory(rule=None, draft={"all": []})
    page = add(marketer_client, segment, "event most_frequent:orders")
    node = lines(segment)[0]["id"]
    assert f'aria-invalid="true" aria-describedby="of-fault-{node}"' in page
    assert f'id="of-fault-{node}"' in page


# Values and lists


def test_values_that_the_data_does_not_hold_are_named(marketer_client):
    given = ["gold", " SILVER ", "Platinum", "Tin"]
    answer = posted(marketer_client, "missing", {"value": given}, column="customer_360.tier").json()
    assert (answer["values"], answer["said"]) == (4, "2 not found")
    assert answer["missing"] == ["Platinum", "Tin"]


def test_a_few_pasted_values_stand_in_the_line(marketer_client):
    text = "P1@example.com\np2@example.com, nobody@example.com"
    answer = posted(marketer_client, "paste", {"values": text}).json()
    segment = SegmentFactory(rule=None, draft={"all": []})
    add(marketer_client, segment, *answer["values"])
    [line] = lines(segment)
    assert line["attribute"] == "merged_customers.email"
    assert line["value"] == ["P1@example.com", "p2@example.com", "nobody@example.com"]
    assert not CustomerList.objects.exists()


@pytest.mark.parametrize(("count", "status"), [(1_000_000, 200), (1_000_001, 422)])
def test_a_million_values_are_taken_and_not_one_more(marketer_client, count, status):
    text = "\n".join(f"c{n}" for n in range(count)).encode()
    answer = posted(
        marketer_client, "paste", {"values": SimpleUploadedFile("values.txt", text), "name": "All"}
    )
    assert answer.status_code == status
    if status == 200:
        assert CustomerList.objects.get().size == count
    else:
        assert "1,000,000" in answer.json()["error"]
        assert not CustomerList.objects.exists()


def test_more_than_a_thousand_pasted_values_are_kept_as_a_list(marketer_client):
    text = "\n".join(f"c{n}" for n in range(1500))
    answer = posted(marketer_client, "paste", {"values": text, "name": "Panel"}).json()
    segment = SegmentFactory(rule=None, draft={"all": []})
    add(marketer_client, segment, *answer["values"])
    [line] = lines(segment)
    assert line["attribute"] == "customer_360.customer_id"
    assert line["value"] == {"list": "Panel"}
    assert CustomerList.objects.get().size == 1500


def test_26_of_ten_uploaded_emails_seven_are_known(marketer_client):
    rows = ["email,name", *(f"P{n}@Example.com,x" for n in range(7)), "a@b.c,x", "b@b.c,x", "c@b.c"]
    file = SimpleUploadedFile("vips.csv", "\n".join(rows).encode())
    answer = posted(marketer_client, "paste", {"file": file}).json()
    assert answer["values"] == ["list:merged_customers.email", "vips"]
    found = posted(
        marketer_client,
        "missing",
        {"value": "vips"},
        column="merged_customers.email",
        kind="list",
    ).json()
    assert found["said"] == "7 of 10 matched, 3 not found"
    assert not any("@b.c" in each for each in found["missing"])  # somebody else's addresses
    segment = SegmentFactory(rule=None, draft={"all": []})
    page = add(marketer_client, segment, "member:vips")
    assert lines(segment)[0]["attribute"] == "merged_customers.email"
    assert "is not a member of" in page


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        ({"values": " \n"}, "values", "Paste some values"),
        ({"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04")}, "file", "Save it as CSV"),
        ({"file": SimpleUploadedFile("a.csv", b"\xff\xfeA")}, "file", "UTF-16"),
        ({"file": SimpleUploadedFile("vips.csv", b"c1\n")}, "name", "is there already"),
        ({"values": "1", "column": "orders.order_value"}, "column", "no text"),
    ],
)
def test_what_is_no_list_is_told_beside_its_field(marketer_client, data, field, words):
    CustomerList.objects.create(name="vips", digest="0" * 64, size=1)
    for each in data.values():
        if not isinstance(each, str):
            each.seek(0)
    answer = posted(marketer_client, "paste", data)
    assert answer.status_code == 422
    assert (answer.json()["field"], words in answer.json()["error"]) == (field, True)


def add(client, segment: Segment, *values: str) -> str:
    segment.refresh_from_db()
    data = {"op": "add", "node": "n", "value": list(values), "base": segment.revision}
    answer = client.post(reverse("segments:ops", args=[segment.pk]), data, headers=HTMX)
    assert answer.status_code == 200, answer.text
    return answer.text


def lines(segment: Segment):
    segment.refresh_from_db()
    return drafts.children(segment.draft)


def test_orders_are_offered_before_what_is_in_them(marketer_client):
    found = values_of(asked(marketer_client, "choices", q="bought"))
    assert found[0] == "event has:orders"
