import pytest

from destinations import contents
from destinations.contents import Content
from warehouse import catalogue as catalogues

PHONE, EMAIL = "merged_customers.phone", "merged_customers.email"


def held(*sources):
    return contents.contents(sources, catalogues.current())


def test_a_column_is_counted_over_every_row_as_both_kinds_and_shown_masked(customers):
    assert held(PHONE, EMAIL) == {
        PHONE: Content(5, 3, 2, 0, "+1 *** 0143", ""),
        EMAIL: Content(5, 3, 0, 3, "", "a***@ex..."),
    }


def test_postgresql_counts_the_same(postgres_warehouse):
    rows = {
        "customer_id": ["1", "2", "3"],
        'we"ird': ["+12025550143", " ", None],
        "phone": [2025550143, 12, None],
    }
    postgres_warehouse({"merged_customers": rows})
    found = held('merged_customers.we"ird', PHONE)
    assert found['merged_customers.we"ird'] == Content(3, 1, 1, 0, "+1 *** 0143")
    assert found[PHONE] == Content(3, 2, 1, 0, "+1 *** 0143")


def test_what_has_no_text_with_one_row_a_customer_is_left_out(customers):
    assert held("merged_customers.gone", "orders.order_id", "") == {}


def test_a_count_follows_the_data(customers, warehouse):
    held(PHONE)
    rows = {"customer_id": ["1"], "email": ["a@example.com"], "phone": ["+12025550143"]}
    warehouse({"merged_customers": rows})
    assert held(PHONE) == {PHONE: Content(1, 1, 1, 0, "+1 *** 0143", "")}


@pytest.mark.parametrize(
    ("content", "misfit", "warning"),
    [
        (Content(100, 100, 80, 0), "", ""),
        (Content(100, 100, 79, 0), "", "Only 79% of phone are valid phones."),
        (Content(100, 0, 0, 0), "", "phone is empty: nobody would be sent."),
        (
            Content(100, 100, 30, 50),
            "50% of phone are emails. Choose it for email, or another column for phone.",
            "Only 30% of phone are valid phones.",
        ),
        (
            Content(100, 100, 9, 0),
            "Only 9% of phone are phones. Choose another column.",
            "Only 9% of phone are valid phones.",
        ),
    ],
)
def test_what_values_say_of_a_column_for_phones(content, misfit, warning):
    assert contents.misfit(PHONE, "phone", content) == misfit
    assert contents.warning(PHONE, "phone", content) == warning


def test_a_source_that_cannot_be_sent_is_refused(customers):
    tables = catalogues.current()
    assert contents.refusal("phone", PHONE, tables) == ""
    assert contents.refusal("phone", EMAIL, tables).startswith("100% of email are emails.")
    assert contents.refusal("email", "", tables) == "Choose the source of the email."
    assert "many rows a customer" in contents.refusal("phone", "orders.order_id", tables)


def test_a_sample_does_not_tell_who_it_is():
    assert contents.masked("jane.doe@example.com") == "j***@ex..."
    assert contents.masked("+442071838750") == "+44 *** 8750"
