"""Each fault of a rule is named by its path, in words that say what would be right."""

from datetime import date

import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from segments.rules import RuleError, check, list_names, parse, segment_names, to_json
from tests.segments import shop


def faults(rule, **more):
    return {
        fault.path: fault.text
        for fault in check(rule, shop.CATALOGUE, more.get("segments", ()), more.get("lists", ()))
    }


TIER = {"attribute": "customer_360.tier", "operator": "is", "value": "Gold"}


@pytest.mark.parametrize(
    ("rule", "path", "words"),
    [
        ("Gold", "", "A rule is a mapping"),
        ({}, "", "A rule has one of all, any, none, attribute, event, segment or sql"),
        ({"al": [TIER]}, "", 'Did you mean "all"?'),
        ({"all": [TIER], "any": []}, "", "all and any cannot stand in one node"),
        ({"all": TIER}, "all", "Write a list of rules"),
        ({"all": [TIER, {"none": ["x"]}]}, "all[1].none[0]", "A rule is a mapping"),
        ({**TIER, "vaule": 1}, "vaule", 'Did you mean "value"?'),
        ({**TIER, "attribute": "tier"}, "attribute", 'Write "tier" as table.column.'),
        ({**TIER, "attribute": "customer_350.tier"}, "attribute", 'Did you mean "customer_360"?'),
        ({**TIER, "attribute": "customer_360.teir"}, "attribute", 'Did you mean "tier"?'),
        ({**TIER, "attribute": "orders.channel"}, "attribute", "Write it as event: orders."),
        ({**TIER, "attribute": "products.category"}, "attribute", "not about customers"),
        ({**TIER, "operator": "equals"}, "operator", "Use is_in, is_not_in, is,"),
        ({**TIER, "operator": "start_with"}, "operator", 'Did you mean "starts_with"?'),
        ({**TIER, "operator": "at_least"}, "operator", "customer_360.tier is a text"),
        ({"attribute": "customer_360.tier"}, "operator", "Say how it compares"),
        ({**TIER, "value": 5}, "value", "Write a text"),
        ({**TIER, "value": ["Gold"]}, "value", "not with a list"),
        ({**TIER, "value": None}, "value", "is compares with one value"),
        ({**TIER, "operator": "is_in"}, "value", "is_in compares with a list of values"),
        ({**TIER, "operator": "is_in", "value": []}, "value", "The list is empty"),
        ({**TIER, "operator": "is_in", "value": ["a", 1]}, "value[1]", "Write a text"),
        ({**TIER, "operator": "is_in", "value": {"list": "VIP"}}, "value.list", 'no list "VIP"'),
        ({**TIER, "operator": "is_blank"}, "value", "takes no value"),
        ({**TIER, "operator": "matches", "value": "("}, "value", "missing )"),
        ({**TIER, "operator": "matches", "value": "(?=x)"}, "value", "regular expression"),
        ({**TIER, "off": "yes"}, "off", "Write true or false"),
        ({**TIER, "ignore_case": 0}, "ignore_case", "Write true or false"),
        (
            {"attribute": "customer_360.score", "operator": "between", "value": [1, 2, 3]},
            "value",
            "two values, [low, high], not 3",
        ),
        (
            {"attribute": "customer_360.score", "operator": "between", "value": [3, 1]},
            "value",
            "ends (1) before it begins (3)",
        ),
        (
            {"attribute": "customer_360.score", "operator": "is", "value": "5"},
            "value",
            "Write a number",
        ),
        (
            {"attribute": "customer_360.score", "operator": "is", "value": True},
            "value",
            "Write a number",
        ),
        (
            {
                "attribute": "customer_360.score",
                "operator": "is",
                "value": 1,
                "ignore_case": False,
            },
            "ignore_case",
            "Only text has upper and lower case",
        ),
        (
            {"attribute": "customer_360.born", "operator": "is_on", "value": "2026-02-30"},
            "value",
            '"2026-02-30" is no date or time',
        ),
        (
            {"attribute": "customer_360.born", "operator": "is_on", "value": {"day_ago": 1}},
            "value",
            "{days_ago: N}",
        ),
        (
            {"attribute": "customer_360.born", "operator": "is_in_last", "value": 30},
            "value",
            "Write {n: 30, unit: days}",
        ),
        (
            {
                "attribute": "customer_360.born",
                "operator": "is_in_last",
                "value": {"n": -1, "unit": "day"},
            },
            "value.unit",
            'Did you mean "days"?',
        ),
        (
            {
                "attribute": "customer_360.born",
                "operator": "is_between",
                "value": ["2026-05-02", "2026-05-01 10:00"],
            },
            "value",
            "before it begins",
        ),
        (
            {"attribute": "customer_360.seen", "operator": "is_in_this", "value": "fortnight"},
            "value",
            "week, month, quarter or year",
        ),
        ({"event": "order"}, "event", 'Did you mean "orders"?'),
        ({"event": "customer_360"}, "event", "one row a customer"),
        ({"event": "products"}, "event", "does not say which customer"),
        ({"event": "orders", "where": {"event": "visits"}}, "where", "attributes of orders"),
        (
            {"event": "visits", "where": {**TIER, "attribute": "products.category"}},
            "where.attribute",
            "visits does not lead to products",
        ),
        (
            {
                "event": "orders",
                "where": {
                    "any": [
                        {**TIER, "attribute": "products.category"},
                        {"attribute": "orders.order_value", "operator": "is", "value": "x"},
                    ]
                },
            },
            "where.any[1].value",
            "Write a number",
        ),
        ({"event": "orders", "period": {"last": 3}}, "period.unit", "days, weeks, months or years"),
        (
            {"event": "orders", "period": {"from": "2026-05-02", "to": "2026-05-01"}},
            "period",
            "It ends (2026-05-01) before it begins (2026-05-02)",
        ),
        ({"event": "orders", "period": {"since": "2026-05-02"}}, "period.since", "does not belong"),
        (
            {"event": "orders", "period": {"from": 0, "to": "2026-05-02"}},
            "period.from",
            "0 is not a date",
        ),
        ({"event": "orders", "which": "frist"}, "which", 'Did you mean "first"?'),
        ({"event": "orders", "measure": "sum"}, "measure", "Use count, total"),
        ({"event": "orders", "measure": "total"}, "operator", "Say what the total"),
        (
            {
                "event": "orders",
                "measure": "total",
                "of": "orders.channel",
                "operator": "is",
                "value": 1,
            },
            "of",
            "orders.channel is not a number",
        ),
        (
            {"event": "visits", "measure": "average", "operator": "is", "value": 1},
            "of",
            "visits has no value column",
        ),
        (
            {"event": "orders", "measure": "most_frequent", "operator": "is_blank"},
            "of",
            "Say which column's",
        ),
        ({"event": "orders", "of": "orders.order_value"}, "of", "of goes with total"),
        (
            {"event": "orders", "measure": "first", "operator": "at_least", "value": 1},
            "operator",
            "is a date and time",
        ),
        ({"segment": "Gone"}, "segment", 'There is no segment "Gone".'),
        ({"segment": 5}, "segment", "Write a name"),
    ],
)
def test_a_fault_is_named_where_it_is(rule, path, words):
    found = faults(rule)
    assert path in found, found
    assert words in found[path]


def test_all_faults_are_told_at_once():
    rule = {"all": [{**TIER, "value": 1}, {"event": "ordres"}, {"segment": "Gone"}]}
    assert list(faults(rule)) == ["all[0].value", "all[1].event", "all[2].segment"]


def test_names_match_without_case():
    assert faults({**TIER, "attribute": "Customer_360.TIER"}) == {}
    assert faults({"event": "ORDERS", "where": {**TIER, "attribute": "Products.Category"}}) == {}


def test_what_is_off_counts_as_absent():
    broken = {**TIER, "attribute": "gone.column", "off": True}
    assert faults({"all": [TIER, broken]}) == {}


def test_a_circle_of_segments_is_refused_with_its_chain():
    segments = {
        "A": {"all": [{"segment": "B"}]},
        "B": {"any": [{"segment": "C"}]},
        "C": {"none": [{"segment": "A"}]},
    }
    found = check({"segment": "B"}, shop.CATALOGUE, segments, name="A")
    assert [fault.path for fault in found] == ["segment"]
    assert "A -> B -> C -> A" in found[0].text


def test_a_segment_that_names_itself_is_a_circle():
    found = check({"segment": "A"}, shop.CATALOGUE, {"A": TIER}, name="A")
    assert "A -> A" in found[0].text


def test_many_segments_in_a_row_are_followed_to_their_circle():
    segments = {f"S{n}": {"segment": f"S{n + 1}"} for n in range(2000)}
    assert check({"segment": "S1"}, shop.CATALOGUE, segments, name="S0") == []
    segments["S2000"] = {"segment": "S0"}
    assert "S2000 -> S0" in check({"segment": "S1"}, shop.CATALOGUE, segments, name="S0")[0].text


@pytest.mark.timeout(20)
def test_segments_that_share_segments_are_looked_at_once():
    segments = {
        f"{side}{n}": {"any": [{"segment": f"A{n + 1}"}, {"segment": f"B{n + 1}"}]}
        for n in range(40)
        for side in "AB"
    } | {"A40": TIER, "B40": TIER}
    assert check({"segment": "A0"}, shop.CATALOGUE, segments, name="Top") == []


def test_a_criterion_that_is_off_makes_no_circle():
    segments = {"B": {"all": [{"segment": "A", "off": True}]}}
    assert check({"segment": "B"}, shop.CATALOGUE, segments, name="A") == []


def test_days_that_yaml_read_are_days():
    rule = {"event": "orders", "period": {"from": date(2026, 1, 1), "to": date(2026, 2, 1)}}
    assert faults(rule) == {}
    assert to_json(parse(rule))["period"] == {"from": "2026-01-01", "to": "2026-02-01"}


def test_a_rule_that_is_none_cannot_be_parsed():
    with pytest.raises(RuleError, match="A rule is a mapping"):
        parse(["x"])


def test_names_in_a_rule_are_found_at_any_depth():
    rule = {
        "any": [
            {"none": [{"segment": "A"}, {"segment": "Off", "off": True}]},
            {
                "event": "orders",
                "where": {**TIER, "operator": "is_in", "value": {"list": "VIPs"}},
            },
        ]
    }
    assert segment_names(rule) == {"A"}
    assert list_names(rule) == {"VIPs"}


@settings(max_examples=200, deadline=None)
@given(shop.rules)
def test_a_rule_survives_the_way_to_nodes_and_back(rule):
    try:
        nodes = parse(rule)
    except RuleError as error:  # a random pair that is the wrong way round
        assume(all("before it begins" in fault.text for fault in error.faults))
        reject()
    assert parse(to_json(nodes)) == nodes


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "all",
                        "none",
                        "attribute",
                        "event",
                        "value",
                        "operator",
                        "where",
                        "period",
                        "measure",
                        "of",
                        "segment",
                        "last",
                        "n",
                        "list",
                        "off",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_is_no_rule_is_told_in_words(junk):
    """Never an exception, whatever somebody sends."""
    for fault in check(junk, shop.CATALOGUE, {}, ()):
        assert fault.text.strip()
