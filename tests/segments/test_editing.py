"""What the editor does to a draft, without a page."""

import pytest

from core.edits import EditRefusedError
from segments import drafts, editing
from segments.models import Segment
from tests.segments import shop
from tests.segments.factories import SegmentFactory

TIER = "attribute:customer_360.tier"
CATALOGUE = shop.CATALOGUE


@pytest.fixture
def draft(marketer):
    """A draft and a way to edit it: draft("add", group, "attribute:...")."""

    class Draft:
        segment = editing.create(marketer)

        def __call__(self, op, node, *values):
            base = self.segment.revision
            self.segment = editing.edit(
                self.segment.pk, op, node, values, base, marketer, CATALOGUE
            )
            return self

        @property
        def tree(self):
            return drafts.plain(self.segment.current_rule)

        @property
        def root(self):
            return self.segment.current_rule["id"]

        def id(self, *way):
            node = self.segment.current_rule
            for step in way:
                node = node[step]
            return node["id"]

        @property
        def last(self):
            return self.id("all", -1)

    return Draft()


@pytest.mark.parametrize(
    ("column", "operator", "value"),
    [
        ("tier", "is_in", []),
        ("score", "at_least", ""),
        ("born", "is_in_last", {"n": 30, "unit": "days"}),
        ("seen", "is_in_last", {"n": 30, "unit": "days"}),
        ("vip", "is_true", None),
    ],
)
def test_a_new_line_begins_with_what_most_people_want(draft, column, operator, value):
    draft("add", draft.root, f"attribute:customer_360.{column}")
    node = draft.tree["all"][0]
    assert node["attribute"] == f"customer_360.{column}"
    assert (node["operator"], node.get("value")) == (operator, value)


def test_the_example_of_the_manual_can_be_built(draft):
    draft("add", draft.root, "event:orders")
    draft("filter", draft.last, "attribute:products.category")
    draft("value", draft.id("all", 0, "where", "all", 0), "Soft drinks", " Soft drinks ")
    draft("value", draft.last, "3")
    draft("period", draft.last, "last")
    draft("add", draft.root, TIER)
    draft("value", draft.last, "50-74K")
    assert draft.tree == {
        "all": [
            {
                "event": "orders",
                "operator": "at_least",
                "value": 3,
                "where": {
                    "all": [
                        {
                            "attribute": "products.category",
                            "operator": "is_in",
                            "value": ["Soft drinks"],
                        }
                    ]
                },
                "period": {"last": 90, "unit": "days"},
            },
            {"attribute": "customer_360.tier", "operator": "is_in", "value": ["50-74K"]},
        ]
    }


def test_people_are_left_out_by_a_block_that_stays_last(draft):
    draft("add", "leave-out", "segment:Staff")
    draft("add", draft.root, TIER)
    draft("add", "leave-out", "segment:Testers")
    first, block = draft.tree["all"]
    assert first["attribute"] == "customer_360.tier"
    assert block == {"none": [{"segment": "Staff"}, {"segment": "Testers"}]}


def test_a_group_that_matches_none_stays_where_it_is(draft):
    draft("add", draft.root, TIER)("add_group", draft.root)
    draft("add", draft.last, "segment:Staff")("match", draft.last, "none")
    assert drafts.left_out(draft.segment.current_rule) is None
    draft("add", "leave-out", "segment:Testers")
    assert draft.tree["all"][1:] == [
        {"none": [{"segment": "Staff"}]},
        {"none": [{"segment": "Testers"}]},
    ]


def test_an_empty_block_is_gone(draft):
    draft("add", "leave-out", "segment:Staff")
    draft("remove", draft.id("all", 0, "none", 0))
    assert draft.tree == {"all": []}


def test_people_are_left_out_by_any_line_or_by_all_together(draft):
    lines = [{"segment": "Staff"}, {"segment": "Testers"}]
    draft("add", "leave-out", "segment:Staff")("add", "leave-out", "segment:Testers")
    draft("match", draft.last, "all")
    assert draft.tree == {"all": [{"none": [{"all": lines}]}]}
    draft("match", draft.id("all", 0, "none", 0), "all")  # said twice
    draft("match", draft.id("all", 0, "none", 0), "any")
    assert draft.tree == {"all": [{"none": lines}]}
    draft("match", draft.last, "all")
    for _ in lines:
        draft("remove", draft.id("all", 0, "none", 0, "all", 0))
    assert draft.tree == {"all": []}


def test_matching_any_leaves_the_block_as_it_is(draft):
    draft("add", draft.root, TIER)("add", "leave-out", "segment:Staff")
    draft("match", draft.root, "any")
    assert [list(node) for node in draft.tree["all"]] == [["any"], ["none"]]
    draft("match", draft.root, "none")
    assert [list(node) for node in draft.tree["all"]] == [["none"], ["none"]]


def test_any_group_keeps_its_lines_when_people_are_left_out(draft):
    draft("add", draft.root, TIER)("match", draft.root, "any")
    draft("add", "leave-out", "segment:Staff")
    assert draft.tree["all"][0]["any"][0]["attribute"] == "customer_360.tier"


def test_groups_hold_lines(draft):
    draft("add_group", draft.root)
    draft("add", draft.last, TIER)
    assert draft.tree["all"][0]["any"][0]["attribute"] == "customer_360.tier"
    draft("remove", draft.last)
    assert draft.tree == {"all": []}


def test_lines_move_within_their_group_and_not_past_the_block(draft):
    for name in ("A", "B"):
        draft("add", draft.root, f"segment:{name}")
    draft("add", "leave-out", "segment:Staff")
    draft("down", draft.id("all", 0))
    assert [node.get("segment") for node in draft.tree["all"]] == ["B", "A", None]
    draft("down", draft.id("all", 1))
    assert [node.get("segment") for node in draft.tree["all"]] == ["B", "A", None]
    draft("up", draft.id("all", 1))
    assert [node.get("segment") for node in draft.tree["all"]] == ["A", "B", None]


def test_a_twin_has_ids_of_its_own(draft):
    draft("add", draft.root, "event:orders")
    draft("filter", draft.last, "attribute:products.category")
    draft("duplicate", draft.last)
    ids = [node["id"] for node in drafts.walk(draft.segment.current_rule)]
    assert len(ids) == len(set(ids)) == 7


def test_switching_off_and_putting_back(draft):
    draft("add", draft.root, TIER)
    assert draft("off", draft.last).tree["all"][0]["off"] is True
    assert "off" not in draft("off", draft.last).tree["all"][0]


def test_what_was_typed_goes_on_where_it_fits(draft):
    draft("add", draft.root, TIER)("operator", draft.last, "is")("value", draft.last, "Gold")
    assert draft("operator", draft.last, "contains").tree["all"][0]["value"] == "Gold"
    assert draft("operator", draft.last, "is_not_in").tree["all"][0]["value"] == ["Gold"]
    assert "value" not in draft("operator", draft.last, "is_blank").tree["all"][0]


@pytest.mark.parametrize(
    ("operator", "typed", "value"),
    [
        ("at_least", ["1,250"], 1250),
        ("at_least", ["2.50"], 2.5),
        ("at_least", [""], None),
        ("between", ["1", "20"], [1, 20]),
        ("is_in", ["1", " ", "2"], [1, 2]),
    ],
)
def test_numbers_are_read_as_people_type_them(draft, operator, typed, value):
    draft("add", draft.root, "attribute:customer_360.score")("operator", draft.last, operator)
    assert draft("value", draft.last, *typed).tree["all"][0]["value"] == value


@pytest.mark.parametrize(
    ("operator", "typed", "value"),
    [
        ("is_on", ["date", "2026-05-01"], "2026-05-01"),
        ("is_on", ["today", ""], "today"),
        ("is_before", ["days_ago", "7"], {"days_ago": 7}),
        ("is_on", ["yesterday", "2026-05-01"], {"days_ago": 1}),
        ("is_between", ["year", "", "tomorrow", ""], [{"days_ago": 365}, {"days_from_now": 1}]),
        ("is_before", ["days_ago", "2026-05-01"], {"days_ago": None}),
        ("is_between", ["date", "2026-05-01", "today", ""], ["2026-05-01", "today"]),
        ("is_in_next", ["2", "weeks"], {"n": 2, "unit": "weeks"}),
        ("is_in_this", ["quarter"], "quarter"),
    ],
)
def test_dates_are_days_or_distances_from_today(draft, operator, typed, value):
    draft("add", draft.root, "attribute:customer_360.born")("operator", draft.last, operator)
    assert draft("value", draft.last, *typed).tree["all"][0]["value"] == value


@pytest.mark.parametrize(
    ("column", "typed", "words"),
    [
        ("score", ["many"], "“many” is not a number"),
        ("score", ["inf"], "“inf” is not a number"),
        ("born", ["few", "days"], "“few” is not a whole number"),
        ("born", ["3", "fortnights"], "Choose one from the list"),
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_changes(draft, column, typed, words):
    draft("add", draft.root, f"attribute:customer_360.{column}")
    before = draft.tree
    with pytest.raises(EditRefusedError, match=words):
        draft("value", draft.last, *typed)
    assert drafts.plain(Segment.objects.get().draft) == before


def test_another_measure_asks_for_another_kind_of_value(draft):
    draft("add", draft.root, "event:orders")("measure", draft.last, "last")
    assert draft.tree["all"][0]["operator"] == "is_in_last"
    draft("measure", draft.last, "most_frequent")("of", draft.last, "attribute:products.category")
    assert draft.tree["all"][0]["operator"] == "is_in"
    draft("measure", draft.last, "count")
    assert "of" not in draft.tree["all"][0]


def test_a_window_is_the_last_days_or_between_two(draft):
    draft("add", draft.root, "event:orders")
    draft("period", draft.last, "last")("period", draft.last, "last", "12", "weeks")
    assert draft.tree["all"][0]["period"] == {"last": 12, "unit": "weeks"}
    draft("period", draft.last, "between", "12", "weeks")
    draft("period", draft.last, "between", "2026-01-01", "2026-02-01")
    assert draft.tree["all"][0]["period"] == {"from": "2026-01-01", "to": "2026-02-01"}
    assert "period" not in draft("period", draft.last, "all").tree["all"][0]


def test_a_condition_must_be_one_that_the_event_leads_to(draft):
    draft("add", draft.root, "event:visits")
    with pytest.raises(EditRefusedError, match="Choose a column from the list"):
        draft("filter", draft.last, "attribute:products.category")


def test_the_last_condition_takes_the_where_with_it(draft):
    draft("add", draft.root, "event:orders")
    draft("filter", draft.last, "attribute:products.category")
    draft("remove", draft.id("all", 0, "where", "all", 0))
    assert "where" not in draft.tree["all"][0]


def test_conditions_on_an_event_are_grouped_as_lines_are(draft):
    draft("add", draft.root, "event:orders")
    draft("filter", draft.last, "attribute:products.category")
    draft("filter", draft.last, "attribute:products.category")
    where = draft.id("all", 0, "where")
    draft("match", where, "any")
    draft("add_group", where)
    draft("filter", draft.id("all", 0, "where", "any", 2), "attribute:products.category")
    found = draft.tree["all"][0]["where"]["any"]
    assert [drafts.word(each) for each in found] == ["", "", "any"]
    assert found[2]["any"][0]["attribute"] == "products.category"


def test_a_list_is_compared_with_and_left_again(draft):
    draft("add", draft.root, TIER)
    draft("operator", draft.last, "is_not_in list")
    assert drafts.missing(draft.tree["all"][0], CATALOGUE) == "Pick a list"
    draft("value", draft.last, "VIPs")
    node = draft.tree["all"][0]
    assert (node["operator"], node["value"]) == ("is_not_in", {"list": "VIPs"})
    draft("operator", draft.last, "is_not_in")
    assert draft.tree["all"][0]["value"] == []


def test_a_moment_has_its_time_of_day(draft):
    draft("add", draft.root, "attribute:customer_360.seen")
    draft("operator", draft.last, "is_before")
    draft("value", draft.last, "time", "")
    assert drafts.missing(draft.tree["all"][0], CATALOGUE) == "Pick a value"
    draft("value", draft.last, "time", "2026-11-03T09:30")
    assert draft.tree["all"][0]["value"] == "2026-11-03 09:30"
    draft("value", draft.last, "date", "2026-11-03T09:30")
    assert draft.tree["all"][0]["value"] == "2026-11-03"


@pytest.mark.parametrize("typed", ["-3", "2.5"])
def test_nothing_happens_less_than_never_or_by_halves(draft, typed):
    draft("add", draft.root, "event:orders")
    with pytest.raises(EditRefusedError, match="is not a number of times"):
        draft("value", draft.last, typed)


def test_saying_the_same_again_is_no_edit(draft):
    draft("add", draft.root, TIER)("value", draft.last, "Gold")
    assert draft("value", draft.last, "Gold").segment.revision == 2


def test_a_published_rule_is_edited_as_a_draft_beside_it(marketer):
    rule = {"attribute": "customer_360.tier", "operator": "is", "value": "Gold"}
    segment = SegmentFactory(rule=rule)
    edited = editing.edit(segment.pk, "off", "n-0", [], 0, marketer, CATALOGUE)
    assert edited.rule == rule
    assert drafts.plain(edited.draft) == {"all": [rule | {"off": True}]}
    again = editing.edit(segment.pk, "discard", "", [], 1, marketer, CATALOGUE)
    assert again.draft is None


def test_a_name_that_is_taken_is_refused(draft):
    SegmentFactory(name="Gold")
    with pytest.raises(EditRefusedError, match="Another segment is called"):
        draft("name", "", "gold")


@pytest.mark.parametrize("op", ["drop_tables", "", "add"])
def test_what_the_page_does_not_offer_is_refused(draft, op):
    with pytest.raises(EditRefusedError):
        draft(op, "nowhere", "attribute:customer_360.tier")


@pytest.mark.parametrize(
    ("node", "missing"),
    [
        ({"attribute": "customer_360.tier", "operator": "is_in", "value": []}, "Pick a value"),
        ({"attribute": "customer_360.tier", "operator": "is", "value": ""}, "Pick a value"),
        ({"attribute": "customer_360.score", "operator": "between", "value": [1, None]},
         "Pick a value"),
        ({"attribute": "customer_360.tier", "operator": "is_blank"}, ""),
        ({"attribute": "customer_360.tier", "operator": "is_in", "value": ["x"]}, ""),
        ({"attribute": "customer_360.score", "operator": "is", "value": 0}, ""),
        ({"attribute": "customer_360.born", "operator": "is_in_last",
          "value": {"n": None, "unit": "days"}}, "Pick a value"),
        ({"segment": ""}, "Pick a segment"),
        ({"event": "orders"}, ""),
        ({"event": "orders", "measure": "most_frequent", "operator": "is_in", "value": ["x"]},
         "Pick which value is meant"),
    ],
)  # fmt: skip
def test_an_incomplete_line_says_what_it_lacks(node, missing):
    assert drafts.missing(node, CATALOGUE) == missing


def test_incomplete_lines_and_conditions_are_left_out_of_the_count():
    half = {"attribute": "products.category", "operator": "is_in", "value": []}
    draft = {
        "all": [
            {"event": "orders", "where": {"all": [half]}},
            {"any": [{"segment": ""}]},
            {"segment": "Staff"},
        ]
    }
    assert drafts.complete(draft, CATALOGUE) == {"all": [{"event": "orders"}, {"segment": "Staff"}]}
