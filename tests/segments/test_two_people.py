"""Undo, redo, and two people in one draft, without a page."""

import pytest

from core import revisions as core_revisions
from core.edits import EditRefusedError, StaleEditError
from segments import drafts, editing, publishing, revisions
from segments.merging import ClashError
from segments.models import Segment, SegmentRevision
from tests.segments import shop
from tests.segments.factories import SegmentFactory

CATALOGUE = shop.CATALOGUE
TIER = {"attribute": "customer_360.tier", "operator": "is", "value": "Gold"}
SCORE = {"attribute": "customer_360.score", "operator": "at_least", "value": 5}


@pytest.fixture
def segment(marketer) -> Segment:
    return SegmentFactory(rule={"all": [TIER, SCORE]}, edited_by=marketer)


@pytest.fixture
def edit(segment):
    """edit(person, op, node, *values): made on the newest revision, or on ``base``."""

    def edit(by, op, node="", *values, base=None, **how):
        return editing.edit(segment.pk, op, node, values, base, by, CATALOGUE, **how)

    return edit


def values(segment):
    segment.refresh_from_db()
    return [node.get("value") for node in drafts.children(revisions.shown(segment))]


def offered(segment, by):
    segment.refresh_from_db()
    steps = revisions.steps(segment, by)
    return [way for way in ("undo", "redo") if getattr(steps, way)]


# Undo and redo


def test_what_was_done_is_undone_and_redone_in_order(segment, edit, marketer):
    assert offered(segment, marketer) == []
    edit(marketer, "value", "n-0", "Silver")
    edit(marketer, "value", "n-1", "7")
    edit(marketer, "undo")
    assert values(segment) == ["Silver", 5]
    edit(marketer, "undo")
    assert values(segment) == ["Gold", 5]
    assert segment.draft is None  # nothing is left to publish
    assert offered(segment, marketer) == ["redo"]
    edit(marketer, "redo")
    edit(marketer, "redo")
    assert values(segment) == ["Silver", 7]
    assert offered(segment, marketer) == ["undo"]
    with pytest.raises(EditRefusedError, match="nothing of yours to redo"):
        edit(marketer, "redo")


def test_an_edit_after_undo_takes_the_place_of_what_was_undone(segment, edit, marketer):
    edit(marketer, "value", "n-0", "Silver")
    edit(marketer, "undo")
    edit(marketer, "value", "n-1", "7")
    assert offered(segment, marketer) == ["undo"]
    edit(marketer, "undo")
    assert values(segment) == ["Gold", 5]


def test_typing_on_is_one_step(segment, edit, marketer):
    for typed in ("1", "12", "125"):
        edit(marketer, "value", "n-1", typed)
    edit(marketer, "undo")
    assert values(segment) == ["Gold", 5]


def test_nobody_undoes_what_another_did(segment, edit, marketer, admin):
    edit(marketer, "value", "n-0", "Silver")
    edit(admin, "value", "n-1", "7")
    assert offered(segment, marketer) == []
    assert offered(segment, admin) == ["undo"]
    edit(admin, "undo")
    assert offered(segment, admin) == ["redo"]
    assert offered(segment, marketer) == ["undo"]


def test_discarded_changes_come_back(segment, edit, marketer):
    edit(marketer, "value", "n-0", "Silver")
    edit(marketer, "discard")
    assert values(segment) == ["Gold", 5]
    edit(marketer, "undo")
    assert values(segment) == ["Silver", 5]


def test_a_name_and_a_publication_are_passed_over(segment, edit, marketer):
    edit(marketer, "value", "n-0", "Silver")
    edit(marketer, "name", "", "Silver ones")
    publishing.publish(Segment.objects.get(), marketer, CATALOGUE)
    edit(marketer, "undo")
    assert values(segment) == ["Gold", 5]
    assert segment.name == "Silver ones"
    assert segment.rule["all"][0]["value"] == "Silver"  # what is published stays


def test_what_was_changed_elsewhere_is_no_step_back(segment, edit, marketer):
    edit(marketer, "value", "n-0", "Silver")
    Segment.objects.update(rule={"all": [SCORE]}, draft=None, revision=2)  # as a manifest does
    assert offered(segment, marketer) == []
    edit(marketer, "value", "n-0", "9")
    edit(marketer, "undo")
    assert values(segment) == [5]


def test_only_the_last_revisions_are_kept(segment, edit, marketer, monkeypatch):
    monkeypatch.setattr(core_revisions, "KEPT", 3)
    for step in range(6):
        edit(marketer, "off", f"n-{step % 2}")
    assert SegmentRevision.objects.count() == 3
    edit(marketer, "undo")
    assert offered(segment, marketer) == ["redo"]


# Two people


def test_edits_of_different_lines_both_stay(segment, edit, marketer, admin):
    edit(admin, "value", "n-0", "Silver", base=0)
    edit(marketer, "value", "n-1", "7", base=0)
    assert values(segment) == ["Silver", 7]
    assert revisions.steps(segment, marketer).others == ["Bo"]
    assert revisions.steps(segment, admin).others == ["Ana"]


@pytest.mark.parametrize(
    ("theirs", "mine", "both"),
    [
        (("add", "n", "attribute:customer_360.tier"), ("add", "n", "event:orders"), 4),
        (("off", "n-0"), ("add", "n", "event:orders"), 3),
        (("remove", "n-0"), ("remove", "n-0"), 1),
        (("value", "n-0", "Silver"), ("value", "n-0", "Silver"), 2),
        (("value", "n-0", "Silver"), ("up", "n-1"), 2),
        (("duplicate", "n-0"), ("match", "n", "any"), 3),
    ],
)
def test_what_does_not_touch_is_merged(segment, edit, marketer, admin, theirs, mine, both):
    edit(admin, *theirs, base=0)
    edit(marketer, *mine, base=0)
    assert len(values(segment)) == both


@pytest.mark.parametrize(
    ("theirs", "mine"),
    [
        (("value", "n-0", "Silver"), ("value", "n-0", "Bronze")),
        (("value", "n-0", "Silver"), ("off", "n-0")),
        (("value", "n-0", "Silver"), ("remove", "n-0")),
        (("remove", "n-0"), ("value", "n-0", "Bronze")),
        (("match", "n", "none"), ("match", "n", "any")),
        (("name", "", "Theirs"), ("name", "", "Mine")),
        (("value", "n-0", "Silver"), ("discard", "")),
    ],
)
def test_what_touches_the_same_is_asked_and_nothing_is_lost(
    segment, edit, marketer, admin, theirs, mine
):
    edit(marketer, "value", "n-1", "6")
    stored = edit(admin, *theirs, base=1)
    with pytest.raises(ClashError, match="Bo has"):
        edit(marketer, *mine, base=1)
    segment.refresh_from_db()
    assert (segment.name, segment.draft) == (stored.name, stored.draft)
    edit(marketer, *mine, base=1, insists=True)
    segment.refresh_from_db()
    assert (segment.name, segment.draft) != (stored.name, stored.draft)


def test_a_line_that_was_removed_is_put_back_for_who_insists(segment, edit, marketer, admin):
    edit(admin, "remove", "n-0", base=0)
    edit(marketer, "value", "n-0", "Bronze", base=0, insists=True)
    assert sorted(values(segment), key=str) == [5, "Bronze"]


def test_an_edit_whose_answer_was_lost_is_done_once(segment, edit, marketer):
    for _ in range(2):
        edit(marketer, "off", "n-0", base=0, key="a1")
    edit(marketer, "duplicate", "n-1", base=1, key="b2")
    edit(marketer, "duplicate", "n-1", base=1, key="b2")
    assert len(values(segment)) == 3
    assert revisions.shown(segment)["all"][0]["off"] is True


def test_what_the_same_window_has_edited_meanwhile_is_never_asked(segment, edit, marketer, admin):
    edit(marketer, "value", "n-0", "Silver", base=0, key="w1-1")
    edit(admin, "value", "n-1", "7", base=0, key="w2-1")
    edit(marketer, "operator", "n-0", "is_in", base=0, key="w1-2")  # it was kept while offline
    assert values(segment) == [["Silver"], 7]
    with pytest.raises(ClashError):
        edit(marketer, "off", "n-1", base=0, key="w1-3")


def test_a_page_older_than_what_is_kept_is_told(segment, edit, marketer):
    Segment.objects.update(revision=9)
    with pytest.raises(StaleEditError, match="Ana has changed this segment meanwhile"):
        edit(marketer, "value", "n-0", "Silver", base=4)


def test_a_name_is_given_beside_another_edit(segment, edit, marketer, admin):
    edit(admin, "value", "n-0", "Silver", base=0)
    edit(marketer, "name", "", "Silver ones", base=0)
    segment.refresh_from_db()
    assert segment.name == "Silver ones"


# Versions


def test_an_older_version_comes_back_as_the_draft(segment, edit, marketer):
    first = segment.versions.create(number=1, rule=segment.rule)
    edit(marketer, "remove", "n-1")
    publishing.publish(Segment.objects.get(), marketer, CATALOGUE)
    edit(marketer, "value", "n-0", "Silver")
    publishing.take_back(first, marketer)
    assert values(segment) == ["Gold", 5]
    edit(marketer, "undo")
    assert values(segment) == ["Silver"]
