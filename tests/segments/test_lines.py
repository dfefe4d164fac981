"""What each line costs, against counts done one by one."""

import copy
import random

import pytest

from segments import drafts
from segments.numbers import counting, lines

TIERS = ("Gold", "Silver", "Bronze", None)
LEAVES = (
    {"attribute": "customer_360.tier", "operator": "is", "value": "Gold"},
    {"attribute": "customer_360.tier", "operator": "is_not_in", "value": ["Gold", "Silver"]},
    {"attribute": "customer_360.spent", "operator": "at_least", "value": 100},
    {"attribute": "customer_360.spent", "operator": "is_not", "value": 50},
    {"attribute": "customer_360.spent", "operator": "less_than", "value": 30},
    {"attribute": "merged_customers.phone", "operator": "is_blank"},
    {"attribute": "merged_customers.email", "operator": "does_not_contain", "value": "7"},
)
BASE_LEAVES = LEAVES[:5]  # none reads the table that holds emails and phones


@pytest.fixture
def shop(warehouse):
    people = range(60)
    return warehouse(
        {
            "customer_360": [
                {
                    "customer_id": f"c{n:02}",
                    "tier": TIERS[n % 4],
                    "spent": None if n % 5 == 0 else n * 3,
                }
                for n in people
            ],
            "merged_customers": [
                {
                    "customer_id": f"c{n:02}",
                    "email": None if n % 7 == 0 else f"p{n}@example.com",
                    "phone": None if n % 3 == 0 else f"+120255501{n:02}",
                }
                for n in people
            ],
        }
    )


def rule(chance: random.Random, leaves: tuple = LEAVES, depth: int = 3) -> dict:
    if not depth or chance.random() < 0.4:
        node = dict(chance.choice(leaves))
    else:
        word = chance.choice(["all", "any", "none"])
        node = {word: [rule(chance, leaves, depth - 1) for _ in range(chance.randint(1, 4))]}
    return node | ({"off": True} if chance.random() < 0.15 else {})


def changed(root: dict, id: str, change) -> dict:
    made = copy.deepcopy(root)
    change(next(node for node in drafts.walk(made) if node["id"] == id))
    return made


def leave_blanks_out(node: dict) -> None:
    asked = {key: node.pop(key) for key in [*node] if key != "id"}
    node["all"] = [asked, {"attribute": asked["attribute"], "operator": "is_not_blank"}]


@pytest.mark.django_db
@pytest.mark.parametrize(("leaves", "depth"), [(LEAVES, 3), (BASE_LEAVES, 1)])
@pytest.mark.parametrize("seed", range(4))
def test_alone_and_drop_it_are_what_counting_one_by_one_gives(shop, seed, leaves, depth):
    chance = random.Random(seed)
    root = drafts.with_ids({"all": [rule(chance, leaves, depth) for _ in range(3)]})
    context = counting.context()
    found = lines.figures(root, context)
    total = counting.count(root, context)
    assert found.everyone == 60
    assert found.reach == counting.reach(root, context)
    shown = {node["id"]: node for node in drafts.walk(root)}
    for id, line in found.lines.items():
        assert line.alone == counting.count(shown[id], context), id
        assert line.without == counting.count(
            changed(root, id, lambda node: node.update(off=True)), context
        ), id
        if line.blanks is not None:
            kept = counting.count(changed(root, id, leave_blanks_out), context)
            assert line.blanks == total - kept, id


@pytest.mark.django_db
def test_what_is_off_costs_nothing_and_is_not_counted(shop):
    root = drafts.with_ids({"all": [dict(LEAVES[0]), dict(LEAVES[2], off=True)]})
    found = lines.figures(root, counting.context())
    assert set(found.lines) == {"n-0"}
    assert found.lines["n-0"].without == 60


@pytest.mark.django_db
def test_sixty_lines_are_counted_in_one_pass(shop):
    criteria = [
        {"attribute": "customer_360.spent", "operator": "is_not", "value": n} for n in range(60)
    ]
    root = drafts.with_ids({"all": criteria})
    found = lines.figures(root, counting.context())
    total = counting.count(root, counting.context())
    assert found.reach.customers == total
    assert found.lines["n-20"].without == total
    assert found.lines["n-21"].without == total + 1
