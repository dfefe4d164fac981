"""Lines that are moved, wrapped and dissolved."""

import copy

import pytest

from core.edits import EditRefusedError
from segments import drafts
from segments.operations import OPERATIONS
from segments.operations.draft import Draft
from segments.rules import check
from tests.segments import shop


def line(id):
    return {"id": id, "attribute": "customer_360.tier", "operator": "is_not", "value": id}


@pytest.fixture
def root():
    return {
        "id": "root",
        "all": [
            line("a"),
            {"id": "g", "any": [line("b"), line("c")]},
            line("d"),
            {"id": drafts.LEAVE_OUT, "none": [line("x")]},
        ],
    }


def arrange(root, op, id, *values):
    OPERATIONS[op](Draft(root, shop.CATALOGUE), id, values)


def shape(node):
    word = drafts.word(node)
    return {word: [shape(each) for each in node[word]]} if word else node["id"]


@pytest.mark.parametrize(
    ("id", "group", "place", "expected"),
    [
        ("a", "g", 1, [{"any": ["b", "a", "c"]}, "d", {"none": ["x"]}]),
        ("c", "root", 0, ["c", "a", {"any": ["b"]}, "d", {"none": ["x"]}]),
        ("a", "root", 9, [{"any": ["b", "c"]}, "d", "a", {"none": ["x"]}]),
        ("x", "root", 0, ["x", "a", {"any": ["b", "c"]}, "d"]),
        ("d", drafts.LEAVE_OUT, 0, ["a", {"any": ["b", "c"]}, {"none": ["d", "x"]}]),
    ],
)
def test_a_line_goes_where_it_is_dropped(root, id, group, place, expected):
    arrange(root, "move", id, group, str(place))
    assert shape(root) == {"all": expected}


@pytest.mark.parametrize(
    ("id", "group"), [("g", "g"), ("a", "b"), ("a", "gone"), ("root", "g"), ("g", "")]
)
def test_a_drop_that_makes_no_sense_changes_nothing(root, id, group):
    before = shape(root)
    with pytest.raises(EditRefusedError):
        arrange(root, "move", id, group, "0")
    assert shape(root) == before


def test_by_the_menu_a_line_goes_into_the_group_beside_it_and_out_again(root):
    arrange(root, "into", "d")
    assert shape(root["all"][1]) == {"any": ["b", "c", "d"]}
    arrange(root, "out", "d")
    assert shape(root)["all"][2] == "d"


def test_the_last_line_takes_its_group_along(root):
    arrange(root, "out", "b")
    arrange(root, "out", "c")
    assert shape(root) == {"all": ["a", "c", "b", "d", {"none": ["x"]}]}


def test_nothing_leaves_the_outermost_group(root):
    for id in ("a", "x"):
        with pytest.raises(EditRefusedError, match="no group that it could leave"):
            arrange(root, "out", id)


def test_a_group_is_made_around_a_line_and_dissolved(root):
    arrange(root, "wrap", "a")
    assert shape(root)["all"][0] == {"any": ["a"]}
    arrange(root, "unwrap", root["all"][0]["id"])
    assert shape(root)["all"][0] == "a"


def test_blanks_are_left_out_by_a_line_that_asks_for_a_value(root):
    arrange(root, "no_blanks", "a")
    assert root["all"][1]["operator"] == "is_not_blank"
    arrange(root, "no_blanks", "b")
    (first, second), other = root["all"][2]["any"][0]["all"], root["all"][2]["any"][1]
    assert (first["id"], second["operator"], other["id"]) == ("b", "is_not_blank", "c")


AVERAGE = {"event": "orders", "measure": "average", "operator": "is_not", "value": 3, "id": "e"}
PAGE = {"attribute": "orders.channel", "operator": "is_not", "value": "web", "id": "w"}


def test_an_event_leaves_out_those_for_whom_there_is_none(root):
    root["all"][0] = {**AVERAGE, "where": dict(PAGE)}
    arrange(root, "no_blanks", "e")
    known = root["all"][1]
    assert (known["measure"], known["operator"]) == ("average", "is_not_blank")
    assert drafts.plain(known["where"]) == drafts.plain(PAGE)
    ids = [each["id"] for each in drafts.walk(root)]
    assert len({*ids}) == len(ids)
    assert check(drafts.plain(root), shop.CATALOGUE) == []


@pytest.mark.parametrize("where", [PAGE, {"id": "g2", "any": [PAGE]}])
def test_a_condition_on_an_event_leaves_out_blanks_too(root, where):
    root["all"][0] = {"event": "orders", "id": "e", "where": copy.deepcopy(where)}
    arrange(root, "no_blanks", "w")
    found = root["all"][0]["where"]
    both = found["any"][0] if "any" in found else found
    assert [each["operator"] for each in both["all"]] == ["is_not", "is_not_blank"]


@pytest.mark.parametrize("measure", ["count", "total"])
def test_how_often_is_never_blank(root, measure):
    root["all"][0] = AVERAGE | {"measure": measure}
    with pytest.raises(EditRefusedError, match="matches no blanks"):
        arrange(root, "no_blanks", "e")
