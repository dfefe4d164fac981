"""The segment pages, as a browser asks them."""

import re

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from segments.models import Folder, Segment
from segments.numbers import counting
from segments.sheets.editor import sheet
from tests.segments.factories import SegmentFactory

HTMX = {"HX-Request": "true"}
GOLD = {"all": [{"attribute": "customer_360.tier", "operator": "is", "value": "Gold"}]}


@pytest.fixture(autouse=True)
def shop(warehouse):
    return warehouse(
        {
            "customer_360": [
                {"customer_id": f"c{n}", "tier": "Gold" if n < 3 else "Silver", "spent": n * 10.5}
                for n in range(8)
            ],
            "merged_customers": [
                {"customer_id": f"c{n}", "email": f"p{n}@example.com", "phone": f"+1202555010{n}"}
                for n in range(8)
            ],
        }
    )


def url(name, *args):
    return reverse(f"segments:{name}", args=args)


def edit(client, segment, op, node="", *values, base=None):
    segment.refresh_from_db()
    data = {"op": op, "node": node, "value": list(values)}
    data["base"] = segment.revision if base is None else base
    return client.post(url("ops", segment.pk), data, headers=HTMX)


# List


def test_the_list_says_who_is_in_each_segment(marketer_client):
    SegmentFactory(name="Golden", rule=GOLD)
    page = marketer_client.get(url("list")).text
    assert "Golden" in page
    assert "Customers who have tier Gold." in page
    assert "Create segment" in page


def test_the_numbers_of_the_list_follow_in_one_request(marketer_client):
    segment = SegmentFactory(rule=GOLD)
    broken = SegmentFactory(rule={"attribute": "customer_360.gone", "operator": "is_blank"})
    asked = f"{url('counts')}?ids={segment.pk},{broken.pk}"
    answer = marketer_client.get(asked, headers=HTMX).text
    assert re.search(rf'id="n-{segment.pk}"[^>]*>3<', answer)
    assert "100%" in answer
    assert "Needs mending" in answer


def test_the_list_is_searched_and_filtered(marketer_client):
    SegmentFactory(name="Golden")
    SegmentFactory(name="Silver", rule=None, draft={"all": []})
    SegmentFactory(name="Old", archived=True)

    def found(**query):
        rows = marketer_client.get(url("list"), query, headers=HTMX).text
        return {name for name in ("Golden", "Silver", "Old") if name in rows}

    assert found() == {"Golden", "Silver"}
    assert found(q="gold") == {"Golden"}
    assert found(status="draft") == {"Silver"}
    assert found(status="active") == {"Golden"}
    assert found(status="archived") == {"Old"}
    assert "No segments match" in marketer_client.get(url("list"), {"q": "x"}).text


def test_an_empty_list_says_what_segments_are_for(marketer_client, viewer_client):
    assert "A segment says who" in marketer_client.get(url("list")).text
    assert url("new") not in viewer_client.get(url("list")).text


@pytest.mark.parametrize("name", ["list", "detail", "edit"])
def test_a_page_takes_as_many_queries_with_many_segments(
    marketer_client, name, django_assert_max_num_queries
):
    segment = SegmentFactory(rule=GOLD)
    args = [] if name == "list" else [segment.pk]

    def queries():
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as captured:
            assert marketer_client.get(url(name, *args)).status_code == 200
        return len(captured)

    queries()  # what is asked once a process
    few = queries()
    SegmentFactory.create_batch(12, rule=GOLD)
    assert queries() == few
    assert few <= 20


# One segment


def test_the_page_of_a_segment_says_who_how_many_and_where_it_is_used(marketer_client):
    segment = SegmentFactory(name="Golden", rule=GOLD)
    other = SegmentFactory(name="Others", rule={"none": [{"segment": "Golden"}]})
    page = marketer_client.get(url("detail", segment.pk)).text
    assert "Customers who have tier Gold." in page
    assert url("detail", other.pk) in page
    assert f"{reverse('campaigns:new')}?segment={segment.pk}" in page
    figures = marketer_client.get(url("figures", segment.pk), headers=HTMX).text
    assert "37.5% of all" in figures


def test_a_fragment_opened_directly_leads_to_its_page(marketer_client):
    segment = SegmentFactory()
    for fragment, page in (("figures", "detail"), ("draft_figures", "edit")):
        answer = marketer_client.get(url(fragment, segment.pk))
        assert answer.headers["Location"] == url(page, segment.pk)


def test_what_is_used_cannot_be_deleted_by_its_menu(marketer_client):
    segment = SegmentFactory(name="Golden", rule=GOLD)
    SegmentFactory(name="Others", rule={"none": [{"segment": "Golden"}]})
    asked = marketer_client.get(f"{url('bulk', 'delete')}?s={segment.pk}", headers=HTMX).text
    assert re.search(r"Golden: Used in\s+1 segment", asked)
    assert "Delete 1" not in asked
    answer = marketer_client.post(url("bulk", "delete"), {"s": segment.pk}, follow=True)
    assert "Golden is used in Others" in answer.text
    assert Segment.objects.filter(pk=segment.pk).exists()


def test_a_copy_is_a_draft_without_a_name(marketer_client):
    segment = SegmentFactory(name="Golden", rule=GOLD)
    marketer_client.post(url("copy", segment.pk))
    twin = Segment.objects.exclude(pk=segment.pk).get()
    assert (twin.name, twin.rule, twin.draft) == ("", None, GOLD)


def test_an_edited_segment_is_saved_as_another(marketer_client):
    silver = {"all": [GOLD["all"][0] | {"value": "Silver"}]}
    segment = SegmentFactory(name="Golden", rule=GOLD, draft=silver, folder="Brand")
    Folder.objects.create(path="Autumn")
    assert url("save_as", segment.pk) in marketer_client.get(url("edit", segment.pk)).text
    dialog = marketer_client.get(url("save_as", segment.pk), headers=HTMX).text
    assert '<option value="Brand" selected>' in dialog
    typed = {"name": "golden", "folder": "Autumn"}
    refused = marketer_client.post(url("save_as", segment.pk), typed, headers=HTMX)
    assert refused.status_code == 422
    assert "Another segment is called" in refused.text
    assert Segment.objects.count() == 1
    typed["name"] = "Rich"
    answer = marketer_client.post(url("save_as", segment.pk), typed, headers=HTMX)
    twin = Segment.objects.exclude(pk=segment.pk).get()
    assert answer.headers["HX-Redirect"] == url("edit", twin.pk)
    assert (twin.name, twin.folder, twin.rule, twin.draft) == ("Rich", "Autumn", None, silver)
    segment.refresh_from_db()
    assert (segment.name, segment.draft) == ("Golden", silver)


# Editor


def test_a_new_page_stores_nothing_until_the_first_edit(marketer_client):
    page = marketer_client.get(url("new")).text
    assert "Who are you looking for?" in page
    assert not Segment.objects.exists()
    node = re.search(r'id="add-(\w+)"', page)[1]
    answer = marketer_client.post(
        url("new_ops"),
        {"op": "add", "node": node, "value": "attribute:customer_360.tier", "base": 0},
        headers=HTMX,
    )
    segment = Segment.objects.get()
    assert answer.headers["HX-Push-Url"] == url("edit", segment.pk)
    assert "Pick a value. Until then this line is left out." in answer.text


def test_a_first_edit_that_is_refused_stores_nothing(marketer_client):
    SegmentFactory(name="Golden")
    answer = marketer_client.post(
        url("new_ops"), {"op": "name", "node": "", "value": "golden", "base": 0}, headers=HTMX
    )
    assert answer.status_code == 422
    assert 'value="golden"' in answer.text
    assert Segment.objects.count() == 1


def test_an_edit_is_saved_and_told_in_the_sentence(marketer_client):
    segment = SegmentFactory(rule=None, draft=GOLD)
    answer = edit(marketer_client, segment, "value", "n-0", "Silver")
    assert "Customers who have tier Silver." in answer.text
    assert "draft:changed" in answer.headers["HX-Trigger-After-Settle"]
    segment.refresh_from_db()
    assert segment.draft["all"][0]["value"] == "Silver"


def test_the_numbers_follow_the_draft(marketer_client):
    segment = SegmentFactory(rule=GOLD, draft={"all": []})
    draft = url("draft_figures", segment.pk)
    assert "100% of 8 customers" in marketer_client.get(draft, headers=HTMX).text
    edit(marketer_client, segment, "add", "n", "attribute:customer_360.spent")
    segment.refresh_from_db()
    edit(marketer_client, segment, "value", segment.draft["all"][0]["id"], "50")
    answer = marketer_client.get(draft, headers=HTMX).text
    assert "37.5% of 8 customers" in answer
    assert "3 customers" in answer
    id = segment.draft["all"][0]["id"]
    assert re.search(rf'id="alone-{id}"[^>]*>3<', answer)
    assert re.search(rf'id="drop-{id}"[^>]*>\+5<', answer)


def test_when_nobody_matches_the_line_in_the_way_is_named(marketer_client):
    rule = {
        "all": [
            {"attribute": "customer_360.tier", "operator": "is", "value": "Gold"},
            {"attribute": "customer_360.spent", "operator": "at_least", "value": 900},
        ]
    }
    segment = SegmentFactory(rule=None, draft=rule)
    answer = marketer_client.get(url("draft_figures", segment.pk), headers=HTMX).text
    assert re.search("Nobody matches.\\s+Without “[^”]*900” 3 customers would", answer)
    edit(marketer_client, segment, "off", "n-1", "")
    assert "3 customers" in marketer_client.get(url("draft_figures", segment.pk), headers=HTMX).text


def test_blanks_that_a_negative_lets_in_are_counted_and_left_out(marketer_client, warehouse):
    tiers = ["Gold", "Silver", None, " "]
    warehouse({"customer_360": [{"customer_id": f"c{n}", "tier": tiers[n % 4]} for n in range(8)]})
    rule = {"all": [{"attribute": "customer_360.tier", "operator": "is_not", "value": "Gold"}]}
    segment = SegmentFactory(rule=None, draft=rule)
    draft = url("draft_figures", segment.pk)
    assert "Includes 4 with no tier on file" in marketer_client.get(draft, headers=HTMX).text
    assert "Leave blanks out" in marketer_client.get(url("edit", segment.pk)).text
    edit(marketer_client, segment, "no_blanks", "n-0", "")
    assert "25% of 8 customers" in marketer_client.get(draft, headers=HTMX).text


def test_blanks_beside_an_event_and_a_condition_on_it_are_told_and_left_out(
    marketer_client, warehouse
):
    orders = [
        {"order_id": f"o{n}", "customer_id": f"c{n}", "amount": n * 10.0, "channel": channel}
        for n, channel in enumerate(["web", "shop", None])
    ]
    warehouse({"orders": orders})
    rule = {
        "event": "orders",
        "measure": "average",
        "operator": "is_not",
        "value": 10,
        "where": {"attribute": "orders.channel", "operator": "is_not", "value": "web"},
    }
    segment = SegmentFactory(rule=None, draft={"all": [rule]})
    draft = url("draft_figures", segment.pk)
    # Of eight customers only c1 and c2 bought elsewhere, c1 for 10 on average.
    assert "Includes 6 with no such orders on file" in marketer_client.get(draft, headers=HTMX).text
    page = marketer_client.get(url("edit", segment.pk)).text
    assert page.count("Leave blanks out") == 2
    edit(marketer_client, segment, "no_blanks", "n-0-w", "")
    assert "Includes 7 with" in marketer_client.get(draft, headers=HTMX).text
    edit(marketer_client, segment, "no_blanks", "n-0", "")
    assert "0 customers" in marketer_client.get(draft, headers=HTMX).text


def test_what_was_typed_stays_beside_the_reason(marketer_client):
    rule = {"all": [{"attribute": "customer_360.spent", "operator": "at_least", "value": 5}]}
    segment = SegmentFactory(rule=None, draft=rule)
    answer = edit(marketer_client, segment, "value", "n-0", "lots")
    assert answer.status_code == 422
    assert 'value="lots"' in answer.text
    assert "“lots” is not a number" in answer.text
    segment.refresh_from_db()
    assert segment.draft == rule


def test_an_edit_on_an_old_page_is_told_and_changes_nothing(marketer_client):
    segment = SegmentFactory(rule=None, draft=GOLD, revision=3)
    answer = edit(marketer_client, segment, "value", "n-0", "Silver", base=2)
    assert answer.status_code == 409
    assert "has changed this segment meanwhile" in answer.text
    segment.refresh_from_db()
    assert segment.draft == GOLD


def test_a_line_whose_column_is_gone_says_so(marketer_client):
    rule = {"all": [{"attribute": "customer_360.level", "operator": "is", "value": "x"}]}
    page = marketer_client.get(url("edit", SegmentFactory(rule=rule).pk)).text
    assert "customer_360 has no column &quot;level&quot;" in page


def test_activating_makes_the_draft_the_rule(marketer_client):
    segment = SegmentFactory(name="Golden", rule=None, draft=GOLD)
    answer = marketer_client.post(url("publish", segment.pk), {"base": 0}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == url("detail", segment.pk)
    segment.refresh_from_db()
    assert segment.rule == GOLD
    assert "Campaigns can take it now" in marketer_client.get(url("detail", segment.pk)).text


def test_what_stops_activating_is_told_in_the_dialog(marketer_client):
    segment = SegmentFactory(name="", rule=None, draft={"all": []})
    answer = marketer_client.post(url("publish", segment.pk), {"base": 0}, headers=HTMX)
    assert answer.status_code == 422
    assert "Give the segment a name." in answer.text
    assert "Add at least one complete criterion" in answer.text


def test_hostile_text_is_text(marketer_client):
    hostile = "<script>alert(1)</script>\"'&{{ x }}"
    rule = {"all": [{"attribute": "customer_360.tier", "operator": "is", "value": hostile}]}
    segment = SegmentFactory(name=hostile, description=hostile, rule=rule)
    for page in (url("list"), url("detail", segment.pk), url("edit", segment.pk)):
        text = marketer_client.get(page).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


def test_a_name_is_suggested_and_never_given(marketer_client):
    segment = SegmentFactory(name="", rule=None, draft=GOLD)
    page = marketer_client.get(url("edit", segment.pk)).text
    assert "Use “Tier Gold”" in page
    assert 'id="name" name="value"' in page
    assert "Match" in page


def test_the_page_and_an_edit_show_the_same_editor(marketer_client):
    segment = SegmentFactory(name="Golden", rule=None, draft=GOLD)
    page = marketer_client.get(url("edit", segment.pk)).text
    part = edit(marketer_client, segment, "name", "", "Golden").text

    def controls(text):
        return set(re.findall(r'id="((?:match|add|how|off|line|group)-[^"]+)"', text))

    assert controls(page) == controls(part)
    assert "match-n-any" in controls(page)


def test_a_line_shows_nothing_but_what_it_holds(marketer_client):
    """One that was drawn before is shown again wherever all that it holds is the same."""
    rule = {
        "all": [
            {"id": "a", "attribute": "customer_360.tier", "operator": "is", "value": "Gold"},
            {"id": "b", "attribute": "customer_360.tier", "operator": "is_in", "value": []},
            {"id": "c", "event": "orders", "where": {"id": "d", "attribute": "orders.gone"}},
        ]
    }
    segment = SegmentFactory(rule=None, draft=rule)
    lines = sheet(segment, counting.context()).main.lines
    holds = {"ops": url("ops", segment.pk), "counted": segment.pk}
    alone = [render_to_string("segments/line.html", {"line": line, **holds}) for line in lines]
    page = marketer_client.get(url("edit", segment.pk)).text
    assert all(each in page for each in alone)


def test_the_same_line_in_two_segments_edits_its_own(marketer_client):
    rule = {"all": [{"id": "a", **GOLD["all"][0]}]}
    first, second = (SegmentFactory(rule=None, draft=rule) for _ in range(2))
    for own, other in ((first, second), (second, first)):
        page = marketer_client.get(url("edit", own.pk)).text
        assert url("ops", own.pk) in page
        assert url("ops", other.pk) not in page


def test_who_only_looks_at_a_draft_learns_of_anothers_edit(
    marketer, marketer_client, admin_client_
):
    segment = SegmentFactory(rule=None, draft=GOLD, edited_by=marketer)
    page = marketer_client.get(url("edit", segment.pk)).text
    assert f'data-rests hx-get="{url("watch", segment.pk)}"' in page

    def asked():
        base = {"base": 0}
        return marketer_client.get(url("watch", segment.pk), base, headers=HTMX)

    assert asked().status_code == 204
    edit(marketer_client, segment, "name", "", "Golden")
    assert asked().status_code == 204  # by oneself, in another window
    edit(admin_client_, segment, "name", "", "Gold members")
    segment.refresh_from_db()
    told = asked()
    assert f"{segment.edited_by} has changed this draft." in told.text
    assert "hx-trigger" not in told.text


# Picklists


def test_a_criterion_is_found_by_a_part_of_its_name(marketer_client):
    found = marketer_client.get(url("choices"), {"q": "tie"}).json()["options"]
    assert found[0]["value"] == "attribute:customer_360.tier"
    assert {option["text"].partition(" ")[0] for option in found} == {"Tier"}
    assert found[0]["group"] == "Customer 360"


def test_values_come_with_how_often_they_occur(marketer_client):
    found = marketer_client.get(url("values"), {"column": "customer_360.tier", "q": "s"}).json()
    assert found["options"] == [{"value": "Silver", "text": "Silver", "amount": "5", "share": 100}]


# Rights


@pytest.mark.parametrize(
    ("method", "name", "needs_segment"),
    [
        ("get", "new", False),
        ("post", "new_ops", False),
        ("get", "edit", True),
        ("post", "ops", True),
        ("get", "draft_figures", True),
        ("post", "publish", True),
        ("post", "copy", True),
        ("post", "archive", True),
        ("post", "restore", True),
        ("get", "choices", False),
        ("get", "values", False),
    ],
)
def test_a_viewer_may_not_edit(viewer_client, method, name, needs_segment):
    segment = SegmentFactory(name="Golden", rule=GOLD)
    args = [segment.pk] if needs_segment else []
    assert getattr(viewer_client, method)(url(name, *args)).status_code == 403


def test_a_viewer_sees_no_edit_control(viewer_client):
    segment = SegmentFactory(name="Golden", rule=GOLD)
    for page in (url("list"), url("detail", segment.pk)):
        text = viewer_client.get(page).text
        assert "Golden" in text
        assert url("edit", segment.pk) not in text
        assert url("bulk", "delete") not in text
    assert "You can view this segment." in text


def test_looking_changes_nothing(marketer_client):
    segment = SegmentFactory(rule=GOLD)
    for name in ("ops", "copy", "archive", "restore"):
        assert marketer_client.get(url(name, segment.pk)).status_code == 405


def test_a_long_rule_is_a_light_page_with_one_menu_for_all_rows(marketer_client):
    def page(lines):
        segment = SegmentFactory(rule=None, draft={"all": GOLD["all"] * lines})
        return marketer_client.get(url("edit", segment.pk)).text

    short, long = page(10), page(30)
    assert (len(long) - len(short)) / 20 < 4_500  # bytes a line
    assert long.count("Wrap in a group") == 1
    assert long.count('aria-label="Row menu of Tier"') == 30
