from warehouse.models import Join


def guessed():
    return {
        (join.table.name, join.column, join.to_table.name)
        for join in Join.objects.select_related("table", "to_table")
    }


def test_small_numbers_of_stores_are_not_taken_for_those_of_products(warehouse):
    numbers = [str(number) for number in range(1, 61)]
    warehouse(
        {
            "customer_360": {
                "customer_id": [f"c{number}" for number in numbers],
                "preferred_store_id": numbers,
            },
            "orders": {
                "order_id": [f"o{number}" for number in numbers],
                "customer_id": [f"c{number}" for number in numbers],
                "store_id": numbers,
            },
            "products": {"product_id": [str(number) for number in range(1, 200)]},
            "stores": {"store_id": numbers, "store_name": [f"Store {each}" for each in numbers]},
        }
    )
    assert guessed() == {
        ("customer_360", "preferred_store_id", "stores"),
        ("orders", "store_id", "stores"),
    }
