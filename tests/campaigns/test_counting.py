"""From customer tables to figures and members: the whole way, against plain Python."""

from dataclasses import replace
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.cache import cache

from campaigns import counting, snapshot
from campaigns.definition import Definition, Group, Named, Part, Target
from campaigns.split import split
from segments.rules import RuleError
from tests.campaigns import oracle
from warehouse import catalogue, extra
from warehouse.catalogue import CatalogueTable, Column
from warehouse.models import Attribute

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TIER = "customer_360.tier"
ATTENTIVE = 4
PEOPLE = [
    {
        "customer_id": f"{number:03}",
        "tier": ["Gold", "Silver", None][number % 3],
        "opted_in": number % 5 != 0,
        "staff": number % 11 == 0,
    }
    for number in range(120)
]
CONTACTS = [
    {
        "customer_id": person["customer_id"],
        "phone": [None, "12", " "][n % 3] if n % 10 == 0 else f"212-55{n % 7}-0{n % 40:03}",
        "email": f"c{n}@example.com",
    }
    for n, person in enumerate(PEOPLE)
    if n % 13
]


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.clear()


def tier(value):
    return {"attribute": TIER, "operator": "is", "value": value}


def definition(first_match_only=True):
    halves = (
        Group("a", "Text A", 45, False, (ATTENTIVE,)),
        Group("b", "Text B", 45, False, (ATTENTIVE,)),
        Group("c", "Held out", 10, True),
    )
    return Definition(
        campaign="c",
        name="Autumn",
        include=(Named("All", {"all": []}),),
        exclude=(
            Named("Staff", {"attribute": "customer_360.staff", "operator": "is_true"}),
            Named("Early", {"attribute": TIER, "operator": "is", "value": "Gone"}),
        ),
        first_match_only=first_match_only,
        parts=(
            Part("g", "Gold", "g", {"segment": "Gold customers"}, halves),
            Part("s", "Any tier", "s", {"attribute": TIER, "operator": "is_not_blank"}, halves),
            Part("r", "Remaining", "r", None, ()),
        ),
        targets=(
            Target(
                ATTENTIVE,
                "Attentive",
                "{group}",
                "phone",
                "merged_customers.phone",
                {"attribute": "customer_360.opted_in", "operator": "is_true"},
            ),
        ),
        segments={"Gold customers": tier("Gold")},
    )


def expected(definition, contacts=CONTACTS):
    """The same people as plain Python sees them in the tables."""
    phones = {row["customer_id"]: row["phone"] for row in contacts}
    customers = []
    for person in PEOPLE:
        parts = []
        if person["tier"] == "Gold":
            parts.append(0)
        if person["tier"] is not None:
            parts.append(1)
        customers.append(
            oracle.Customer(
                person["customer_id"],
                0 if person["staff"] else None,
                tuple(parts) or (2,),
                {"merged_customers.phone": phones.get(person["customer_id"])},
                {ATTENTIVE: person["opted_in"]},
            )
        )
    return oracle.members(definition, customers)


@pytest.mark.parametrize("first_match_only", [True, False])
@pytest.mark.parametrize("engine", ["warehouse", "postgres_warehouse"])
def test_tables_become_exactly_the_members_that_the_words_say(
    engine, first_match_only, request, tmp_path
):
    fill = request.getfixturevalue(engine)
    fill({"customer_360": PEOPLE, "merged_customers": CONTACTS})
    campaign = definition(first_match_only)
    snapshot.build(campaign, NOW, tmp_path / "snapshot.parquet")
    figures = split(tmp_path / "snapshot.parquet", tmp_path / "members.parquet", campaign)
    rows = pq.read_table(tmp_path / "members.parquet").to_pylist()
    found = {
        (row["customer_id"], row["part"], row["group"], row["destination"]): (
            row["outcome"],
            row["identifier"],
        )
        for row in rows
    }
    assert found == expected(campaign)
    assert figures.adds_up
    assert figures.excluded == (11, 0)
    assert (figures.included, figures.audience) == (120, 109)


def test_a_snapshot_tells_the_data_version_and_its_steps(warehouse, tmp_path):
    engine = warehouse({"customer_360": PEOPLE, "merged_customers": CONTACTS})
    steps = []
    version = snapshot.build(definition(), NOW, tmp_path / "s.parquet", steps.append)
    assert version == engine.version()
    assert steps == ["queried", "written", "synced", "renamed"]
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["s.parquet"]


def test_an_interrupted_snapshot_leaves_no_file(warehouse, tmp_path):
    warehouse({"customer_360": PEOPLE, "merged_customers": CONTACTS})

    def stop(point):
        if point == "written":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        snapshot.build(definition(), NOW, tmp_path / "s.parquet", stop)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


def test_a_source_that_vanished_stops_the_snapshot(warehouse, tmp_path):
    warehouse({"customer_360": PEOPLE, "merged_customers": CONTACTS})
    bare = [{"customer_id": row["customer_id"], "email": row["email"]} for row in CONTACTS]
    warehouse({"merged_customers": bare})
    with pytest.raises(RuleError, match=r"merged_customers\.phone"):
        snapshot.build(definition(), NOW, tmp_path / "s.parquet")


def test_the_editor_counts_what_a_run_would_send(warehouse, tmp_path):
    warehouse({"customer_360": PEOPLE, "merged_customers": CONTACTS})
    figures = counting.figures(definition(), NOW)
    sent = [key for key, (outcome, _) in expected(definition()).items() if outcome == "send"]
    assert figures.to_send == len(sent) > 20


def test_figures_are_counted_anew_once_the_data_or_the_split_is_another(warehouse):
    warehouse({"customer_360": PEOPLE, "merged_customers": CONTACTS})
    assert counting.cached(definition(), NOW) is None
    figures = counting.figures(definition(), NOW)
    assert counting.cached(definition(), NOW) == figures
    assert counting.cached(definition(False), NOW) is None
    warehouse({"customer_360": PEOPLE[:50]})
    assert counting.cached(definition(), NOW) is None
    assert counting.figures(definition(), NOW).included == 50


def everyone_who(rule):
    """A campaign without parts for all whom the rule finds."""
    return replace(
        definition(), include=(Named("All", rule),), exclude=(), parts=definition().parts[-1:]
    )


def test_figures_are_counted_anew_once_the_catalogue_is_corrected(warehouse):
    orders = [
        {"order_id": f"o{n}", "customer_id": f"{n:03}", "ordered_at": NOW, "refund": n < 5}
        for n in range(20)
    ]
    warehouse({"customer_360": PEOPLE, "merged_customers": CONTACTS, "orders": orders})
    buyers = everyone_who({"event": "orders"})
    assert counting.figures(buyers, NOW).included == 20
    Attribute.objects.filter(name="refund").update(semantic="returned", corrected=True)
    assert counting.cached(buyers, NOW) is None
    assert counting.figures(buyers, NOW).included == 15


def test_figures_about_what_was_sent_are_counted_anew_once_more_was_sent(
    warehouse, monkeypatch, tmp_path
):
    warehouse({"customer_360": PEOPLE, "merged_customers": CONTACTS})
    sent = []
    empty = pa.table({"customer_id": pa.array([], pa.string())})
    table = CatalogueTable("Sent", {"customer_id": Column("customer_id", "text")}, "customer_id")
    monkeypatch.setattr(extra, "_registered", {})
    extra.register("Sent", table, lambda: sent or empty)
    others = everyone_who({"event": "sent", "operator": "is", "value": 0})
    assert counting.figures(others, NOW).included == 120
    assert counting.cached(others, NOW)
    sent.append(tmp_path / "sent.parquet")
    pq.write_table(pa.table({"customer_id": ["001", "002"]}), sent[0])
    assert counting.cached(others, NOW) is None
    assert counting.figures(others, NOW).included == 118


def test_a_load_after_the_catalogue_was_read_begins_the_snapshot_again(
    warehouse, monkeypatch, tmp_path
):
    plain = [{"customer_id": "1", "tier": "gold", "opted_in": True}]
    loads = [{"customer_360": [plain[0] | {"tier": " Gold "}]}]
    warehouse({"customer_360": plain, "merged_customers": CONTACTS})
    read = catalogue.current

    def then_a_load():
        known = read()
        if loads:
            warehouse(loads.pop())
        return known

    monkeypatch.setattr(catalogue, "current", then_a_load)
    version = snapshot.build(everyone_who(tier("GOLD")), NOW, tmp_path / "s.parquet")
    assert version == read().version
    assert pq.read_table(tmp_path / "s.parquet").num_rows == 1
