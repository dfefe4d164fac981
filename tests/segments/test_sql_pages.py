"""The pages of segments in SQL: writing, converting, publishing, and who may."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.urls import reverse

from segments import publishing, sql_drafts
from segments.compile import members, to_query
from segments.models import Segment
from segments.numbers import counting
from tests.segments.factories import SegmentFactory
from warehouse.catalogue import current
from warehouse.engines import engine
from warehouse.query import Query

HTMX = {"HX-Request": "true"}
GOLD_SQL = "SELECT customer_id FROM customer_360 WHERE tier = 'Gold'"
GOLD = {
    "all": [
        {"attribute": "customer_360.tier", "operator": "is", "value": "Gold"},
        {"event": "orders", "period": {"last": 9_000, "unit": "days"}, "value": 1},
    ]
}


@pytest.fixture(autouse=True)
def shop(warehouse):
    return warehouse(
        {
            "customer_360": [
                {"customer_id": f"c{n}", "tier": "Gold" if n < 3 else "Silver"} for n in range(8)
            ],
            "orders": [
                {
                    "order_id": f"o{n}",
                    "customer_id": f"c{n % 4}",
                    "order_time": datetime(2026, 1, n + 1, 12),
                    "order_value": 5.0 * n,
                }
                for n in range(6)
            ],
        }
    )


def url(name, *args):
    return reverse(f"segments:{name}", args=args)


def edit(client, segment, op, value, base=None):
    segment.refresh_from_db()
    data = {"op": op, "value": value, "base": segment.revision if base is None else base}
    answer = client.post(url("sql_ops", segment.pk), data, headers=HTMX)
    segment.refresh_from_db()
    return answer


@pytest.fixture
def written(admin):
    segment = sql_drafts.create(admin)
    segment.name = "Gold"
    segment.draft = {"sql": GOLD_SQL}
    segment.save()
    return segment


def who(rule):
    context = counting.context(datetime(2026, 11, 28, 3, tzinfo=UTC))
    query = to_query(members(rule, context), context, engine().dialect)
    return {row[0] for row in engine().fetch(query)}


def test_the_first_edit_stores_a_draft_at_its_own_address(admin_client_):
    assert "customer_360" in admin_client_.get(url("sql_new")).text
    assert not Segment.objects.exists()
    answer = admin_client_.post(url("sql_new_ops"), {"op": "sql", "value": GOLD_SQL}, headers=HTMX)
    segment = Segment.objects.get()
    assert answer["HX-Push-Url"] == url("sql_edit", segment.pk)
    assert segment.draft == {"sql": GOLD_SQL}


def test_what_is_wrong_stands_beside_the_field_and_the_draft_is_kept(admin_client_, written):
    page = edit(admin_client_, written, "sql", "SELECT customer_id FROM custmer_360").text
    assert "Line 1, column 25: There is no table" in page
    assert "Did you mean" in page
    assert written.draft == {"sql": "SELECT customer_id FROM custmer_360"}


def test_sql_is_formatted_and_keeps_its_comments(admin_client_, written):
    text = "select customer_id from customer_360 -- all of them\nwhere tier = 'from where'"
    edit(admin_client_, written, "sql", text)
    assert "Format" in edit(admin_client_, written, "format", "").text
    assert written.draft["sql"].splitlines() == [
        "SELECT customer_id",
        "FROM customer_360 -- all of them",
        "",
        "WHERE tier = 'from where'",
    ]


def test_the_count_follows(admin_client_, written):
    answer = admin_client_.get(url("sql_figures", written.pk), headers=HTMX).text
    assert re.search(r">\s*3\s*<", answer)
    edit(admin_client_, written, "sql", "SELECT")
    answer = admin_client_.get(url("sql_figures", written.pk), headers=HTMX).text
    assert "once the SQL can be read" in answer


def test_the_sql_that_two_write_is_neither_lost_nor_overwritten(
    admin_client_, marketer, marketer_client, written
):
    marketer.writes_sql = True
    marketer.save()
    shown = written.revision
    edit(admin_client_, written, "sql", "SELECT customer_id FROM customer_360")
    answer = edit(marketer_client, written, "sql", f"{GOLD_SQL} AND 1 = 1", base=shown)
    assert answer.status_code == 409
    assert "changed the SQL meanwhile" in answer.text
    assert "Use hers" in answer.text
    assert written.draft == {"sql": "SELECT customer_id FROM customer_360"}
    data = {"op": "sql", "value": f"{GOLD_SQL} AND 1 = 1", "base": shown, "insists": "1"}
    marketer_client.post(url("sql_ops", written.pk), data, headers=HTMX)
    written.refresh_from_db()
    assert written.draft == {"sql": f"{GOLD_SQL} AND 1 = 1"}


def test_a_name_and_the_sql_edited_by_two_both_stay(
    admin_client_, marketer, marketer_client, written
):
    marketer.writes_sql = True
    marketer.save()
    shown = written.revision
    edit(admin_client_, written, "name", "Golden", base=shown)
    answer = edit(marketer_client, written, "sql", "SELECT 'c1' AS id", base=shown)
    assert answer.status_code == 200
    assert "is editing too" in answer.text
    assert (written.name, written.draft) == ("Golden", {"sql": "SELECT 'c1' AS id"})


def test_an_edit_whose_answer_was_lost_is_made_once(admin_client_, written):
    first = {"op": "sql", "value": GOLD_SQL}
    sent = HTMX | {"X-Edit": "w-1"}
    before = Segment.objects.count()
    for _ in range(2):
        answer = admin_client_.post(url("sql_new_ops"), first, headers=sent)
    assert Segment.objects.count() == before + 1
    assert answer["HX-Push-Url"] == url("sql_edit", Segment.objects.latest("pk").pk)
    edited = {"op": "sql", "value": "SELECT 'c1' AS id", "base": written.revision}
    sent = HTMX | {"X-Edit": "w-2"}
    admin_client_.post(url("sql_ops", written.pk), edited, headers=sent)
    edit(admin_client_, written, "sql", "SELECT 'c2' AS id")
    assert admin_client_.post(url("sql_ops", written.pk), edited, headers=sent).status_code == 200
    written.refresh_from_db()
    assert written.draft == {"sql": "SELECT 'c2' AS id"}


def test_sql_is_undone_back_to_the_visual_rule_that_it_was(admin_client_):
    segment = SegmentFactory(name="Gold", rule=None, draft=GOLD)
    admin_client_.post(url("sql_convert", segment.pk))
    edit(admin_client_, segment, "sql", GOLD_SQL)
    assert "Redo" in edit(admin_client_, segment, "undo", "").text
    assert "CURRENT_DATE" in segment.draft["sql"]
    assert edit(admin_client_, segment, "undo", "")["HX-Redirect"] == url("edit", segment.pk)
    assert "all" in segment.draft
    redone = admin_client_.post(
        url("ops", segment.pk), {"op": "redo", "base": segment.revision}, headers=HTMX
    )
    assert redone["HX-Redirect"] == url("edit", segment.pk)


def test_the_sql_is_copied_as_a_query_with_all_columns(admin_client_, written, shop):
    page = admin_client_.get(url("sql_edit", written.pk)).text
    query = unescape(re.search(r'id="sql-query" hidden>(.*?)</code>', page, re.S)[1])
    ids = {row[0] for row in shop.fetch(Query(query))}
    assert ids
    assert ids == {row[0] for row in shop.fetch(Query(written.current_rule["sql"]))}
    assert len(shop.fetch(Query(query))[0]) > 1


def test_beside_the_sql_stands_what_stands_beside_a_rule(admin_client_, written):
    page = admin_client_.get(url("sql_edit", written.pk)).text
    assert "See customers" in page
    assert "Why in or out?" in page
    assert f'data-ops="{url("sql_ops", written.pk)}"' in page
    counted = admin_client_.get(url("sql_figures", written.pk), headers=HTMX)
    assert "draft:counted" in counted["HX-Trigger-After-Settle"]
    listed = admin_client_.get(url("people", written.pk), headers=HTMX).text
    assert "c2" in listed
    assert "c5" not in listed
    worth = admin_client_.get(url("draft_worth", written.pk), headers=HTMX).text
    assert "Active last year" in worth
    assert "3" in text(admin_client_.get(url("draft_figures", written.pk), headers=HTMX))


def test_it_is_activated_as_any_segment(admin_client_, written):
    assert admin_client_.get(url("publish", written.pk), headers=HTMX).status_code == 200
    answer = admin_client_.post(
        url("publish", written.pk), {"base": written.revision}, headers=HTMX
    )
    assert answer["HX-Redirect"] == url("detail", written.pk)
    written.refresh_from_db()
    assert written.rule == {"sql": GOLD_SQL}
    assert written.versions.get().rule == {"sql": GOLD_SQL}
    for page in ("detail", "sql", "history"):
        assert admin_client_.get(url(page, written.pk)).status_code == 200
    assert "Gold" in admin_client_.get(url("list")).text


@pytest.mark.parametrize(
    "text",
    [
        "SELECT customer_id, tier FROM customer_360",
        "UPDATE customer_360 SET tier = 'x'",
        "SELECT customer_id FROM customer_360 WHERE CAST(tier AS integer) = 1",
    ],
)
def test_what_is_refused_or_fails_stays_a_draft(admin_client_, written, text):
    edit(admin_client_, written, "sql", text)
    answer = admin_client_.post(
        url("publish", written.pk), {"base": written.revision}, headers=HTMX
    )
    assert answer.status_code == 422
    written.refresh_from_db()
    assert written.rule is None


def test_what_takes_too_long_stays_a_draft(admin, written, settings):
    settings.SQL_SEGMENT_SECONDS = 1
    written.draft = {
        "sql": "WITH RECURSIVE n AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM n) "
        "SELECT 'c1' AS id FROM n WHERE x < 0"
    }
    written.save()
    with pytest.raises(publishing.PublishError, match="longer than 1 second"):
        publishing.publish(written, admin, current())
    written.refresh_from_db()
    assert written.rule is None


def test_a_visual_segment_becomes_sql_with_the_same_people_and_comes_back(admin, admin_client_):
    segment = SegmentFactory(name="Gold", rule=None, draft=GOLD)
    before = who(GOLD)
    assert before == {"c0", "c1", "c2"}
    assert "Convert to SQL segment" in admin_client_.get(url("sql", segment.pk)).text
    admin_client_.post(url("sql_convert", segment.pk))
    segment.refresh_from_db()
    assert "CURRENT_DATE" in segment.draft["sql"]
    assert who(segment.draft) == before
    publishing.publish(segment, admin, current())
    admin_client_.post(url("sql_back", segment.pk))
    segment.refresh_from_db()
    assert segment.rule["sql"]
    assert who(segment.draft) == before
    assert "sql" not in segment.draft


def test_the_version_before_it_became_sql_is_kept(admin, admin_client_):
    segment = SegmentFactory(name="Gold", rule=None, draft=GOLD)
    publishing.publish(segment, admin, current())
    admin_client_.post(url("sql_convert", segment.pk))
    segment.refresh_from_db()
    publishing.publish(segment, admin, current())
    rules = [version.rule for version in segment.versions.order_by("number")]
    assert [sql_drafts.is_sql(rule) for rule in rules] == [False, True]
    assert admin_client_.get(url("history", segment.pk)).status_code == 200
    assert admin_client_.get(url("diff", segment.pk)).status_code in (200, 302)


def test_a_rule_that_sql_cannot_follow_is_not_converted(admin_client_):
    rule = {"attribute": "orders.order_time", "operator": "has_anniversary_today"}
    segment = SegmentFactory(
        name="Birthdays",
        rule=None,
        draft={"all": [{"event": "orders", "where": rule, "operator": "at_least", "value": 1}]},
    )
    page = admin_client_.get(url("sql", segment.pk)).text
    assert "It cannot become a SQL segment" in page
    assert "Convert to SQL segment" not in page
    admin_client_.post(url("sql_convert", segment.pk))
    segment.refresh_from_db()
    assert "sql" not in segment.draft


# Who may


def test_a_marketer_uses_sql_segments_and_writes_none(marketer_client, written):
    for name, arguments in (("sql_new", ()), ("sql_edit", (written.pk,))):
        assert marketer_client.get(url(name, *arguments)).status_code == 403
    for name in ("sql_ops", "sql_convert", "sql_back"):
        assert marketer_client.post(url(name, written.pk)).status_code == 403
    assert marketer_client.get(url("edit", written.pk)).headers["Location"] == url(
        "sql", written.pk
    )
    page = marketer_client.get(url("sql", written.pk)).text
    assert "tier = &#x27;Gold&#x27;" in page
    assert "ask an admin" in page
    assert "Create SQL segment" not in marketer_client.get(url("list")).text


def test_the_visual_editor_leaves_sql_alone(marketer_client, written):
    for op, node, value in (
        ("add", "leave-out", "attribute:customer_360.tier"),
        ("add", "n", "segment:"),
        ("remove", "n", ""),
    ):
        marketer_client.post(
            url("ops", written.pk),
            {"op": op, "node": node, "value": value, "base": written.revision},
            headers=HTMX,
        )
    written.refresh_from_db()
    assert written.draft == {"sql": GOLD_SQL}


def test_a_marketer_who_was_given_the_right_writes_sql(marketer, marketer_client):
    marketer.writes_sql = True
    marketer.save()
    assert marketer_client.get(url("sql_new")).status_code == 200


def test_a_viewer_reads_the_sql(viewer_client, written):
    page = viewer_client.get(url("sql", written.pk)).text
    assert "customer_360" in page
    assert "Convert" not in page


def test_sql_that_does_not_run_hides_no_other_number_of_the_list(admin_client_, written):
    failing = SegmentFactory(
        name="Tiers", rule={"sql": "SELECT customer_id FROM customer_360 WHERE tier::INT = 1"}
    )
    golden = SegmentFactory(name="Golden", rule=GOLD["all"][0])
    ids = f"{failing.pk},{golden.pk}"
    told = admin_client_.get(f"{url('counts')}?ids={ids}", headers=HTMX).text
    assert re.search(rf'id="n-{golden.pk}"[^>]*>\s*3\s*<', told)
    assert re.search(rf'id="reach-{failing.pk}".*Needs mending', told)


def test_a_segment_in_sql_has_all_the_pages_of_a_segment(admin_client_):
    segment = SegmentFactory(name="Golden", rule={"sql": GOLD_SQL})
    within = SegmentFactory(name="In golden", rule={"none": [{"segment": "Golden"}]})

    def page(name, *args, query=""):
        return text(admin_client_.get(url(name, *args) + query, headers=HTMX))

    assert "3 37.5% of all" in page("figures", segment.pk)
    assert "Gold 100% 3" in page("bars", segment.pk, query="?by=customer_360.tier")
    assert [each in page("customer_rows", segment.pk) for each in ("c0", "c2", "c3")] == [
        True,
        True,
        False,
    ]
    assert "Customers 3 37.5% 5 62.5% 8" in page(
        "compare_figures", query=f"?s={segment.pk}&s={within.pk}"
    )
    assert "5 62.5% of 8 customers" in page("draft_figures", within.pk)
    for who, verdict in (("c1", "in: the line holds"), ("c5", "out: fails 1 of 1")):
        asked = admin_client_.post(url("why", segment.pk), {"who": who}, headers=HTMX)
        assert f"{who} is {verdict}" in text(asked)


def text(answer):
    """As it reads: without markup, blanks folded."""
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())
