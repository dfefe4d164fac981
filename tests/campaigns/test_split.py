import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import layout
from campaigns.definition import Definition, Group, Named, Part, Target
from campaigns.figures import from_json, to_json
from campaigns.split import BUCKETS, bucket, slices, split
from tests.campaigns import oracle
from tests.campaigns.oracle import Customer

PHONE = "merged_customers.phone"
EMAIL = "merged_customers.email"
TEXT_A, TEXT_B = 3, 8  # destinations

# Few values, so that customers share them.
phones = st.sampled_from(
    [
        "+12125550143",
        "(212) 555-0143",
        "212.555.0143 ext. 9",
        "+1 212 555 0199",
        "+442079460018",
        "0044 20 7946 0018",
        "555-0143",
        "12",
        "n/a",
        "",
        " \t",
        None,
    ]
)
emails = st.sampled_from(
    ["Ana@Example.com ", "ana@example.com", "bo@example.org", "bo@@example.org", "x", "", None]
)
ids = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=4)


@st.composite
def parts(draw, count):
    made = []
    for index in range(count):
        cuts = sorted(draw(st.lists(st.integers(0, 100), max_size=3)))
        edges = [0, *cuts, 100] if draw(st.booleans()) or not index else []
        splits = [stop - start for start, stop in zip(edges, edges[1:], strict=False)]
        groups = []
        for place, percent in enumerate(splits):
            control = draw(st.booleans())
            places = st.lists(st.sampled_from([TEXT_A, TEXT_B]), unique=True, max_size=2)
            groups.append(
                Group(
                    f"g{index}{place}",
                    f"Group {index} {place} of all",
                    percent,
                    control,
                    () if control else tuple(draw(places)),
                )
            )
        made.append(
            Part(
                f"p{index}",
                f"Part {index}",
                draw(st.text(max_size=3)),
                None if index == count - 1 else {"all": []},
                tuple(groups),
            )
        )
    return tuple(made)


@st.composite
def campaigns(draw):
    count = draw(st.integers(1, 3))
    identifier = st.sampled_from([("phone", PHONE), ("email", EMAIL), ("phone", EMAIL)])
    targets = []
    for id_ in (TEXT_A, TEXT_B):
        kind, source = draw(identifier)
        only_where = draw(st.sampled_from([None, {"all": []}]))
        targets.append(Target(id_, f"Attentive {id_}", "{group}", kind, source, only_where))
    definition = Definition(
        campaign="c",
        name="Autumn coffee",
        include=(Named("Everyone", {"all": []}),),
        exclude=(Named("Staff", {"any": []}), Named("Recent", {"any": []})),
        first_match_only=draw(st.booleans()),
        parts=draw(parts(count)),
        targets=tuple(targets),
    )
    customers = []
    for id_ in draw(st.lists(ids, unique=True, max_size=12)):
        taken = tuple(i for i in range(count - 1) if draw(st.booleans())) or (count - 1,)
        customers.append(
            Customer(
                id_,
                draw(st.sampled_from([None, None, None, 0, 1])),
                taken,
                {PHONE: draw(phones), EMAIL: draw(emails)},
                {t.id: draw(st.sampled_from([True, False])) for t in targets},
            )
        )
    return definition, customers


def write(definition, customers, path):
    """The snapshot that the warehouse would give for these customers."""
    columns = {layout.CUSTOMER: pa.array([c.id for c in customers], pa.string())}
    columns[layout.EXCLUDED] = pa.array([c.excluded for c in customers], pa.int32())
    if definition.first_match_only:
        columns[layout.PART] = pa.array([c.parts[0] for c in customers], pa.int32())
    else:
        for index in range(len(definition.parts) - 1):
            takes = [index in c.parts for c in customers]
            columns[layout.part(index)] = pa.array(takes, pa.bool_())
    for index, source in enumerate(layout.sources(definition)):
        columns[layout.value(index)] = pa.array([c.values[source] for c in customers], pa.string())
    for index, target in enumerate(definition.targets):
        if target.only_where is not None:
            allowed = [c.allowed[target.id] for c in customers]
            columns[layout.allowed(index)] = pa.array(allowed, pa.bool_())
    assert list(columns) == layout.columns(definition)
    pq.write_table(pa.table(columns), path)


def run(definition, customers, folder):
    """Members as (customer, part, group, destination) -> (outcome, identifier), and figures."""
    write(definition, customers, folder / "snapshot.parquet")
    figures = split(folder / "snapshot.parquet", folder / "members.parquet", definition)
    rows = pq.read_table(folder / "members.parquet").to_pylist()
    members = {
        (row["customer_id"], row["part"], row["group"], row["destination"]): (
            row["outcome"],
            row["identifier"],
        )
        for row in rows
    }
    assert len(members) == len(rows)
    return members, figures, rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("split")


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(campaign=campaigns())
def test_everyone_gets_the_outcome_that_the_manifest_says(folder, campaign):
    definition, customers = campaign
    members, figures, rows = run(definition, customers, folder)
    assert members == oracle.members(definition, customers)
    assert figures.adds_up
    assert from_json(to_json(figures)) == figures
    for delivery in figures.deliveries:
        place = (delivery.part, delivery.group, delivery.destination)
        here = [row for row in rows if (row["part"], row["group"], row["destination"]) == place]
        assert delivery.customers == len(here)
        assert delivery.to_send == sum(row["outcome"] == "send" for row in here)
        assert sum(delivery.reasons.values()) == sum(bool(row["reason"]) for row in here)
    assert figures.included == len(customers)
    assert figures.audience == sum(customer.excluded is None for customer in customers)
    held_out = {row["customer_id"] for row in rows if row["outcome"] == "control"}
    sent = {row["customer_id"] for row in rows if row["outcome"] == "send"}
    assert figures.held_out_and_sent == len(held_out & sent)
