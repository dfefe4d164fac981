"""Rules read as sentences."""

import pytest

from segments.wording.sentence import sentence
from tests.segments.shop import table
from warehouse.catalogue import Catalogue, Column, JoinTo

CATALOGUE = Catalogue(
    {
        each.name: each
        for each in (
            table(
                "customer_360",
                Column("customer_id", "text", "customer_id"),
                Column("household_income", "text", label="Household income"),
                Column("score", "number"),
                Column("birth_date", "date", label="Birth date"),
                Column("sms_opt_in", "yes_no", label="SMS opt in"),
                customer="customer_id",
                one_per_customer=True,
            ),
            table(
                "orders",
                Column("order_id", "text"),
                Column("customer_id", "text", "customer_id"),
                Column("order_time", "time", "order_time"),
                Column("order_value", "number", "order_value", label="Order value"),
                Column("channel", "text"),
                customer="customer_id",
                key="order_id",
            ),
            table(
                "order_items",
                Column("order_id", "text"),
                Column("product_id", "text"),
                joins=(
                    JoinTo("order_id", "orders", "order_id"),
                    JoinTo("product_id", "products", "product_id"),
                ),
            ),
            table("products", Column("product_id", "text"), Column("category", "text", "category")),
            table(
                "campaign_recipients",
                Column("customer_id", "text", "customer_id"),
                Column("campaign", "text"),
                Column("treatment_group", "text"),
                Column("control", "yes_no"),
                Column("sent_at", "time", "order_time"),
                customer="customer_id",
            ),
            table(
                "visits",
                Column("customer_id", "text", "customer_id"),
                Column("at", "time", "order_time"),
                customer="customer_id",
            ),
        )
    },
    base="customer_360",
)
INCOME = {
    "attribute": "customer_360.household_income",
    "operator": "is_in",
    "value": ["50-74K", "75-99K"],
}
COFFEE = {"attribute": "products.category", "operator": "is", "value": "Coffee"}
BOUGHT = {
    "event": "orders",
    "where": COFFEE,
    "period": {"last": 90, "unit": "days"},
    "operator": "at_least",
    "value": 3,
}
GOLD = {"attribute": "customer_360.score", "operator": "greater_than", "value": 1000}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            {"all": [BOUGHT, INCOME, {"none": [{"segment": "Staff"}]}]},
            "Customers who bought Coffee at least 3 times in the last 90 days and have household "
            "income 50-74K or 75-99K, but not anyone in Staff.",
        ),
        ({"all": []}, "All customers."),
        ({"any": []}, "No customers."),
        (INCOME | {"operator": "is_not_in"}, "Customers who do not have household income "
         "50-74K or 75-99K."),
        (INCOME | {"operator": "is_blank", "value": None}, "Customers who have no household "
         "income."),
        (GOLD, "Customers who have score more than 1,000."),
        (
            {"all": [GOLD, {"any": [BOUGHT, INCOME]}]},
            "Customers who have score more than 1,000 and (bought Coffee at least 3 times in the "
            "last 90 days or have household income 50-74K or 75-99K).",
        ),
        (
            {"all": [GOLD, {"none": [INCOME, {"segment": "Staff"}]}, INCOME]},
            "Customers who have score more than 1,000 and do not (have household income 50-74K or "
            "75-99K or are in Staff) and have household income 50-74K or 75-99K.",
        ),
        ({"all": [GOLD, INCOME | {"off": True}]}, "Customers who have score more than 1,000."),
        ({"event": "orders", "operator": "is", "value": 0}, "Customers who did not buy anything."),
        (BOUGHT | {"operator": "is", "value": 0}, "Customers who did not buy Coffee in the last "
         "90 days."),
        ({"event": "visits"}, "Customers who have visits."),
        (
            {"event": "orders", "where": COFFEE, "measure": "total", "operator": "at_least",
             "value": 100, "period": {"from": "2026-01-01", "to": "2026-03-31"}},
            "Customers who have total value at least 100 of Coffee from 1 Jan 2026 to 31 Mar 2026.",
        ),
        ({"event": "orders", "which": "first", "period": {"last": 1, "unit": "months"}},
         "Customers who have their first order in the last 1 month."),
        (
            {"attribute": "customer_360.birth_date", "operator": "has_anniversary_in_next",
             "value": {"n": 7, "unit": "days"}},
            "Customers who have birth date with an anniversary in the next 7 days.",
        ),
        (
            {"attribute": "customer_360.birth_date", "operator": "is_before",
             "value": {"days_ago": 30}},
            "Customers who have birth date before 30 days ago.",
        ),
        (
            {"attribute": "customer_360.sms_opt_in", "operator": "is_true"},
            "Customers who have SMS opt in: yes.",
        ),
    ],
)  # fmt: skip
def test_a_rule_reads_as_a_sentence(rule, words):
    assert sentence(rule, CATALOGUE) == words


def test_a_long_list_is_told_by_its_first_values_and_its_size():
    rule = INCOME | {"value": [f"v{n}" for n in range(1205)]}
    assert sentence(rule, CATALOGUE).endswith("v0, v1, v2, v3, v4 or 1,200 more.")


AUTUMN = {"attribute": "campaign_recipients.campaign", "operator": "is_in", "value": ["Autumn"]}
GOT_IT = {"attribute": "campaign_recipients.control", "operator": "is_false"}
MONTH = {"n": 30, "unit": "days"}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "were in a campaign"),
        ({"where": AUTUMN, "operator": "is", "value": 0}, "were not in campaign Autumn"),
        (
            {"where": {"all": [AUTUMN, GOT_IT]}, "operator": "at_least", "value": 2},
            "were sent campaign Autumn at least 2 times",
        ),
        (
            {"where": GOT_IT, "measure": "last", "operator": "is_not_in_last", "value": MONTH},
            "were not last sent a campaign in the last 30 days",
        ),
        (
            {"where": AUTUMN, "period": {"last": 1, "unit": "years"}},
            "were in campaign Autumn in the last 1 year",
        ),
    ],
)
def test_what_muster_sent_reads_as_campaigns(asked, words):
    rule = {"event": "campaign_recipients", **asked}
    assert sentence({"all": [rule]}, CATALOGUE) == f"Customers who {words}."


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (
            {"event": "orders", "measure": "last", "operator": "is_in_last", "value": MONTH},
            "last bought anything in the last 30 days",
        ),
        (
            {
                "event": "orders",
                "where": COFFEE,
                "measure": "first",
                "operator": "is_not_in_last",
                "value": MONTH,
            },
            "did not first buy Coffee in the last 30 days",
        ),
        (
            {"event": "visits", "measure": "last", "operator": "is_before", "value": "2026-01-02"},
            "had their last visit before 2 Jan 2026",
        ),
    ],
)
def test_when_something_was_done_reads_as_people_say_it(asked, words):
    assert sentence({"all": [asked]}, CATALOGUE) == f"Customers who {words}."
