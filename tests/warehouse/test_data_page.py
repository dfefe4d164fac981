"""What the tables hold, on a page: at once, and without telling who anybody is."""

import re

import pytest
from django.urls import reverse

from accounts.models import User
from tests.fixtures.people import logged_in
from warehouse.engines.duckdb import DuckDBEngine

HTMX = {"HX-Request": "true"}


@pytest.fixture
def brand(warehouse):
    warehouse(
        {
            "customer_360": [
                {"customer_id": f"c{n}", "tier": "Gold" if n < 3 else None} for n in range(4)
            ],
            "merged_customers": [
                {"customer_id": f"c{n}", "email": f"ann{n}@example.com"} for n in range(4)
            ],
            "products": [{"product_id": "p1", "product_name": "Coffee"}],
        }
    )


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_page_names_the_tables_and_asks_the_warehouse_nothing(
    brand, viewer_client, monkeypatch
):
    monkeypatch.delattr(DuckDBEngine, "fetch")
    page = text(viewer_client.get(reverse("warehouse:data")))
    assert re.search(r"customer_360 One row a customer; all customers.* 4 rows, 2 columns", page)
    assert page.index("customer_360") < page.index("merged_customers") < page.index("products")


def test_columns_come_with_what_is_known_of_them(brand, viewer_client):
    url = reverse("warehouse:columns")
    tiers = text(viewer_client.get(url, {"table": "customer_360"}, headers=HTMX))
    assert re.search(r"tier Text - 75(\.0)?% Gold", tiers)
    assert re.search(r"customer_id Text Customer id all different 100(\.0)?%", tiers)
    emails = text(viewer_client.get(url, {"table": "Merged_Customers"}, headers=HTMX))
    assert "a***@ex..." in emails
    assert "@example.com" not in emails


def test_a_few_rows_are_shown_with_contacts_masked(brand, viewer, viewer_client):
    columns = viewer_client.get(
        reverse("warehouse:columns"), {"table": "merged_customers"}, headers=HTMX
    ).text
    address = f"{reverse('warehouse:rows')}?table=merged_customers"
    assert f'hx-get="{address}"' in columns
    shown = text(viewer_client.get(address, headers=HTMX))
    assert re.search(r"customer_id email c\d a\*\*\*@ex\.\.\.", shown)
    assert "@example.com" not in shown
    User.objects.filter(pk=viewer.pk).update(sees_contacts=True)
    assert "ann1@example.com" in text(logged_in(viewer).get(address, headers=HTMX))


def test_a_table_can_be_opened_by_its_address(brand, viewer_client):
    page = viewer_client.get(reverse("warehouse:data"), {"table": "products"}).text
    opened = re.findall(r'<details id="[^"]+" open>.*?<code>(\w+)</code>', page, re.S)
    assert opened == ["products"]


def test_a_table_that_is_not_there_is_told(brand, viewer_client):
    asked = viewer_client.get(reverse("warehouse:columns"), {"table": "orders"}, headers=HTMX)
    assert asked.status_code == 404


def test_before_any_data_the_page_says_what_it_is_for(db, viewer_client):
    assert "No customer data yet" in text(viewer_client.get(reverse("warehouse:data")))
