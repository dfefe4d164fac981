"""The demo's tables: what they hold, and that the same seed makes them again."""

from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import phonenumbers
import pytest
from django.core.management import CommandError, call_command

from warehouse.demo import journey, synthetic
from warehouse.engines import engine
from warehouse.query import Query

TODAY = date(2026, 11, 24)
TABLES = {
    "campaign_history",
    "customer_360",
    "merged_customers",
    "order_items",
    "orders",
    "products",
    "stores",
}


class Files:
    """A folder of Parquet files, asked in SQL: a table is its file's name."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.connection = duckdb.connect()
        for file in folder.iterdir():
            self.connection.execute(f"CREATE VIEW {file.stem} AS FROM '{file}'")

    def __call__(self, question: str) -> list[tuple]:
        return self.connection.execute(question).fetchall()

    def rows(self, table: str) -> list[tuple]:
        return sorted(self(f"FROM {table}"), key=repr)

    def schema(self, table: str) -> list[tuple]:
        return [row[:2] for row in self(f"DESCRIBE {table}")]


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Files:
    folder = tmp_path_factory.mktemp("shop")
    list(journey.write(folder, 2017, TODAY))
    return Files(folder)


def brand(folder: Path, seed: int = 7, customers: int = 2000) -> Files:
    folder.mkdir()
    list(synthetic.write(folder, customers, seed, TODAY))
    return Files(folder)


@pytest.fixture(scope="module")
def made_up(tmp_path_factory) -> Files:
    return brand(tmp_path_factory.mktemp("brands") / "one")


def test_the_shop_has_all_households_and_purchases_of_the_source(shop):
    assert shop("SELECT count(*) FROM customer_360") == [(2469,)]
    assert shop("SELECT count(*) FROM order_items") == [(1_469_307,)]
    assert shop("SELECT count(*) FROM products") == [(92_331,)]
    assert shop("SELECT max(quantity) FROM order_items") == [(144,)]  # fuel is not its gallons
    assert shop("SELECT count(*) FROM customer_360 WHERE household_income IS NOT NULL") == [(801,)]
    assert shop("SELECT count(*) FROM customer_360 WHERE household_income = '50-74K'") == [(192,)]


@pytest.mark.parametrize("name", ["shop", "made_up"])
def test_the_data_is_a_year_that_ends_yesterday(name, request):
    data = request.getfixturevalue(name)
    ((first, last),) = data("SELECT min(order_datetime), max(order_datetime) FROM orders")
    assert last.date() == TODAY - timedelta(days=1)
    assert first.date() == TODAY - timedelta(days=365)
    assert data(f"SELECT count(*) FROM campaign_history WHERE sent_at >= DATE '{TODAY}'") == [(0,)]


@pytest.mark.parametrize("name", ["shop", "made_up"])
def test_orders_add_up_and_every_key_leads_somewhere(name, request):
    data = request.getfixturevalue(name)
    assert data("SELECT sum(order_value) FROM orders") == data(
        "SELECT sum(amount) FROM order_items"
    )
    assert data("SELECT sum(lifetime_value) FROM customer_360") == data(
        "SELECT sum(order_value) FROM orders"
    )
    for table, key, other in [
        ("order_items", "order_id", "orders"),
        ("orders", "customer_id", "customer_360"),
        ("orders", "store_id", "stores"),
        ("campaign_history", "customer_id", "merged_customers"),
    ]:
        lost = data(f"SELECT count(*) FROM {table} ANTI JOIN {other} USING ({key})")
        assert lost == [(0,)], f"{table}.{key}"


def test_what_was_bought_is_known_but_for_a_few_products_that_the_source_lacks(shop, made_up):
    orphans = "SELECT count(*) FROM order_items ANTI JOIN products USING (product_id)"
    assert made_up(orphans) == [(0,)]
    assert shop(orphans)[0][0] < 5000
    assert shop(
        "SELECT count(DISTINCT customer_id) FROM order_items JOIN products USING (product_id) "
        "WHERE category = 'Soft drinks'"
    ) == [(2263,)]


def test_contact_data_is_as_in_life(shop):
    ((people, phones, emails),) = shop(
        "SELECT count(*), count(phone), count(email) FROM merged_customers"
    )
    assert 0.85 < phones / people < 0.95
    assert 0.90 < emails / people < 0.97
    for contact in ("phone", "email"):
        shared = shop(
            f"SELECT {contact} FROM merged_customers WHERE {contact} IS NOT NULL "
            f"GROUP BY 1 HAVING count(*) > 1"
        )
        assert len(shared) > 10, contact


def test_nobody_real_is_reached_by_the_shops_contact_data(shop):
    valid = 0
    for (phone,) in shop("SELECT DISTINCT phone FROM merged_customers WHERE phone IS NOT NULL"):
        try:
            number = phonenumbers.parse(phone, "US")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            valid += 1
            assert 5_550_100 <= number.national_number % 10_000_000 <= 5_550_199, phone
    assert valid > 2000
    addresses = shop("SELECT email FROM merged_customers WHERE email LIKE '%@%.%'")
    assert all(email.endswith(("@example.com", ".example.com")) for (email,) in addresses)


def test_a_made_up_brand_has_the_shops_tables_and_columns(shop, made_up):
    assert {file.stem for file in made_up.folder.iterdir()} == TABLES
    for table in TABLES:
        assert made_up.schema(table) == shop.schema(table), table


def test_a_made_up_brands_phones_are_valid_and_of_any_exchange(made_up):
    numbers = [
        phonenumbers.parse(phone, "US")
        for (phone,) in made_up("SELECT phone FROM merged_customers WHERE length(phone) > 8")
    ]
    assert all(phonenumbers.is_valid_number(number) for number in numbers)
    assert len({number.national_number // 10_000 for number in numbers}) > 1000


def test_a_seed_makes_the_same_brand_and_another_seed_another(made_up, tmp_path):
    again, other = brand(tmp_path / "again"), brand(tmp_path / "other", seed=8)
    for table in sorted(TABLES - {"stores"}):
        assert again.rows(table) == made_up.rows(table), table
        assert other.rows(table) != made_up.rows(table), table


def test_the_shops_contacts_follow_from_the_seed():
    from warehouse.demo.contacts import contacts

    people = [(n, "25-34" if n % 3 else None) for n in range(1, 300)]
    assert contacts(people, 1, TODAY) == contacts(people, 1, TODAY)
    assert contacts(people, 1, TODAY) != contacts(people, 2, TODAY)


@pytest.mark.django_db
def test_load_demo_fills_the_warehouse_and_says_where_such_a_brand_may_go(warehouse, capsys):
    call_command("load_demo", customers=500, seed=3)
    said = capsys.readouterr().out
    assert "only at a loopback address" in said
    assert {table.name for table in engine().describe()} == TABLES
    assert engine().fetch(Query("SELECT count(*) FROM customer_360", {})) == [(500,)]
    (last,) = engine().fetch(Query("SELECT max(order_datetime) FROM orders", {}))[0]
    assert last.date() == datetime.now().date() - timedelta(days=1)


@pytest.mark.parametrize("size", ["0", "100_000_001", "many"])
def test_load_demo_refuses_a_size_that_it_cannot_make(size):
    with pytest.raises(CommandError, match="customers"):
        call_command("load_demo", f"--customers={size}")
