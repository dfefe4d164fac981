from datetime import date

import pytest

from campaigns import names
from campaigns.definition import Definition, Group, Part, Target

DAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    "name",
    [
        "Untitled",
        "untitled campaign",
        "DRAFT",
        "New",
        "test",
        "Test 2",
        "Campaign",
        "campaign #3",
        "Segment 1",
        "Group A",
        "group-b",
        "Recipient 1",
        "recipient  1",
        "Recipient1",
        "RECIPIENT_12",
        "Treatment",
        "Treatment group",
        "treatment-group: 2",
        "Control group",
        "Control  Group B",
        "Copy of Spring",
        "  copy of: x",
        "New campaign 4",
        "\uff27roup 1",
    ],
)
def test_a_default_name_is_refused(name):
    assert "tells nobody" in names.name_fault(name)
    assert "tells nobody" in names.group_name_fault(name)


@pytest.mark.parametrize(
    "name",
    ["Spring test", "Control", "Gold 90%", "Everyone text A", "New arrivals", "Grouped", "A", "Q4"],
)
def test_a_name_that_says_something_is_taken(name):
    assert names.name_fault(name) is None
    assert names.group_name_fault(name) is None


@pytest.mark.parametrize("name", ["", "   ", "\t"])
def test_a_missing_name_is_asked_for(name):
    assert names.name_fault(name) == "Give it a name."


def test_a_group_cannot_begin_with_an_underscore():
    assert "cannot begin" in names.group_name_fault(" _Gold")
    assert names.name_fault("_Gold") is None


def test_a_list_is_named_by_the_template_without_outer_blanks():
    template = " {campaign} / {sub_audience} / {group} / {date} "
    found = names.list_name(template, " Autumn ", "Gold", "Early {date} ", DAY)
    assert found == "Autumn / Gold / Early {date} / 2026-12-01"


def test_a_field_that_nobody_knows_is_found():
    assert names.unknown_fields("{campaign}_{segment}{}") == ["segment", ""]
    assert names.list_name("{segment}", "A", "B", "C", DAY) == "{segment}"


@pytest.mark.parametrize(
    ("one", "other"), [("Gold Early", "goldearly"), ("STRASSE 1", "straße 1"), ("A\u00a0b", "ab")]
)
def test_case_and_blanks_tell_no_names_apart(one, other):
    assert names.comparable(one) == names.comparable(other)


def test_a_list_name_has_1_to_240_characters():
    assert names.list_name_fault("x" * 240) is None
    assert "241 characters" in names.list_name_fault("x" * 241)
    assert "no name" in names.list_name_fault("")


def part(*groups, rule=None, name="Gold"):
    made = tuple(Group(name, name, split, control, ()) for name, split, control in groups)
    return Part("p", name, "s", rule, made)


def test_a_suggestion_says_the_sub_audience_and_the_split():
    gold = {"all": []}
    assert names.suggestion(part(("", 90, False), rule=gold), 0) == "Gold 90%"
    assert names.suggestion(part(("", 10, True), rule=gold), 0) == "Gold held out"
    assert names.suggestion(part(("", 50, False)), 0) == "Everyone else 50%"


def test_a_suggestion_follows_the_name_beside_it_and_is_free():
    halves = part(("Everyone text A", 50, False), ("", 50, False))
    assert names.suggestion(halves, 1) == "Everyone text B"
    assert names.suggestion(halves, 1, ["everyone TEXT b"]) == "Everyone else 50%"
    twins = part(("Gold 50%", 50, False), ("", 50, False), rule={"all": []})
    assert names.suggestion(twins, 1) == "Gold 50% A"


def test_groups_that_would_fill_one_list_are_found_for_each_destination():
    group = Group("a", "Text", 50, False, (1, 2))
    parts = (
        Part("p0", "Gold", "s", {"all": []}, (group, Group("b", "Text B", 50, False, (1,)))),
        Part("p1", "Rest", "s", None, (Group("c", "TEXT", 100, False, (1, 2)),)),
    )
    targets = (
        Target(1, "One", "{campaign}_{group}", "phone", "m.phone"),
        Target(2, "Two", "{campaign}_{sub_audience}_{group}", "phone", "m.phone"),
    )
    definition = Definition("c", "Autumn", (), (), True, parts, targets)
    pairs = names.doubles(names.list_names(definition, DAY))
    assert [(later.name, first.name) for later, first in pairs] == [("Autumn_TEXT", "Autumn_Text")]
