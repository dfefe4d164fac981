"""What rules mean: random rules over random small tables, against plain Python."""

import hashlib
import os
from datetime import datetime

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from segments.compile import Context, everyone, flags, members, to_query
from segments.rules import check
from segments.rules.operators import OPERATORS, opposite
from tests.segments import shop
from tests.segments.oracle import Brand
from tests.segments.test_postgres import one_of_each, rules


@pytest.fixture(scope="module")
def uploaded(tmp_path_factory):
    """The lists of the shop, stored as files."""
    folder = tmp_path_factory.mktemp("lists")
    digests = {}
    for name, values in shop.LISTS.items():
        digests[name] = hashlib.sha256(name.encode()).hexdigest()
        pq.write_table(pa.table({"value": values}), folder / f"{digests[name]}.parquet")
    return folder, digests


class Engine:
    """DuckDB with the rows of one example."""

    def __init__(self, rows):
        self.connection = duckdb.connect(config={"threads": "1"})
        self.connection.execute("SET TimeZone='UTC'")
        for name, table in shop.arrow(rows).items():
            self.connection.register(name, table)

    def ids(self, expression, context):
        return [row[0] for row in self.rows(expression, context)]

    def rows(self, expression, context):
        query = to_query(expression, context, "duckdb")
        for name, relation in query.relations.items():
            if not isinstance(relation, pa.Table):
                relation = self.connection.read_parquet([str(path) for path in relation])
            self.connection.register(name, relation)
        return self.connection.execute(query.sql).fetchall()


@pytest.fixture
def context_at(uploaded, monkeypatch):
    folder, digests = uploaded
    monkeypatch.setattr("segments.lists._path", lambda digest: folder / f"{digest}.parquet")

    def make(now: datetime, zone: str, catalogue=shop.CATALOGUE) -> Context:
        return Context(catalogue, now, zone, shop.SEGMENTS, digests)

    return make


worlds = st.sampled_from(shop.PLACES).flatmap(
    lambda place: st.tuples(*map(st.just, place), shop.tables(*place))
)
EXAMPLES = int(os.environ.get("EXAMPLES", "60"))
plenty = settings(
    max_examples=EXAMPLES,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes here
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def faults(rule):
    return check(rule, shop.CATALOGUE, shop.SEGMENTS, shop.LISTS)


@plenty
@given(worlds, st.lists(shop.rules, min_size=1, max_size=3), st.booleans(), st.booleans())
def test_a_rule_finds_whom_its_words_describe(context_at, world, rules, orderly, known):
    """known: what holds for all values is told, so that the query leaves work out."""
    now, zone, rows = world
    rows = shop.orderly(rows) if orderly else rows
    brand = Brand(shop.CATALOGUE, rows, now, zone, shop.SEGMENTS, shop.LISTS)
    catalogue, engine = shop.surveyed(rows) if known else shop.CATALOGUE, Engine(rows)
    for rule in rules:
        found = faults(rule)
        assume(not any("before it begins" in fault.text for fault in found))
        assert found == []
        context = context_at(now, zone, catalogue)
        ids = engine.ids(members(rule, context), context)
        assert sorted(ids) == sorted(brand.members(rule))


@pytest.mark.parametrize("place", shop.ELSEWHERE)
def test_days_and_moments_are_those_of_the_brands_zone(context_at, place):
    """Every operator about them, each value around its borders, in one query."""
    now, zone = place
    rows = one_of_each(now, zone)
    columns = {f"customer_360.{name}" for name in ("born", "seen", "joined")}
    asked = [rule for rule in rules() if rule.get("attribute") in columns]
    brand = Brand(shop.CATALOGUE, rows, now, zone)
    context = context_at(now, zone)
    named = {f"rule_{index}": rule for index, rule in enumerate(asked)}
    told = Engine(rows).rows(flags(named, context), context)
    for index, rule in enumerate(asked, start=1):
        assert {row[0] for row in told if row[index]} == brand.members(rule), rule


@plenty
@given(
    worlds,
    st.sampled_from(
        [
            (f"{table.name}.{column.name}", column.type, negative)
            for table in shop.CATALOGUE.tables.values()
            if table.one_per_customer
            for column in table.columns.values()
            for negative in OPERATORS[column.type]
            if opposite(negative, column.type)
        ]
    ),
    st.data(),
)
def test_an_operator_and_its_opposite_add_up_to_everyone(context_at, world, choice, data):
    now, zone, rows = world
    attribute, kind, negative = choice
    rule = {"attribute": attribute, **data.draw(shop.comparison(kind, [negative]))}
    positive = rule | {"operator": opposite(negative, kind)}
    assume(not faults(rule))
    context, engine = context_at(now, zone), Engine(rows)
    both = flags({"is": positive, "is_not": rule}, context)
    assert all(a is not b for _, a, b in engine.rows(both, context))
    assert len(engine.rows(both, context)) == len(engine.ids(everyone(context), context))


@plenty
@given(worlds, st.lists(shop.rules, min_size=1, max_size=4), shop.rules, st.sampled_from([0, 60]))
def test_several_rules_in_one_query_answer_as_each_alone(
    context_at, monkeypatch, world, rules, among, small
):
    """small: 0 lets the segments stand apart that rules name."""
    monkeypatch.setattr("segments.compile.opening.SMALL", small)
    now, zone, rows = world
    assume(not any(faults(rule) for rule in [*rules, among]))
    context, engine = context_at(now, zone, shop.surveyed(rows)), Engine(rows)
    named = {f"rule_{index}": rule for index, rule in enumerate(rules)}
    values = {"email": "merged_customers.email"}
    together = engine.rows(flags(named, context, values), context)
    assert len(together) == len(rows["customer_360"])
    for index, rule in enumerate(rules):
        alone = engine.ids(members(rule, context), context)
        assert sorted(row[0] for row in together if row[1 + index]) == sorted(alone)
    emails = {r["customer_id"]: r["email"] for r in rows["merged_customers"]}
    assert {row[0]: row[-1] for row in together} == {row[0]: emails.get(row[0]) for row in together}
    left = engine.rows(flags(named, context, values, among), context)
    ids = set(engine.ids(members(among, context), context))
    assert sorted(left) == sorted(row for row in together if row[0] in ids)
