"""Writing a segment in SQL, by someone who was given the right."""

import re

from playwright.sync_api import expect

from tests.browser import shop
from tests.segments.factories import SegmentFactory


def test_sql_is_written_counted_and_activated(
    at_work, live_muster, marketer, warehouse, complaints
):
    warehouse(shop.tables())
    marketer.writes_sql = True
    marketer.save()
    page = at_work
    page.goto(f"{live_muster.url}/segments/")
    page.get_by_role("link", name="Create SQL segment").click()
    field = page.get_by_label("SQL", exact=True)
    field.press_sequentially("SELECT ")
    page.get_by_role("button", name="customer_id", exact=True).first.click()
    expect(field).to_be_focused()
    field.press_sequentially("\nFROM customer_36")
    expect(page.get_by_text("Line 2, column 6: There is no table")).to_be_visible(timeout=30_000)
    expect(field).to_have_value("SELECT customer_id\nFROM customer_36")
    field.press_sequentially("0")
    numbers = page.get_by_role("region", name="Numbers")
    expect(numbers).to_contain_text(re.compile(r"Customers\s*[\d,]+"), timeout=30_000)
    page.get_by_role("textbox", name="Name").fill("Everyone by SQL")
    expect(page.get_by_role("heading", level=1)).to_have_text("Everyone by SQL")
    page.get_by_role("button", name="Activate").click()
    page.get_by_role("dialog").get_by_role("button", name="Activate").click()
    page.wait_for_url(re.compile(r"/segments/\d+/$"), timeout=30_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("Everyone by SQL")
    assert complaints == []


def test_what_two_windows_write_waits_in_the_field_until_one_is_chosen(
    at_work, live_muster, marketer, warehouse
):
    warehouse(shop.tables())
    marketer.writes_sql = True
    marketer.save()
    segment = SegmentFactory(name="By id", rule=None, draft={"sql": "SELECT 'c1' AS id"})
    page, other = at_work, at_work.context.new_page()
    for each in (page, other):
        each.goto(f"{live_muster.url}/segments/{segment.pk}/edit/sql/")
    field, others = (each.get_by_label("SQL", exact=True) for each in (page, other))
    field.fill("SELECT 'c2' AS id")
    expect(page.get_by_role("button", name="Undo")).not_to_have_attribute("aria-disabled", "true")
    others.fill("SELECT 'c3' AS id")
    clash = other.get_by_role("alert").filter(has_text="You have changed the SQL meanwhile.")
    expect(clash).to_contain_text("SELECT 'c2' AS id")
    other.get_by_role("textbox", name="Name").fill("By its id")
    expect(other.get_by_role("heading", level=1)).to_have_text("By its id")
    expect(clash).to_be_visible()
    expect(others).to_have_value("SELECT 'c3' AS id")
    other.get_by_role("button", name="Use mine").click()
    expect(clash).to_have_count(0)
    expect(others).to_have_value("SELECT 'c3' AS id")
    field.fill("SELECT 'c4' AS id")
    page.get_by_role("button", name="Use hers").click()
    expect(field).to_have_value("SELECT 'c3' AS id")
    page.get_by_role("button", name="Undo").click()
    expect(field).to_have_value("SELECT 'c2' AS id")
    segment.refresh_from_db()
    assert (segment.name, segment.draft) == ("By its id", {"sql": "SELECT 'c2' AS id"})


def test_lines_of_sql_are_commented_out_and_back(at_work, live_muster, marketer, warehouse):
    warehouse(shop.tables())
    marketer.writes_sql = True
    marketer.save()
    text = "SELECT customer_id\nFROM customer_360\nWHERE tier = 'Gold'"
    segment = SegmentFactory(name="Gold", rule=None, draft={"sql": text})
    page = at_work
    page.goto(f"{live_muster.url}/segments/{segment.pk}/edit/sql/")
    field = page.get_by_label("SQL", exact=True)
    field.press("Control+End")
    page.get_by_role("button", name="Comment").click()
    expect(field).to_have_value(text.replace("WHERE", "-- WHERE"))
    expect(page.get_by_role("button", name="Undo")).not_to_have_attribute("aria-disabled", "true")
    page.get_by_role("button", name="Comment").click()
    expect(field).to_have_value(text)
