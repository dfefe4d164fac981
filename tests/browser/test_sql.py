"""Writing a segment in SQL, by someone who was given the right."""

import re

from playwright.sync_api import expect

from tests.browser import shop


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
