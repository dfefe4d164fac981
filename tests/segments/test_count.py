"""``manage.py count`` and what stands behind it."""

import json
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from segments.models import Segment
from segments.numbers import counting
from segments.rules import RuleError
from tests.segments.factories import SegmentFactory
from warehouse.models import Attribute
from warehouse.sync import sync

GOLD = {"attribute": "customer_360.tier", "operator": "is", "value": "gold"}


@pytest.fixture
def shop(warehouse):
    return warehouse(
        {
            "customer_360": [
                {"customer_id": f"c{n}", "tier": tier}
                for n, tier in enumerate(["Gold", "gold ", "Silver", None, "GOLD", "Gold"])
            ],
            "merged_customers": [
                {"customer_id": "c0", "email": "a@example.com", "phone": "+12025550100"},
                {"customer_id": "c1", "email": "b@example.com", "phone": " "},
                {"customer_id": "c2", "email": "c@example.com", "phone": "+12025550102"},
                {"customer_id": "c4", "email": None, "phone": "+12025550101"},
            ],
        }
    )


def printed(capsys, *arguments):
    call_command("count", *arguments)
    return capsys.readouterr().out


def test_count_prints_one_object(shop, capsys):
    SegmentFactory(name="Gold", rule=GOLD)
    assert json.loads(printed(capsys, "Gold", "--json")) == {
        "segment": "Gold",
        "customers": 4,
        "email": 2,
        "phone": 2,
        "both": 1,
        "neither": 1,
    }


def test_count_speaks_to_people_too(shop, capsys):
    SegmentFactory(name="Gold", rule=GOLD)
    assert "4 customers" in printed(capsys, "Gold")


def test_a_draft_is_counted_by_its_draft_and_a_published_segment_by_its_rule(shop, capsys):
    silver = GOLD | {"value": "Silver"}
    SegmentFactory(name="Draft", rule=None, draft=silver)
    SegmentFactory(name="Both", rule=GOLD, draft=silver)
    assert json.loads(printed(capsys, "Draft", "--json"))["customers"] == 1
    assert json.loads(printed(capsys, "Both", "--json"))["customers"] == 4


@pytest.mark.parametrize("name", ["Gone", "gold", ""])
def test_an_unknown_name_ends_with_2(shop, name):
    SegmentFactory(name="Gold", rule=GOLD)
    with pytest.raises(CommandError, match="There is no segment") as caught:
        call_command("count", name)
    assert caught.value.returncode == 2


def test_a_vanished_column_is_told_in_words(shop):
    SegmentFactory(name="Old", rule=GOLD | {"attribute": "customer_360.level"})
    with pytest.raises(CommandError, match='customer_360 has no column "level"'):
        call_command("count", "Old")


def test_a_segment_in_a_segment_is_counted_by_its_published_rule(shop):
    SegmentFactory(name="Gold", rule=GOLD, draft=GOLD | {"value": "Silver"})
    rule = {"none": [{"segment": "Gold"}]}
    assert counting.count(rule, counting.context()) == 2


def test_segments_in_segments_cost_what_was_written_not_the_ways_through_it(shop):
    """Thirty segments, each naming the one below twice: a billion ways through them."""
    SegmentFactory(name="0", rule=GOLD)
    for level in range(1, 31):
        below = {"segment": str(level - 1)}
        SegmentFactory(name=str(level), rule={"all": [below, {"none": [{"none": [below]}]}]})
    context = counting.context()
    assert counting.count({"segment": "30"}, context) == 4
    assert counting.count({"none": [{"segment": "30"}]}, context) == 2


def test_segments_stand_in_each_other_to_any_depth(shop):
    SegmentFactory(name="0", rule=GOLD)
    for level in range(1, 150):
        below, tier = {"segment": str(level - 1)}, {"value": f"Tier {level}"}
        SegmentFactory(name=str(level), rule={"any": [below, {"all": [GOLD | tier]}]})
    assert counting.count({"segment": "149"}, counting.context()) == 4


def test_a_fault_of_a_segment_in_a_segment_says_which(shop):
    SegmentFactory(name="Old", rule=GOLD | {"attribute": "customer_360.level"})
    with pytest.raises(RuleError, match='In segment "Old": customer_360 has no column "level"'):
        counting.count({"all": [{"segment": "Old"}]}, counting.context())


def test_the_same_question_of_the_same_data_is_asked_once(shop, monkeypatch):
    context = counting.context(counting.page_moment())
    asked = []
    fetch = type(shop).fetch
    monkeypatch.setattr(
        type(shop), "fetch", lambda self, *given: asked.append(1) or fetch(self, *given)
    )
    first = counting.reach(GOLD, context)
    assert counting.reach(GOLD, context) == first
    assert len(asked) == 1


def test_new_data_is_counted_anew(shop, warehouse):
    assert counting.count(GOLD, counting.context()) == 4
    warehouse({"customer_360": [{"customer_id": "c9", "tier": "Gold"}]})
    assert counting.count(GOLD, counting.context()) == 1


def test_pages_of_the_same_five_minutes_share_their_now():
    now = timezone.now()
    floor = counting.page_moment(now)
    assert now - timedelta(minutes=5) < floor <= now
    assert counting.page_moment(floor) == floor
    assert floor.minute % 5 == floor.second == floor.microsecond == 0


def test_reach_is_not_known_without_the_columns(warehouse):
    warehouse({"customer_360": [{"customer_id": "c1", "tier": "Gold"}]})
    reach = counting.reach(GOLD, counting.context())
    assert (reach.customers, reach.email, reach.neither) == (1, None, None)


def test_the_context_takes_as_many_queries_with_many_segments(shop, django_assert_num_queries):
    SegmentFactory.create_batch(3)
    assert Segment.objects.count() == 3
    with django_assert_num_queries(6):
        counting.context()


def test_a_customer_without_an_id_is_nobody(warehouse):
    warehouse(
        {"customer_360": [{"customer_id": each, "tier": "Gold"} for each in ("c1", " ", "", None)]}
    )
    assert counting.count(GOLD, counting.context()) == 1
    assert counting.total(counting.context()) == 1


@pytest.mark.parametrize("value", [10**19, -(10**30), 1e300, 2**63, 0.1])
@pytest.mark.parametrize("more", [[], list(range(300))])
def test_numbers_of_any_size_can_be_asked_for(warehouse, value, more):
    warehouse({"customer_360": [{"customer_id": f"c{n}", "spent": float(n)} for n in range(4)]})
    rule = {"attribute": "customer_360.spent", "operator": "is_in", "value": [1, value, *more]}
    assert counting.count(rule, counting.context()) == (4 if more else 1)


def test_the_time_that_an_admin_names_takes_the_place_of_the_one_guessed(shop, warehouse):
    orders = [
        {
            "order_id": f"o{n}",
            "customer_id": f"c{n}",
            "ordered_at": datetime(2026, 1, 1),
            "paid_at": datetime(2026, 2, 1),
        }
        for n in range(3)
    ]
    warehouse({"orders": orders})
    february = {"event": "orders", "period": {"from": "2026-02-01", "to": "2026-02-28"}}
    assert counting.count(february, counting.context()) == 0
    Attribute.objects.filter(name="paid_at").update(semantic="order_time", corrected=True)
    assert counting.count(february, counting.context()) == 3
    sync()
    assert counting.count(february, counting.context()) == 3
