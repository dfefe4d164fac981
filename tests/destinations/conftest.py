import pytest


@pytest.fixture
def customers(warehouse):
    """Two tables with one row a customer, and orders; some contact data missing or wrong."""
    ids = ["1", "2", "3", "4", "5"]
    return warehouse(
        {
            "customer_360": {
                "customer_id": ids,
                "loyalty_tier": ["Gold", "Gold", None, "Silver", "Silver"],
                "phone": ["(202) 555-0143", None, None, None, None],
                "age": [30, 40, 50, 60, 70],
            },
            "merged_customers": {
                "customer_id": ids,
                "email": ["a@example.com", "b@example.com", " ", None, "c@example.com"],
                "phone": ["+12025550143", "(202) 555-0144", "12345", "", None],
            },
            "orders": {
                "order_id": ["a", "b", "c"],
                "customer_id": ["1", "1", "2"],
                "amount": [1.0, 2.0, 3.0],
            },
        }
    )
