"""lines_ratio: what each of ten lines costs, beside one plain count of their rule."""

from __future__ import annotations

from typing import Any

from benchmarks.count import by_hand, forget, plain_connection
from benchmarks.figure import Figure, agree, ratio, side_by_side
from segments import drafts
from segments.numbers import counting, lines

GOAL = 2.5
RULE: dict[str, Any] = {
    "all": [
        {"attribute": "customer_360.email_opt_in", "operator": "is_true"},
        {"attribute": "customer_360.birth_date", "operator": "is_before", "value": "2000-01-01"},
        {
            "any": [
                {
                    "attribute": "customer_360.household_income",
                    "operator": "is_in",
                    "value": ["50-74K", "75-99K"],
                },
                {"attribute": "customer_360.home_ownership", "operator": "is", "value": "Renter"},
                {"attribute": "customer_360.children", "operator": "is", "value": "0"},
            ]
        },
        {"attribute": "customer_360.marital_status", "operator": "is", "value": "Married"},
        {"attribute": "customer_360.household_size", "operator": "is", "value": "2"},
        {
            "none": [
                {"attribute": "customer_360.state", "operator": "is", "value": "TX"},
                {"attribute": "customer_360.sms_opt_in", "operator": "is_false"},
                {
                    "attribute": "customer_360.birth_date",
                    "operator": "is_before",
                    "value": "1950-01-01",
                },
            ]
        },
    ]
}
SQL = """
    SELECT count(*) FROM customer_360
    WHERE email_opt_in AND birth_date < DATE '2000-01-01'
        AND (household_income IN ('50-74K', '75-99K') OR home_ownership = 'Renter'
             OR children = '0')
        AND marital_status = 'Married' AND household_size = '2'
        AND NOT coalesce(state = 'TX' OR NOT sms_opt_in OR birth_date < DATE '1950-01-01', false)
"""


def measure(customers: int) -> Figure:
    return beside("lines_ratio", RULE, SQL, GOAL)


def beside(name: str, rule: dict[str, Any], sql: str, goal: float) -> Figure:
    """The figures of all lines as the editor asks for them, beside that count by hand."""
    connection = plain_connection()
    numbered = drafts.with_ids(rule)

    def ours() -> int:
        return lines.figures(numbered, counting.context()).reach.customers

    def plain() -> int:
        return by_hand(connection, sql)

    agree(ours(), plain())
    return ratio(name, *side_by_side(ours, plain, before=forget), goal)
