"""What the catalogue makes of realistic tables, and whose word counts."""

from datetime import date, datetime, timedelta

import pyarrow as pa
import pytest
from django.core.management import call_command

from warehouse import catalogue, extra, survey
from warehouse.catalogue import CatalogueTable, Column, JoinTo
from warehouse.engines import engine
from warehouse.freshness import loaded_at
from warehouse.models import Attribute, Join, Semantic, Sync, Table

IDS = [f"C{n:03}" for n in range(40)]
START = datetime(2026, 1, 1)


def shop():
    orders = [(f"O{n}", IDS[n % 25]) for n in range(60)]
    lines = [(order, n % 2) for n, (order, _) in enumerate(orders) for _ in range(2)]
    return {
        "customer_360": {
            "customer_id": IDS,
            "household_income": ["50-74K"] * 40,
            "birth_date": [date(1980, 1, 1)] * 40,
            "email_opt_in": [True] * 40,
            "phone_orders": list(range(40)),
        },
        "merged_customers": {
            "customer_id": IDS,
            "given_name": ["Ann"] * 40,
            "surname": ["Lee"] * 40,
            "email": [f"c{n}@example.com" if n % 3 else "not an address" for n in range(40)],
            "mobile": [f"+1202555{n:04}" for n in range(40)],
            "reach_me_at": [f"(202) 555-{n:04}" for n in range(40)],
            "zip_code": ["90210"] * 40,
        },
        "orders": {
            "order_id": [order for order, _ in orders],
            "customer_id": [customer for _, customer in orders],
            "order_datetime": [START + timedelta(hours=n) for n in range(60)],
            "returned_at": [START] * 60,
            "order_value": [float(n) for n in range(60)],
            "is_returned": [False] * 60,
            "store_id": [f"S{n % 3}" for n in range(60)],
        },
        "order_items": {
            "order_id": [order for order, _ in lines],
            "product_id": [f"P{n}" for _, n in lines],
            "quantity": [1] * 120,
        },
        "products": {
            "product_id": ["P0", "P1", "P2"],
            "product_category": ["Coffee", "Coffee", "Tea"],
            "brand": ["x", "y", None],
        },
        "stores": {"id": ["S0", "S1", "S2", "S3"], "store_name": ["a", "b", "c", "d"]},
        "visits": {
            "buyer_id": IDS[:30],
            "seen": [START] * 30,
            "page": ["home"] * 30,
        },
    }


def meanings(table):
    found = catalogue.current().table(table)
    return {c.name: c.semantic for c in found.columns.values() if c.semantic}


def joins(table):
    return set(catalogue.current().table(table).joins)


def test_a_shop_is_understood(warehouse):
    warehouse(shop())
    assert meanings("customer_360") == {"customer_id": "customer_id", "birth_date": "birth_date"}
    assert meanings("merged_customers") == {
        "customer_id": "customer_id",
        "given_name": "given_name",
        "surname": "surname",
        "email": "email",
        "mobile": "phone",
        "reach_me_at": "phone",
        "zip_code": "postal_code",
    }
    assert meanings("orders") == {
        "order_id": "order_id",
        "customer_id": "customer_id",
        "order_datetime": "order_time",
        "order_value": "order_value",
        "is_returned": "returned",
        "store_id": "store",
    }
    assert meanings("order_items") == {
        "order_id": "order_id",
        "product_id": "product_id",
        "quantity": "quantity",
    }
    assert meanings("products") == {
        "product_id": "product_id",
        "product_category": "category",
        "brand": "brand",
    }
    assert meanings("visits") == {"buyer_id": "customer_id", "seen": "order_time"}


def test_keys_and_rows_a_customer_are_read_from_the_values(warehouse):
    warehouse(shop())
    found = catalogue.current()
    assert found.base == "customer_360"
    assert {
        name: (t.key, t.customer, t.one_per_customer)
        for name, t in found.tables.items()
        if name != "campaign_recipients"
    } == {
        "customer_360": ("customer_id", "customer_id", True),
        "merged_customers": ("customer_id", "customer_id", True),
        "orders": ("order_id", "customer_id", False),
        "order_items": ("", "", False),
        "products": ("product_id", "", False),
        "stores": ("id", "", False),
        "visits": ("", "buyer_id", False),
    }


def test_joins_lead_to_the_rows_that_the_values_name(warehouse):
    warehouse(shop())
    assert joins("order_items") == {
        JoinTo("order_id", "orders", "order_id"),
        JoinTo("product_id", "products", "product_id"),
    }
    assert joins("orders") == {JoinTo("store_id", "stores", "id")}
    assert joins("customer_360") == joins("products") == set()


def test_a_name_whose_values_lead_nowhere_is_no_join(warehouse):
    tables = shop()
    tables["orders"]["store_id"] = [f"X{n % 3}" for n in range(60)]
    warehouse(tables)
    assert joins("orders") == set()


def test_a_small_table_of_orders_is_one_of_events(warehouse):
    warehouse(
        {
            "customer_360": {"customer_id": ["a", "b"]},
            "orders": {"order_id": ["1", "2"], "customer_id": ["a", "b"]},
        }
    )
    assert not catalogue.current().table("orders").one_per_customer


def test_a_column_named_email_without_addresses_is_none(warehouse):
    warehouse({"merged_customers": {"customer_id": ["a", "b"], "email": ["yes", "no"]}})
    assert meanings("merged_customers") == {"customer_id": "customer_id"}


def test_labels_read_like_words(warehouse):
    warehouse({"customer_360": {"customer_id": ["a"], "smsOptIn": [True]}})
    found = catalogue.current().table("customer_360")
    assert [found.label, *(column.label for column in found.columns.values())] == [
        "Customer 360",
        "Customer id",
        "SMS opt in",
    ]


def test_fill_and_facts_are_counted(warehouse):
    warehouse({"customer_360": {"customer_id": ["a", "b", "c"], "tier": ["Gold", " ", None]}})
    found = catalogue.current().table("customer_360")
    assert found.rows == 3
    assert found.column("tier").filled == 1
    known = {"filled", "unique", "trimmed", "lower", "in customer_360.customer_id"}
    assert found.column("customer_id").facts == known
    assert found.column("tier").facts == set()


@pytest.mark.parametrize("at_once", [1, 3, survey.AT_ONCE])
def test_ids_are_told_apart_a_few_at_a_time(warehouse, monkeypatch, at_once):
    """A key is never alike in two rows, wherever these stand; blanks are no values."""
    monkeypatch.setattr(survey, "AT_ONCE", at_once)
    ids = [f"o{n}" for n in range(12)]
    columns = {
        "order_id": ids,
        "customer_id": [*ids[:11], "o4"],
        "store_id": [*ids[:10], " ", " "],
        "number_id": [*range(11), 3],
    }
    found = {
        column.name: column.differ
        for table in survey.survey(warehouse({"orders": columns}), {})
        for column in table.columns
    }
    assert found == {"order_id": True, "customer_id": False, "store_id": True, "number_id": False}


def test_events_of_customers_that_nobody_knows_are_noticed(warehouse):
    known, strangers = ({"id": [1, 2, 3], "customer_id": ["a", *more]} for more in
                        (["a", None], ["a", "zz"]))  # fmt: skip
    warehouse({"customer_360": {"customer_id": ["a", "b"]}, "visits": known, "reviews": strangers})
    found = catalogue.current()
    fact = catalogue.within("customer_360", "customer_id")
    assert fact in found.table("visits").column("customer_id").facts
    assert fact not in found.table("reviews").column("customer_id").facts


def test_the_catalogue_is_made_anew_only_when_something_changed(warehouse):
    warehouse({"customer_360": {"customer_id": ["a"], "tier": ["Gold"]}})
    before = catalogue.current()
    assert catalogue.current() is before
    Attribute.objects.filter(name="tier").update(label="Level")
    assert catalogue.current().table("customer_360").column("tier").label == "Level"


def test_facts_are_not_told_of_data_that_came_after(warehouse):
    warehouse({"customer_360": {"customer_id": ["a"]}})
    Sync.objects.update(data_version="an older one")
    assert catalogue.current().table("customer_360").column("customer_id").facts == set()


def test_what_an_admin_corrected_stays(warehouse):
    warehouse(shop())
    orders = Table.objects.get(name="orders")
    Table.objects.filter(pk=orders.pk).update(label="Purchases", key="", corrected=True)
    Attribute.objects.filter(table=orders, name="returned_at").update(
        semantic=Semantic.ORDER_TIME, corrected=True
    )
    Join.objects.filter(table=orders).update(to_column="store_name", corrected=True)
    call_command("sync_catalogue")
    found = catalogue.current().table("orders")
    assert (found.label, found.key) == ("Purchases", "")
    assert found.column("returned_at").semantic == "order_time"
    assert found.joins == (JoinTo("store_id", "stores", "store_name"),)


def test_what_is_gone_is_marked_and_comes_back_with_its_corrections(warehouse):
    warehouse(shop())
    Attribute.objects.filter(name="brand").update(label="Maker", corrected=True)
    warehouse({"customer_360": {"customer_id": IDS}}, gone=["products"])
    found = catalogue.current()
    assert found.table("products") is None
    assert found.table("customer_360").column("household_income") is None
    assert JoinTo("product_id", "products", "product_id") not in joins("order_items")
    warehouse({"products": shop()["products"]})
    assert catalogue.current().table("products").column("brand").label == "Maker"


def test_the_admin_can_name_the_table_of_everyone(warehouse):
    warehouse(shop())
    Sync.objects.update(base_table="merged_customers")
    call_command("sync_catalogue")
    assert catalogue.current().base == "merged_customers"


def test_reading_the_catalogue_takes_four_queries(warehouse, django_assert_num_queries):
    warehouse(shop())
    with django_assert_num_queries(4):
        catalogue.current()


def test_an_empty_warehouse_has_an_empty_catalogue(warehouse):
    warehouse({})
    assert engine().describe() == []
    assert [n for n in catalogue.current().tables if n != "campaign_recipients"] == []


def test_a_table_that_muster_adds_is_part_of_the_catalogue(warehouse, monkeypatch):
    monkeypatch.setattr(extra, "_registered", {})
    warehouse({"customer_360": {"customer_id": ["a"]}, "Sent": {"x": [1]}})
    table = CatalogueTable("sent", {"customer_id": Column("customer_id", "text")}, "customer_id")
    extra.register("sent", table, lambda: pa.table({"customer_id": ["a"]}))
    assert set(catalogue.current().tables) == {"customer_360", "sent"}
    assert extra.relation("sent").num_rows == 1
    assert extra.relation("other") is None


def test_a_database_of_its_own_is_understood_alike(warehouse, postgres_warehouse):
    postgres_warehouse(shop())
    theirs = catalogue.current()
    warehouse(shop())
    ours = catalogue.current()
    for name, table in ours.tables.items():
        other = theirs.table(name)
        assert (other.key, other.customer, other.one_per_customer, set(other.joins)) == (
            table.key,
            table.customer,
            table.one_per_customer,
            set(table.joins),
        )
        assert {c.name: (c.type, c.semantic, c.filled) for c in other.columns.values()} == {
            c.name: (c.type, c.semantic, c.filled) for c in table.columns.values()
        }


def test_the_data_is_as_old_as_its_load(warehouse):
    assert loaded_at() is None
    warehouse({"customer_360": {"customer_id": ["a"]}})
    first = loaded_at()
    call_command("sync_catalogue")
    assert loaded_at() == first
