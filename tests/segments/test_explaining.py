"""Why a customer is in or out, against counts of that line for that one customer."""

import random
from datetime import UTC, datetime

import pytest

from segments import drafts
from segments.numbers import counting, customers, explaining, finding
from tests.segments.factories import SegmentFactory

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
TIERS = ("Gold", "Silver", "Bronze", None)
COFFEE = {"attribute": "orders.category", "operator": "is", "value": "Coffee"}
LEAVES = (
    {"attribute": "customer_360.tier", "operator": "is", "value": "Gold"},
    {"attribute": "customer_360.tier", "operator": "is_not_in", "value": ["Gold", "Silver"]},
    {"attribute": "customer_360.spent", "operator": "at_least", "value": 30},
    {"attribute": "customer_360.joined", "operator": "is_before", "value": "2026-03-01"},
    {"attribute": "merged_customers.phone", "operator": "is_blank"},
    {"attribute": "merged_customers.email", "operator": "does_not_contain", "value": "7"},
    {"event": "orders", "where": COFFEE, "operator": "at_least", "value": 2},
    {"event": "orders", "period": {"last": 90, "unit": "days"}, "operator": "is", "value": 0},
    {"event": "orders", "measure": "total", "operator": "greater_than", "value": 40},
    {
        "event": "orders",
        "measure": "last",
        "operator": "is_in_last",
        "value": {"n": 1, "unit": "months"},
    },
    {
        "event": "orders",
        "measure": "most_frequent",
        "of": "orders.category",
        "operator": "is",
        "value": "Tea",
    },
    {"segment": "Staff"},
)


@pytest.fixture(autouse=True)
def shop(warehouse):
    people = range(14)
    engine = warehouse(
        {
            "customer_360": [
                {
                    "customer_id": f"c{n:02}",
                    "tier": TIERS[n % 4],
                    "spent": None if n % 5 == 0 else n * 5.5,
                    "joined": datetime(2026, n % 9 + 1, 3),
                    "birth_date": datetime(1990, 5, n + 1).date(),
                }
                for n in people
            ],
            "merged_customers": [
                {
                    "customer_id": f"c{n:02}",
                    "email": None if n % 7 == 0 else f"P{n % 9}@Example.com ",
                    "phone": None if n % 3 == 0 else f"+120255501{n:02}",
                }
                for n in people
            ],
            "orders": [
                {
                    "order_id": f"o{n}-{k}",
                    "customer_id": f"c{n:02}",
                    "order_time": datetime(2026, 11 - k * 2, 11, 9),
                    "order_value": 12.5,
                    "category": "Coffee" if (n + k) % 2 else "Tea",
                }
                for n in people
                for k in range(n % 5)
            ],
        }
    )
    SegmentFactory(
        name="Staff",
        rule={"attribute": "customer_360.spent", "operator": "is_in", "value": [5.5, 38.5]},
    )
    return engine


def rule(chance: random.Random, depth: int = 3) -> dict:
    if not depth or chance.random() < 0.4:
        node = dict(chance.choice(LEAVES))
    else:
        word = chance.choice(["all", "any", "none"])
        node = {word: [rule(chance, depth - 1) for _ in range(chance.randint(1, 4))]}
    return node | ({"off": True} if chance.random() < 0.15 else {})


def of_one(node: dict, customer: str, context) -> bool:
    """Whether a count of the node, for that customer alone, finds one."""
    herself = {
        "attribute": "customer_360.customer_id",
        "operator": "is",
        "value": customer,
        "ignore_case": False,
    }
    return counting.count({"all": [herself, {**node, "off": False}]}, context) == 1


def every_line(line):
    yield line
    for each in line.lines:
        yield from every_line(each)


def explained(root, customer, **more):
    found = explaining.explain(root, customer, counting.context(NOW), **more)
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(4))
def test_each_line_answers_as_a_count_of_it_for_that_customer(seed):
    chance = random.Random(seed)
    root = drafts.with_ids({"all": [rule(chance) for _ in range(3)]})
    nodes = {node["id"]: node for node in drafts.walk(root)}
    context = counting.context(NOW)
    for customer in chance.sample([f"c{n:02}" for n in range(14)], 2):
        found = explained(root, customer)
        assert found.inside == of_one(root, customer, context)
        for line in every_line(found.line):
            assert line.matches == of_one(nodes[line.id], customer, context), (customer, line)


@pytest.mark.parametrize("seed", range(2))
def test_the_verdicts_of_the_lines_make_up_that_of_their_group(seed):
    chance = random.Random(100 + seed)
    root = drafts.with_ids({"all": [rule(chance) for _ in range(4)]})
    for n in range(0, 14, 2):
        found = explained(root, f"c{n:02}")
        for line in every_line(found.line):
            if line.is_group:
                made = all if line.every else any
                assert line.holds == made(each.holds for each in line.lines)
        assert bool(found.first) != found.inside
        if not found.inside:
            first = next(each for each in every_line(found.line) if each.id == found.first)
            assert not first.holds


def said(leaf, customer, **more):
    (line,) = explained({"all": [leaf]}, customer, **more).line.lines
    return line.text, line.value


@pytest.mark.parametrize(
    ("leaf", "customer", "text", "value"),
    [
        (LEAVES[0], "c04", "Tier is Gold", "Gold"),
        (LEAVES[0], "c03", "Tier is Gold", "no value"),
        (LEAVES[1], "c01", "Tier is none of Gold or Silver", "Silver"),
        (LEAVES[2], "c02", "Spent is at least 30", "11"),
        (LEAVES[3], "c01", "Joined is before 1 Mar 2026", "3 Feb"),
        (
            LEAVES[6],
            "c04",
            "Bought Coffee at least 2 times",
            "2 times, last 11 Sep",
        ),
        (LEAVES[6], "c05", "Bought Coffee at least 2 times", "0 times"),
        (LEAVES[7], "c04", "Did not buy anything in the last 90 days", "2 times, last 11 Nov"),
        (LEAVES[8], "c04", "Has total value more than 40 over orders", "50"),
        (LEAVES[9], "c05", "Last bought anything in the last 1 month", "none"),
        (LEAVES[10], "c03", "Has most frequent category Tea over orders", "coffee"),
        (LEAVES[11], "c07", "In Staff", "in Staff"),
    ],
)
def test_a_line_tells_the_customer_s_own_value(leaf, customer, text, value):
    told, own = said(leaf, customer)
    assert (told, own) == (text, value)


def test_what_leaves_people_out_is_told_as_not():
    found = explained({"all": [LEAVES[0], {"none": [{"segment": "Staff"}]}]}, "c04")
    (staff,) = found.line.lines[1].lines
    assert (staff.text, staff.value, staff.holds) == ("Not in Staff", "not in Staff", True)
    assert found.inside
    assert (found.asked, found.failed) == (2, 0)


def test_personal_values_are_masked_but_for_those_who_may_see_them():
    email = {"attribute": "merged_customers.email", "operator": "is_not_blank"}
    phone = {"attribute": "merged_customers.phone", "operator": "is_not_blank"}
    born = {"attribute": "customer_360.birth_date", "operator": "is_not_blank"}
    masked = [said(each, "c01")[1] for each in (email, phone, born)]
    assert masked == ["P***@Ex...", "+1 *** *** 0101", "hidden"]
    plain = [said(each, "c01", unmasked=True)[1] for each in (email, phone, born)]
    assert plain == ["P1@Example.com", "+12025550101", "2 May 1990"]


def test_what_is_off_is_not_asked_of_anyone():
    found = explained({"all": [LEAVES[0], {**LEAVES[2], "off": True}]}, "c04")
    assert [line.text for line in found.line.lines] == ["Tier is Gold"]


def test_nobody_is_explained_who_is_no_customer():
    assert explaining.explain({"all": [LEAVES[0]]}, "C04", counting.context(NOW)) is None


def test_sixty_lines_take_two_queries(shop, monkeypatch):
    asked = []
    fetch = type(shop).fetch
    monkeypatch.setattr(type(shop), "fetch", lambda self, *a: asked.append(1) or fetch(self, *a))
    explained({"any": [dict(each) for each in LEAVES * 5]}, "c04")
    assert len(asked) == 2


# Who is meant


def found(typed):
    return finding.find(typed, counting.context(NOW)).customers


@pytest.mark.parametrize(
    ("typed", "customers"),
    [
        ("c03", ["c03"]),
        (" c03 ", ["c03"]),
        ("C03", []),
        ("p1@example.com", ["c01", "c10"]),
        ("  P4@EXAMPLE.COM", ["c04", "c13"]),
        ("p1@example.co", []),
        ("+1 (202) 555-0104", ["c04"]),
        ("202.555.0104", ["c04"]),
        ("12025550104 ext. 5", ["c04"]),
        ("0104", []),
        ("", []),
        ("x\0y", []),
        ("'; --", []),
    ],
)
def test_a_customer_is_found_by_id_email_and_phone(typed, customers):
    assert found(typed) == customers


@pytest.mark.parametrize(
    "written",
    [
        "(202) 555-0199",
        "1.202.555.0199",
        "2025550199 x12",
        "202-555-0199",
        "+1 202 5550199",
        "٢٠٢٥٥٥٠١٩٩",
    ],
)
def test_a_phone_is_found_however_the_data_writes_it(warehouse, written):
    people = [
        {"customer_id": "c01", "phone": written},
        {"customer_id": "c02", "phone": "3025550199"},
    ]
    warehouse({"merged_customers": people})
    assert found("+12025550199") == ["c01"]


def test_of_many_with_one_email_the_first_are_named(warehouse):
    warehouse(
        {
            "customer_360": [{"customer_id": f"d{n:03}", "tier": "Gold"} for n in range(40)],
            "merged_customers": [
                {"customer_id": f"d{n:03}", "email": "none@example.com"} for n in range(40)
            ],
        }
    )
    answer = finding.find("none@example.com", counting.context(NOW))
    assert answer.customers == [f"d{n:03}" for n in range(20)]
    assert answer.more


def test_postgresql_explains_finds_and_pages_alike(shop, postgres_warehouse):
    postgres_warehouse(
        {
            "customer_360": [
                {"customer_id": each, "tier": "Gold"} for each in ("a1", "B1", "Z1", "ä1")
            ],
            "merged_customers": [
                {"customer_id": "B1", "email": " Bea@Example.com", "phone": "(202) 555-0199"}
            ],
            "orders": [
                {
                    "order_id": f"o{n}",
                    "customer_id": "B1",
                    "order_time": datetime(2026, 11, n + 1, 9),
                    "order_value": 2.5,
                    "category": "Tea" if n else "Coffee",
                }
                for n in range(3)
            ],
        }
    )
    gold, often = LEAVES[0], LEAVES[10]
    total = {"event": "orders", "measure": "total", "operator": "at_least", "value": 7.5}
    asked = {"all": [gold, often, total, LEAVES[7]]}
    found_lines = explained(asked, "B1").line.lines
    assert [line.value for line in found_lines] == ["Gold", "tea", "7.5", "3 times, last 3 Nov"]
    assert [line.holds for line in found_lines] == [True, True, True, False]
    assert found("bea@example.com") == found("+1 202 555 0199") == found("B1") == ["B1"]
    context = counting.context(NOW)
    columns = customers.chosen(["merged_customers.email"], context.catalogue)
    everyone = customers.page({"all": []}, columns, context, unmasked=True)
    assert [id for id, _ in everyone.rows] == ["B1", "Z1", "a1", "ä1"]
    behind = customers.page({"all": []}, columns, context, after="Z1")
    assert [id for id, _ in behind.rows] == ["a1", "ä1"]
    text = b"".join(customers.csv({"all": []}, columns, context)).decode()
    assert '"B1"," Bea@Example.com"' in text
