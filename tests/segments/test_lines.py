"""What each line costs, against counts done one by one."""

import copy
import random
from datetime import UTC, datetime, timedelta

import pytest

from segments import drafts
from segments.numbers import counting, lines, membership
from tests.segments.factories import SegmentFactory

NOW = datetime(2026, 11, 24, 14, tzinfo=UTC)

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
NOT_ONLINE = {"attribute": "orders.channel", "operator": "is_not", "value": "online"}
AVERAGE = {"event": "orders", "measure": "average", "operator": "is_not", "value": 20}
APART = (  # what is found by itself, then joined
    {"event": "orders", "where": NOT_ONLINE, "operator": "at_least", "value": 2},
    {"event": "orders", "period": {"last": 30, "unit": "days"}, "operator": "is", "value": 0},
    AVERAGE | {"where": NOT_ONLINE},
    {"event": "orders", "measure": "last",
     "operator": "is_not_in_last", "value": {"n": 20, "unit": "days"}},
    {"event": "orders", "measure": "most_frequent", "of": "orders.channel",
     "operator": "is_not", "value": "shop"},
    {"segment": "Golden"},
    {"segment": "Written"},
    {"attribute": "customer_360.customer_id", "operator": "is_not_in", "value": {"list": "Panel"}},
)  # fmt: skip


def tables():
    people = range(60)
    return {
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
        "orders": [
            {
                "order_id": f"o{n}-{place}",
                "customer_id": f"c{n:02}",
                "order_datetime": NOW - timedelta(days=7 * place + n),
                "amount": None if n % 9 == 0 else 10.0 * (place + 1),
                "channel": ("online", "shop", None)[(n + place) % 3],
            }
            for n in people
            for place in range(n % 4)
        ],
    }


@pytest.fixture
def shop(warehouse):
    return warehouse(tables())


@pytest.fixture(params=["warehouse", "postgres_warehouse"])
def either(request, marketer):
    """The same shop in each engine, with segments and a list to name."""
    request.getfixturevalue(request.param)(tables())
    SegmentFactory(name="Golden", rule={"any": [LEAVES[0], AVERAGE]})
    written = "SELECT customer_id FROM customer_360 WHERE spent > 60"
    SegmentFactory(name="Written", rule={"sql": written})
    membership.store("Panel", [f"c{n:02}" for n in range(0, 60, 4)], marketer)


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


def leaving_blanks_out(node: dict) -> None:
    asked = {key: node.pop(key) for key in [*node] if key != "id"}
    known = {key: asked[key] for key in asked if key not in ("operator", "value")}
    node["all"] = [asked, known | {"operator": "is_not_blank"}]


def agree(root: dict) -> dict[str, lines.Line]:
    """All figures are what counting the rule of each by itself gives."""
    context = counting.context(NOW)
    found = lines.figures(root, context)
    shown = {node["id"]: node for node in drafts.walk(root)}
    rules = {"": root}
    for id, line in found.lines.items():
        rules |= {
            f"{id} alone": shown[id],
            f"{id} without": changed(root, id, lambda node: node.update(off=True)),
        }
        if line.blanks is not None:
            rules[f"{id} kept"] = changed(root, id, leaving_blanks_out)
    counted = counting.reaches(rules, context)
    total = counted[""].customers
    assert found.everyone == 60
    assert found.reach == counted[""]
    for id, line in found.lines.items():
        kept = counted[f"{id} kept"].customers if line.blanks is not None else 0
        assert line == lines.Line(
            counted[f"{id} alone"].customers,
            counted[f"{id} without"].customers,
            None if line.blanks is None else total - kept,
        ), shown[id]
    return dict(found.lines)


@pytest.mark.django_db
@pytest.mark.parametrize(("leaves", "depth"), [(LEAVES, 3), (BASE_LEAVES, 1)])
@pytest.mark.parametrize("seed", range(3))
def test_alone_and_drop_it_are_what_counting_one_by_one_gives(shop, seed, leaves, depth):
    chance = random.Random(seed)
    agree(drafts.with_ids({"all": [rule(chance, leaves, depth) for _ in range(3)]}))


@pytest.mark.parametrize("few", [18, 0])
def test_events_segments_and_lists_cost_what_counting_one_by_one_gives(either, monkeypatch, few):
    """few: 0 has each figure summed, whatever the number of columns."""
    monkeypatch.setattr("segments.numbers.lines.FEW", few)
    chance = random.Random(few)
    for _ in range(2):
        mixed = [rule(chance, (*APART, *LEAVES), 2) for _ in range(3)]
        agree(drafts.with_ids({chance.choice(["all", "any"]): [chance.choice(APART), *mixed]}))


@pytest.mark.parametrize("event", [each for each in APART if each.get("measure")])
def test_an_event_for_whom_there_is_none_matches_a_negative(shop, event):
    """A third of the customers bought nothing, more did not in the shop or were not weighed."""
    (line,) = agree(drafts.with_ids({"all": [event]})).values()
    assert line.blanks
    assert line.blanks >= 15


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
