from dataclasses import replace
from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import layout
from campaigns.definition import Definition, Group, Named, Part, Target
from campaigns.figures import from_json, to_json
from campaigns.split import DoubledCustomersError, bucket, slices, split
from tests.campaigns import oracle
from tests.campaigns.oracle import Customer

PHONE = "merged_customers.phone"
EMAIL = "merged_customers.email"
TEXT_A, TEXT_B = 3, 8  # destinations

# Few values, the first of them often, so that customers share them.
SHARED = ["+12125550143", "(212) 555-0143"] * 4
phones = st.sampled_from(
    [
        *SHARED,
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
ids = st.one_of(
    st.from_regex("[a-f0-9]{1,2}", fullmatch=True),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=4),
)


@st.composite
def parts(draw, count):
    made = []
    for index in range(count):
        cuts = sorted(draw(st.lists(st.sampled_from([0, 10, 30, 50, 75, 100]), max_size=3)))
        edges = [0, *cuts, 100] if draw(st.booleans()) or not index else []
        splits = [stop - start for start, stop in pairwise(edges)]
        groups = []
        for place, percent in enumerate(splits):
            control = draw(st.booleans())
            places = st.sampled_from([[TEXT_A], [TEXT_A, TEXT_B], [TEXT_B], []])
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
    identifier = st.sampled_from(
        [("phone", PHONE), ("phone", PHONE), ("email", EMAIL), ("phone", EMAIL)]
    )
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
    for id_ in draw(
        st.lists(ids, unique=True, min_size=draw(st.sampled_from([0, 8])), max_size=16)
    ):
        taken = tuple(i for i in range(count - 1) if draw(st.booleans())) or (count - 1,)
        customers.append(
            Customer(
                id_,
                draw(st.sampled_from([None, None, None, None, None, 0, 1])),
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


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
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


def campaign(first_match_only=True, parts=(), phone_of=PHONE, only_where=None):
    """A definition with one destination; parts: lists of (name, split, control)."""
    made = tuple(
        Part(
            f"p{index}",
            f"Part {index}",
            f"seed {index}",
            {"all": []} if index < len(parts) - 1 else None,
            tuple(
                Group(name, name, percent, control, () if control else (TEXT_A,))
                for name, percent, control in groups
            ),
        )
        for index, groups in enumerate(parts)
    )
    target = Target(TEXT_A, "Attentive", "{group}", "phone", phone_of, only_where)
    everyone = (Named("Everyone", {"all": []}),)
    return Definition("c", "Autumn", everyone, (), first_match_only, made, (target,))


def customer(id_, phone, parts=(0,), excluded=None, allowed=True):
    return Customer(id_, excluded, parts, {PHONE: phone}, {TEXT_A: allowed})


def in_group(definition, part, group, count=1):
    """Ids that the hash puts into one group of a part."""
    found = []
    number = 0
    while len(found) < count:
        if oracle.group_of(definition.parts[part], f"c{number:05}") == group:
            found.append(f"c{number:05}")
        number += 1
    return found


def outcomes(definition, customers, folder):
    members, _, _ = run(definition, customers, folder)
    return {(key[0], key[1]): outcome for key, (outcome, _) in members.items()}


HALVES = [("Text", 50, False), ("Held out", 50, True)]


def test_a_held_out_customer_keeps_a_shared_phone_from_being_sent(folder):
    definition = campaign(parts=[HALVES])
    sent, held_out = in_group(definition, 0, 0, 20), in_group(definition, 0, 1, 20)[-1]
    assert min(sent) < held_out
    people = [customer(min(sent), "+12125550143"), customer(held_out, "(212) 555-0143")]
    assert outcomes(definition, people, folder) == {
        (min(sent), 0): "duplicate",
        (held_out, 0): "control",
    }


def test_of_two_who_share_a_phone_the_lowest_id_by_code_point_is_sent(folder):
    definition = campaign(parts=[[("Text", 100, False)]])
    people = [customer(id_, "2125550143") for id_ in ("a", "B", "é", "10", "9")]
    found = outcomes(definition, people, folder)
    assert [id_ for (id_, _), outcome in found.items() if outcome == "send"] == ["10"]


def test_someone_the_filter_leaves_out_does_not_take_a_phone_from_others(folder):
    definition = campaign(parts=[[("Text", 100, False)]], only_where={"all": []})
    people = [customer("a", "2125550143", allowed=False), customer("b", "2125550143")]
    assert outcomes(definition, people, folder) == {("a", 0): "filtered", ("b", 0): "send"}


def test_a_held_out_customer_keeps_the_phone_even_without_consent(folder):
    definition = campaign(parts=[HALVES], only_where={"all": []})
    sent, held_out = in_group(definition, 0, 0)[0], in_group(definition, 0, 1)[0]
    people = [customer(sent, "2125550143"), customer(held_out, "2125550143", allowed=False)]
    assert outcomes(definition, people, folder)[sent, 0] == "duplicate"


def test_someone_excluded_is_in_no_row_and_takes_no_phone(folder):
    definition = campaign(parts=[[("Text", 100, False)]])
    people = [customer("a", "2125550143", excluded=0), customer("b", "2125550143")]
    assert outcomes(definition, people, folder) == {("b", 0): "send"}


def test_with_first_match_a_phone_is_sent_in_one_sub_audience_only(folder):
    definition = campaign(parts=[[("Gold", 100, False)], [("Rest", 100, False)]])
    people = [customer("a", "2125550143", (1,)), customer("b", "2125550143", (0,))]
    assert outcomes(definition, people, folder) == {("a", 1): "send", ("b", 0): "duplicate"}


def test_without_first_match_each_sub_audience_stands_alone(folder):
    definition = campaign(False, [HALVES, [("Rest", 100, False)], []])
    held_out = in_group(definition, 0, 1)[0]
    people = [customer(held_out, "2125550143", (0, 1))]
    members, figures, _ = run(definition, people, folder)
    assert members == {
        (held_out, 0, 1, 0): ("control", None),
        (held_out, 1, 0, TEXT_A): ("send", "+12125550143"),
    }
    assert (figures.audience, figures.places) == (1, 2)
    assert (figures.several_places, figures.held_out_and_sent) == (1, 1)


def test_without_first_match_a_phone_shared_across_sub_audiences_is_sent_in_each(folder):
    definition = campaign(False, [[("Gold", 100, False)], [("Silver", 100, False)], []])
    people = [
        customer("a", "2125550143", (0,)),
        customer("b", "2125550143", (0,)),
        customer("c", "2125550143", (1,)),
        customer("d", "2125550143", (1,)),
    ]
    assert outcomes(definition, people, folder) == {
        ("a", 0): "send",
        ("b", 0): "duplicate",
        ("c", 1): "send",
        ("d", 1): "duplicate",
    }


def test_everyone_stays_in_the_group_whoever_joins_or_leaves(folder):
    definition = campaign(parts=[[("A", 30, False), ("B", 60, False), ("C", 10, True)]])
    people = [customer(f"c{n}", None) for n in range(300)]
    before, _, _ = run(definition, people, folder)
    after, _, _ = run(definition, [*people[::3], customer("new", None)], folder)
    groups = {key[0]: key[2] for key in before}
    assert all(groups[key[0]] == key[2] for key in after if key[0] != "new")


def test_the_hash_of_a_customer_never_changes():
    """Known once and for all: with another answer everyone would change groups."""
    assert [bucket("seed", id_) for id_ in ("c1", "c2", "é")] == KNOWN


KNOWN = [535, 9278, 6383]


def test_groups_come_out_near_their_percent(folder):
    definition = campaign(parts=[[("A", 30, False), ("B", 60, False), ("C", 10, True)]])
    _, figures, _ = run(definition, [customer(f"c{n}", None) for n in range(20_000)], folder)
    shares = [group.customers / 200 for group in figures.groups]
    assert shares == [pytest.approx(percent, abs=1.5) for percent in (30, 60, 10)]


@given(st.lists(st.integers(0, 100), max_size=5).map(sorted))
def test_every_percent_belongs_to_exactly_one_group(cuts):
    groups = [("g", high - low, False) for low, high in pairwise([0, *cuts, 100])]
    laid = slices(campaign(parts=[groups]).parts[0])
    covered = [percent for each in laid for percent in range(each.start, each.stop)]
    assert covered == list(range(100))


def test_splits_of_a_draft_that_do_not_add_up_leave_people_without_a_group(folder):
    definition = campaign(parts=[[("A", 20, False), ("B", 20, False)]])
    people = [customer(f"c{n}", None) for n in range(500)]
    _, figures, _ = run(definition, people, folder)
    assert figures.adds_up
    assert figures.no_group == figures.parts[0].no_group > 200
    too_much = campaign(parts=[[("A", 80, False), ("B", 80, False)]])
    _, figures, _ = run(too_much, people, folder)
    assert figures.adds_up
    assert figures.no_group == 0


def test_a_waterfall_goes_from_the_included_to_those_who_are_sent(folder):
    definition = campaign(parts=[[("Text", 100, False)], []], only_where={"all": []})
    people = [
        customer("a", "2125550143"),
        customer("b", "2125550143"),
        customer("c", "12"),
        customer("d", " "),
        customer("e", "2125550144", allowed=False),
        customer("f", "2125550145", (1,)),
        customer("g", "2125550146", excluded=None),
    ]
    _, figures, _ = run(definition, people, folder)
    steps = figures.waterfall(TEXT_A)
    assert (steps.included, steps.audience, steps.no_group, steps.elsewhere) == (7, 7, 1, 0)
    assert (steps.filtered, steps.no_identifier, steps.invalid, steps.duplicate) == (1, 1, 1, 1)
    assert steps.to_send == 2
    assert steps.reasons == {"too short": 1}


def test_a_source_mapped_as_phone_and_as_email_is_read_as_both(folder):
    one = campaign(parts=[[("Text", 100, False)]])
    mail = Target(TEXT_B, "Mail", "{group}", "email", PHONE)
    part = replace(one.parts[0], groups=(Group("g", "Text", 100, False, (TEXT_A, TEXT_B)),))
    both = replace(one, parts=(part,), targets=(*one.targets, mail))
    people = [customer("a", "2125550143"), customer("b", "b@example.org")]
    members, _, _ = run(both, people, folder)
    assert {key[::3]: outcome for key, (outcome, _) in members.items()} == {
        ("a", TEXT_A): "send",
        ("b", TEXT_A): "invalid",
        ("a", TEXT_B): "invalid",
        ("b", TEXT_B): "send",
    }


def test_a_destination_for_which_nobody_chose_an_identifier_sends_to_nobody(folder):
    definition = campaign(parts=[[("Text", 100, False)]])
    open_target = replace(definition.targets[0], identifier="", source="")
    people = [customer("a", "2125550143")]
    _, figures, _ = run(replace(definition, targets=(open_target,)), people, folder)
    assert (figures.deliveries[0].no_identifier, figures.to_send) == (1, 0)


def test_a_customer_with_two_rows_stops_the_split(folder):
    definition = campaign(parts=[[("Text", 100, False)]])
    write(definition, [customer("a", None), customer("a", None)], folder / "snapshot.parquet")
    with pytest.raises(DoubledCustomersError, match="1 too many"):
        split(folder / "snapshot.parquet", folder / "doubled.parquet", definition)
    assert not (folder / "doubled.parquet").exists()
