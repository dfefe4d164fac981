"""A small supermarket whose members can be found again in plain Python."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

CUSTOMERS = 240
INCOMES = ("35-49K", "50-74K", "75-99K", None)
NOW = datetime.now(UTC)


def tables() -> dict[str, list[dict[str, object]]]:
    """Customer n buys n % 7 times in 90 days, soft drinks at all but every fifth order; her
    income is one of four; every ninth has no phone."""
    orders, items = [], []
    for n in range(CUSTOMERS):
        for place in range(n % 7 + 1):
            old = place == n % 7  # one order lies outside of the window
            order = f"o{n:03}-{place}"
            days = 200 if old else 5 + 10 * place
            orders.append(
                {
                    "order_id": order,
                    "customer_id": customer(n),
                    "order_datetime": NOW - timedelta(days=days),
                    "amount": 10.5 + place,
                }
            )
            items.append({"item_id": f"i{order}", "order_id": order, "product_id": product(place)})
    return {
        "customer_360": [
            {"customer_id": customer(n), "household_income": INCOMES[n % 4]}
            for n in range(CUSTOMERS)
        ],
        "merged_customers": [
            {
                "customer_id": customer(n),
                "email": f"customer{n}@example.com",
                "phone": None if n % 9 == 0 else phone(n),
            }
            for n in range(CUSTOMERS)
        ],
        "orders": orders,
        "order_items": items,
        "products": [
            {"product_id": "p1", "product_name": "Cola", "category": "Soft drinks"},
            {"product_id": "p2", "product_name": "Bread", "category": "Bakery"},
        ],
    }


def customer(n: int) -> str:
    return f"c{n:03}"


def phone(n: int) -> str:
    return f"+1415{2_000_000 + n}"


def product(place: int) -> str:
    return "p2" if place == 4 else "p1"


def soft_drink_orders(n: int) -> int:
    """In the last 90 days."""
    return sum(product(place) == "p1" for place in range(n % 7))


def members(times: int, income: str) -> set[int]:
    """Bought soft drinks at least ``times`` times in 90 days, and has that income."""
    return {
        n for n in range(CUSTOMERS) if soft_drink_orders(n) >= times and INCOMES[n % 4] == income
    }
