"""Segments beside each other: who is in which, and a segment made of a part."""

import random
import re
from datetime import timedelta
from math import pi

import pytest
from django.urls import reverse
from django.utils import timezone

from segments.models import Segment
from segments.numbers import comparing, counting, differing
from segments.numbers.insights import insights
from segments.sheets import circles
from tests.segments.factories import SegmentFactory

HTMX = {"HX-Request": "true"}
PAGE = "/segments/compare/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(warehouse):
    """A hundred customers; segment "n" holds those whose column n says so."""
    chance = random.Random(5)
    people = [
        {"customer_id": f"c{n}"} | {f"in_{k}": chance.random() < 0.4 for k in range(5)}
        for n in range(100)
    ]
    reached = [
        {
            "customer_id": f"c{n}",
            "email": f"p{n}@example.com" if n % 2 else None,
            "phone": None if n % 3 else f"+1202555{n:04}",
        }
        for n in range(100)
    ]
    orders = [
        {
            "order_id": f"o{n}",
            "customer_id": f"c{n * 7 % 60}",
            "order_datetime": timezone.now() - timedelta(days=n * 4),
            "order_value": float(n),
        }
        for n in range(120)
    ]
    warehouse({"customer_360": people, "merged_customers": reached, "orders": orders})


@pytest.fixture
def five():
    return [
        SegmentFactory(
            name=f"Segment {k}", rule={"attribute": f"customer_360.in_{k}", "operator": "is_true"}
        )
        for k in range(5)
    ]


def part(mask, size):
    inside = [{"segment": f"Segment {k}"} for k in range(size) if mask >> k & 1]
    outside = [{"segment": f"Segment {k}"} for k in range(size) if not mask >> k & 1]
    return {"all": [*inside, {"none": outside}]}


@pytest.mark.parametrize("size", [2, 5])
def test_each_part_is_what_counting_it_gives(five, size):
    context = counting.context()
    found = comparing.compare(five[:size], context)
    for mask in found.masks:
        assert found.of([mask]) == insights(part(mask, size), context).segment, mask
    for place, segment in enumerate(five[:size]):
        assert found.within([place]) == insights(segment.rule, context).segment
    assert found.of(found.masks).customers == 100


def test_a_segment_of_any_parts_holds_just_those_people(five):
    context = counting.context()
    found = comparing.compare(five[:3], context)
    for asked in range(1, 256):
        masks = [mask for mask in range(8) if asked >> mask & 1]
        if asked % 7 == 0 or len(masks) in (1, 8):  # some of them, to be quick
            rule = comparing.rule_of(masks, found.names)
            assert counting.count(rule, context) == found.of(masks).customers, masks


def test_a_part_is_said_as_shortly_as_it_can_be():
    names = ["A", "B", "C"]
    assert comparing.rule_of([0b011], ["A", "B"]) == {"all": [{"segment": "A"}, {"segment": "B"}]}
    assert comparing.rule_of([0b01, 0b11], ["A", "B"]) == {"all": [{"segment": "A"}]}
    assert comparing.rule_of([1], names) == {
        "all": [{"segment": "A"}, {"none": [{"segment": "B"}, {"segment": "C"}]}]
    }
    assert comparing.rule_of(range(1, 8), names) == {
        "any": [{"segment": "A"}, {"segment": "B"}, {"segment": "C"}]
    }
    assert comparing.rule_of(range(8), names) == {"all": []}


def test_two_circles_share_the_area_that_the_segments_share():
    for sizes, shared in (([100, 50], 20), ([100, 50], 50), ([30, 30], 30), ([8, 4], 0)):
        one, other = circles.place(sizes, lambda a, b, shared=shared: shared)
        assert pi * one.r**2 == pytest.approx(sizes[0])
        assert circles.lens(one.r, other.r, other.x) == pytest.approx(shared, abs=0.01)


def test_three_circles_share_by_pairs_what_the_segments_share():
    shared = {(0, 1): 20, (0, 2): 15, (1, 2): 10}
    placed = circles.place([100, 60, 50], lambda a, b: shared[a, b])
    for (a, b), area in shared.items():
        one, other = placed[a], placed[b]
        apart = ((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5
        assert circles.lens(one.r, other.r, apart) == pytest.approx(area, abs=0.01)
    assert set(circles.spots(placed)) <= set(range(1, 8))


def test_the_page_counts_nothing_and_its_figures_follow(marketer_client, five):
    query = f"?s={five[0].pk}&s={five[1].pk}"
    page = marketer_client.get(PAGE + query).text
    assert "Segment 0" in page
    assert f'hx-get="{reverse("segments:compare_figures")}?s={five[0].pk}&amp;s=' in page
    figures = marketer_client.get(reverse("segments:compare_figures") + query, headers=HTMX).text
    found = comparing.compare(five[:2], counting.context())
    assert f"{found.of([3]).customers} customers in both" in figures
    assert "All customers" in figures
    assert f"${found.of(found.masks).revenue:,.2f}" in figures
    assert len(re.findall("<circle ", figures)) == 2
    assert len(re.findall('name="part"', figures)) == 4


def cells(figures: str, label: str) -> str:
    """A row of the table of figures, as it reads."""
    row = re.search(rf'<th scope="row">{label}</th>(.*?)</tr>', figures, re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", row[1]).split())


def test_figures_are_held_against_everyone_or_the_first_segment(marketer_client, five):
    asked = {"s": [five[0].pk, five[1].pk]}
    url = reverse("segments:compare_figures")
    found = comparing.compare(five[:2], counting.context())
    one, other, everyone = found.within([0]), found.within([1]), found.of(found.masks)

    def far(value, whole):
        return f"{round((value / whole - 1) * 100):+d}%"

    figures = marketer_client.get(url, asked, headers=HTMX).text
    assert cells(figures, "Customers").startswith(f"{one.customers} {one.customers}%")
    assert cells(figures, "Revenue a customer").endswith(f"${everyone.revenue_each:,.2f}")
    assert far(other.revenue_each, everyone.revenue_each) in cells(figures, "Revenue a customer")
    figures = marketer_client.get(url, asked | {"base": "first"}, headers=HTMX).text
    row = cells(figures, "Revenue a customer")
    assert row.startswith(f"${one.revenue_each:,.2f} $")
    assert far(other.revenue_each, one.revenue_each) in row
    assert far(other.customers, one.customers) in cells(figures, "Customers")
    assert "base=first" in marketer_client.get(PAGE, asked | {"base": "first"}).text


def traits() -> list[dict]:
    """Tiers tell left from right most, then fans, then towns; keys tell each from each."""
    chance = random.Random(9)
    return [
        {
            "customer_id": f"c{n}",
            "tier": chance.choice(["Gold", " Gold ", None] if n % 2 else ["Silver", "Gold", ""]),
            "town": f"Town {n % 3 + n % 2}",
            "key": f"k{n}",
            "email": "left@example.com" if n % 2 else "right@example.com",
            "fan": chance.random() < (0.7 if n % 2 else 0.3),
            "left": n % 2 == 1,
            "right": n % 2 == 0,
        }
        for n in range(200)
    ]


def test_what_differs_most_comes_first_with_the_parts_of_each_segment(warehouse, marketer_client):
    warehouse({"customer_360": traits()})
    two = [
        SegmentFactory(name=name, rule={"attribute": f"customer_360.{name}", "operator": "is_true"})
        for name in ("left", "right")
    ]
    found = differing.differing([each.rule for each in two], counting.context())
    assert {"Left", "Right"} & {each.label for each in found}  # what the rules ask tells most
    assert found[0].apart == 1
    spread = differing.differing(
        [two[0].rule, {"attribute": "customer_360.tier", "operator": "is", "value": "Gold"}],
        counting.context(),
    )
    assert "customer_360.key" not in {each.attribute for each in [*found, *spread]}
    assert "customer_360.email" not in {each.attribute for each in [*found, *spread]}
    (tier,) = (each for each in [*found, *spread] if each.attribute == "customer_360.tier")
    left = [(row["tier"] or "").strip() for row in traits() if row["left"]]
    for value, shares in tier.shares.items():
        name = "" if value == "No value" else value
        assert shares[0] == pytest.approx(left.count(name) / len(left)), value
    url = reverse("segments:compare_apart")
    shown = marketer_client.get(url, {"s": [each.pk for each in two]}, headers=HTMX).text
    assert "100% of left, 0% of right" in shown or "100% of right, 0% of left" in shown


def test_segments_of_nobody_or_without_attributes_differ_in_nothing(marketer_client, five):
    nobody = SegmentFactory(name="Nobody", rule={"any": []})
    asked = {"s": [five[0].pk, nobody.pk]}
    shown = marketer_client.get(reverse("segments:compare_apart"), asked, headers=HTMX)
    assert shown.status_code == 200
    assert "they spread alike" in shown.text


def test_four_or_five_are_shown_as_a_table_of_pairs_and_the_largest_parts(marketer_client, five):
    query = "?" + "&".join(f"s={each.pk}" for each in five)
    figures = marketer_client.get(reverse("segments:compare_figures") + query, headers=HTMX).text
    assert "<circle " not in figures
    assert "How many of each are in the others too" in figures
    found = comparing.compare(five, counting.context())
    ticks = [int(mask) for mask in re.findall(r'name="part" value="(\d+)"', figures)]
    assert ticks == found.largest(10)


def test_a_sixth_segment_is_refused(marketer_client, five):
    sixth = SegmentFactory(name="One too many")
    query = "&".join(f"s={each.pk}" for each in [*five, sixth])
    page = marketer_client.get(f"{PAGE}?{query}").text
    assert "“One too many” is left out: 5 segments can be compared at once." in page
    assert f'name="s" value="{sixth.pk}"' not in page
    assert re.search(rf"/figures/[^\"]*s={five[4].pk}\"", page)
    assert "Add segments" not in page


def test_a_draft_is_refused_and_a_broken_one_is_named(marketer_client, five):
    draft = SegmentFactory(name="Sketch", rule=None, draft={"all": []})
    page = marketer_client.get(f"{PAGE}?s={five[0].pk}&s={draft.pk}&s=x&s=999999").text
    assert "“Sketch” is not active" in page
    broken = SegmentFactory(
        name="Old", rule={"attribute": "customer_360.gone", "operator": "is_true"}
    )
    answer = marketer_client.get(
        f"{reverse('segments:compare_figures')}?s={five[0].pk}&s={broken.pk}", headers=HTMX
    )
    assert "“Old” asks for something that is no longer in the data" in answer.text


def test_ticked_parts_become_a_draft_that_is_opened(marketer_client, five):
    sent = {"s": [five[0].pk, five[1].pk], "part": ["3", "99", "x"]}
    said = marketer_client.get(reverse("segments:compare_people"), sent, headers=HTMX).text
    found = comparing.compare(five[:2], counting.context())
    assert f"{found.of([3]).customers} customers" in said
    assert "Build a segment from this overlap" in said
    answer = marketer_client.post(reverse("segments:compare_build"), sent)
    made = Segment.objects.latest("pk")
    assert answer.headers["Location"] == f"/segments/{made.pk}/edit/"
    assert made.name == ""
    assert [node["segment"] for node in made.draft["all"]] == ["Segment 0", "Segment 1"]
    assert counting.count(made.draft, counting.context()) == found.of([3]).customers


def test_a_viewer_may_look_but_builds_nothing(viewer_client, five):
    sent = {"s": [five[0].pk, five[1].pk], "part": "3"}
    said = viewer_client.get(reverse("segments:compare_people"), sent, headers=HTMX).text
    assert "customers" in said
    assert "Build" not in said
    assert viewer_client.post(reverse("segments:compare_build"), sent).status_code == 403


def test_what_differs_most_is_the_same_in_postgresql(warehouse, postgres_warehouse):
    rules = [
        {"attribute": f"customer_360.{name}", "operator": "is_true"} for name in ("left", "fan")
    ]
    warehouse({"customer_360": traits()})
    found = differing.differing(rules, counting.context())
    postgres_warehouse({"customer_360": traits()})
    again = differing.differing(rules, counting.context())
    assert [each.label for each in again] == [each.label for each in found]
    for one, other in zip(found, again, strict=True):
        assert dict(one.shares) == dict(other.shares)
