from destinations import shares, sources
from warehouse import catalogue as catalogues
from warehouse.catalogue import Catalogue


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


def test_what_is_wrong_with_a_source_is_said(customers):
    catalogue = catalogues.current()
    assert sources.fault("phone", "MERGED_customers.Phone", catalogue) == ""
    assert "no table contacts" in sources.fault("phone", "contacts.phone", catalogue)
    assert "Did you mean phone?" in sources.fault("phone", "merged_customers.phne", catalogue)
    assert "one row a customer" in sources.fault("phone", "orders.amount", catalogue)
    assert "holds emails" in sources.fault("phone", "merged_customers.email", catalogue)


def test_shares_are_counted_over_every_row(customers):
    found = shares.shares("merged_customers.phone", "phone")
    assert (found.rows, found.filled, found.valid) == (5, 3, 2)
    assert found.sample == "+1 *** 0143"
    assert shares.shares("merged_customers.email", "email").filled == 3
    assert shares.shares("merged_customers.nothing", "email") is None


def test_shares_follow_the_data(customers, warehouse):
    shares.shares("merged_customers.phone", "phone")
    rows = {"customer_id": ["1"], "email": ["a@example.com"], "phone": ["+12025550143"]}
    warehouse({"merged_customers": rows})
    found = shares.shares("merged_customers.phone", "phone")
    assert (found.filled_share, found.valid_share) == (1.0, 1.0)


def test_a_sample_does_not_tell_who_it_is():
    assert shares.masked("jane.doe@example.com") == "j***@ex***"
    assert shares.masked("+442071838750") == "+4 *** 8750"
    assert shares.masked("") == ""
