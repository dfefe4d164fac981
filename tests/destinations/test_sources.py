from destinations import sources
from warehouse import catalogue as catalogues
from warehouse.catalogue import Catalogue, CatalogueTable, Column
from warehouse.models import Attribute


def test_the_contact_data_of_merged_customers_is_suggested(customers):
    catalogue = catalogues.current()
    assert sources.suggested("phone", catalogue) == "merged_customers.phone"
    assert sources.suggested("email", catalogue) == "merged_customers.email"


def test_nothing_is_suggested_without_tables():
    assert sources.suggested("phone", Catalogue()) == ""


def test_what_means_it_comes_first_and_only_customers_have_it(customers):
    found = [each.value for each in sources.choices("phone", catalogues.current())]
    assert found[:2] == ["merged_customers.phone", "customer_360.phone"]
    assert "customer_360.loyalty_tier" in found
    assert not [each for each in found if each.startswith("orders.") or "customer_id" in each]
    assert "customer_360.age" not in found


def test_digits_that_are_a_number_can_be_a_phone(warehouse):
    warehouse({"customer_360": {"customer_id": ["1"], "phone": [2025550143]}})
    Attribute.objects.filter(name="phone").update(semantic="phone")
    catalogue = catalogues.current()
    assert sources.suggested("phone", catalogue) == "customer_360.phone"
    assert sources.fault("phone", "customer_360.phone", catalogue) == ""


def test_a_chosen_source_that_is_gone_is_still_an_option(customers):
    catalogue = catalogues.current()
    assert sources.table_of("old.phone", catalogue) == "old"
    gone, *rest = sources.tables("phone", "old", catalogue)
    assert gone == {"value": "old", "text": "old", "selected": True, "gone": True}
    assert not any(option["selected"] for option in rest)
    nothing, gone = sources.attributes("phone", "old", "old.phone", catalogue)
    assert (nothing["selected"], gone["value"], gone["gone"]) == (False, "old.phone", True)


def test_a_table_offers_its_own_columns_and_the_one_that_means_it(customers):
    catalogue = catalogues.current()
    assert sources.table_of("", catalogue) == "merged_customers"
    offered = [each["value"] for each in sources.attributes("phone", "customer_360", "", catalogue)]
    assert offered[:2] == ["", "customer_360.phone"]
    assert not [each for each in offered if each.startswith("merged_customers")]
    assert sources.in_table("phone", "Customer_360", catalogue) == "customer_360.phone"
    assert sources.in_table("email", "nowhere", catalogue) == ""


def test_what_is_wrong_with_a_source_is_said(customers):
    catalogue = catalogues.current()
    assert sources.fault("phone", "MERGED_customers.Phone", catalogue) == ""
    assert 'no table "contacts"' in sources.fault("phone", "contacts.phone", catalogue)
    assert 'Did you mean "phone"?' in sources.fault("phone", "merged_customers.phne", catalogue)
    assert "many rows a customer" in sources.fault("phone", "orders.amount", catalogue)
    assert "age is not text" in sources.fault("phone", "customer_360.age", catalogue)
    assert "holds emails" in sources.fault("phone", "merged_customers.email", catalogue)


def test_names_that_hold_dots_are_sources_too():
    columns = {"home.phone": Column("home.phone", "text", "phone")}
    table = CatalogueTable("crm.people", columns, customer="id", one_per_customer=True)
    assert sources.fault("phone", "crm.people.home.phone", Catalogue({"crm.people": table})) == ""
