"""Undo, redo, and two people in one campaign, without a page."""

import pytest

from campaigns import editing, mapping, revisions, states
from campaigns.mapping import Effective
from campaigns.merging import ClashError
from campaigns.models import Campaign, CampaignRevision, Status
from core import revisions as core_revisions
from core.edits import EditRefusedError, StaleEditError
from tests.campaigns.factories import (
    CampaignFactory,
    GroupFactory,
    MappingFactory,
    RemainingFactory,
    SubAudienceFactory,
)
from tests.destinations.factories import DestinationFactory
from tests.segments import shop
from tests.segments.factories import SegmentFactory

EMAIL = Effective(identifier="email", email="merged_customers.email")


@pytest.fixture
def campaign(marketer) -> Campaign:
    """Gold with groups A and B, half each, and the remaining ones with R."""
    campaign = CampaignFactory(name="Autumn", edited_by=marketer)
    campaign.include.add(SegmentFactory(name="Everyone"))
    gold = SubAudienceFactory(campaign=campaign, name="Gold", position=0)
    rest = RemainingFactory(campaign=campaign)
    to = DestinationFactory(name="Attentive US")
    for name in ("A", "B"):
        GroupFactory(sub_audience=gold, name=name, split=50, destinations=[to])
    GroupFactory(sub_audience=rest, name="R")
    MappingFactory(campaign=campaign, destination=to)
    return campaign


@pytest.fixture
def edit(campaign):
    """edit(person, op, node, *values): node by its name; on the newest revision, or on base."""

    def edit(by, op, node="", *values, base=None, **how):
        return editing.edit(campaign.pk, op, keys[node], values, base, by, **how)

    keys = {"": "", "Nothing": "gone"}
    for part in campaign.sub_audiences.all():
        keys[str(part)] = part.key
        keys |= {group.name: group.key for group in part.groups.all()}
    return edit


def now(campaign):
    return states.state(Campaign.objects.with_groups().get(pk=campaign.pk))


def splits(campaign):
    groups = (group for part in now(campaign)["parts"] for group in part["groups"])
    return {group["name"]: group["split"] for group in groups}


def offered(campaign, by):
    campaign.refresh_from_db()
    steps = revisions.steps(campaign, by)
    return [way for way in ("undo", "redo") if getattr(steps, way)]


# Undo and redo


def test_everything_that_is_edited_comes_back_by_undo_and_goes_again_by_redo(
    campaign, edit, marketer
):
    assert offered(campaign, marketer) == []
    other = SegmentFactory()
    shown = [now(campaign)]
    for done in [
        ("name", "", "Winter"),
        ("include", "", str(other.pk)),
        ("exclude", "", str(other.pk)),
        ("first_match", ""),
        ("part_segments", "Gold", str(other.pk)),
        ("group_name", "A", "Text"),
        ("split", "A", "70"),
        ("even_out", "Gold"),
        ("control", "A", "1"),
        ("destinations", "R", str(DestinationFactory().pk)),
        ("remove_group", "B"),
        ("add_group", "Gold"),
        ("remove_part", "Gold"),
        ("add_part", "", str(other.pk)),
    ]:
        edit(marketer, *done)
        shown.append(now(campaign))
    for before in shown[-2::-1]:
        edit(marketer, "undo")
        assert now(campaign) == before
    assert offered(campaign, marketer) == ["redo"]
    for after in shown[1:]:
        edit(marketer, "redo")
        assert now(campaign) == after
    assert offered(campaign, marketer) == ["undo"]
    with pytest.raises(EditRefusedError, match="nothing of yours to redo"):
        edit(marketer, "redo")


def test_names_that_changed_places_come_back(campaign, edit, marketer):
    before = now(campaign)
    edit(marketer, "group_name", "A", "C")
    edit(marketer, "group_name", "B", "A")
    edit(marketer, "group_name", "A", "B")
    for _ in range(3):
        edit(marketer, "undo")
    assert now(campaign) == before


def test_timing_an_own_rule_and_attributes_are_undone_too(campaign, edit, marketer):
    before = now(campaign)
    gold = campaign.sub_audiences.get(name="Gold")
    to = campaign.mappings.get().destination
    tier = ["attribute:customer_360.tier"]
    root = editing.rule_id(gold)
    editing.edit_rule(campaign.pk, gold.key, "add", root, tier, None, marketer, shop.CATALOGUE)
    mapping.follow(campaign.pk, to, None, marketer)
    assert now(campaign) != before
    edit(marketer, "undo")
    edit(marketer, "undo")
    assert now(campaign) == before


def test_typing_on_is_one_step_and_what_says_the_same_is_none(campaign, edit, marketer):
    for typed in ("W", "Wi", "Winter"):
        edit(marketer, "name", "", typed)
    edit(marketer, "name", "", "Winter")
    campaign.refresh_from_db()
    assert campaign.revision == 3
    edit(marketer, "undo")
    assert now(campaign)["name"] == "Autumn"


def test_nobody_undoes_what_another_did(campaign, edit, marketer, admin):
    edit(marketer, "split", "A", "40")
    edit(admin, "split", "B", "60")
    assert offered(campaign, marketer) == []
    edit(admin, "undo")
    assert offered(campaign, marketer) == ["undo"]


def test_a_segment_and_a_destination_that_are_gone_stay_away(campaign, edit, marketer):
    gone, to = SegmentFactory(), DestinationFactory()
    edit(marketer, "exclude", "", str(gone.pk))
    edit(marketer, "destinations", "R", str(to.pk))
    edit(marketer, "remove_group", "R")
    gone.delete()
    to.delete()
    edit(marketer, "undo")
    assert splits(campaign) == {"A": 50, "B": 50, "R": 100}
    assert now(campaign)["exclude"] == []


def test_a_name_that_another_campaign_took_meanwhile_is_told(campaign, edit, marketer):
    edit(marketer, "name", "", "Winter")
    CampaignFactory(name="Autumn")
    with pytest.raises(EditRefusedError, match="Another campaign has this name"):
        edit(marketer, "undo")


def test_a_scheduled_campaign_is_not_undone(campaign, edit, marketer):
    edit(marketer, "split", "A", "40")
    Campaign.objects.update(status=Status.SCHEDULED)
    with pytest.raises(EditRefusedError, match="Unschedule"):
        edit(marketer, "undo")


def test_of_old_sittings_the_last_revision_is_kept(campaign, edit, marketer, admin, monkeypatch):
    monkeypatch.setattr(core_revisions, "KEPT", 3)
    for split in range(6):
        edit(marketer, "split", "A", str(split))
    for split in range(6):
        edit(admin, "split", "A", str(50 + split))
    assert list(CampaignRevision.objects.values_list("number", flat=True)) == [12, 11, 10, 6]


# Two people


@pytest.mark.parametrize(
    ("theirs", "mine"),
    [
        (("split", "A", "40"), ("split", "B", "60")),
        (("name", "", "Winter"), ("group_name", "A", "Text")),
        (("add_group", "Gold"), ("add_group", "Gold")),
        (("add_part", ""), ("include", "")),
        (("add_part", ""), ("move", "Gold", "0")),
        (("control", "A", "1"), ("group_name", "A", "Text")),
        (("part_name", "Gold", "Best"), ("remove_group", "B")),
        (("remove_group", "A"), ("remove_group", "A")),
        (("split", "A", "40"), ("split", "A", "40")),
    ],
)
def test_what_does_not_touch_is_merged(campaign, edit, marketer, admin, theirs, mine):
    edit(admin, *theirs, base=0)
    edit(marketer, *mine, base=0)
    merged = now(campaign)
    for done in (theirs, mine):
        if not done[0].startswith(("add", "remove")):
            edit(marketer, *done)
    assert now(campaign) == merged  # both were there already
    assert revisions.steps(campaign, marketer).others == ["Bo"]


@pytest.mark.parametrize(
    ("theirs", "mine"),
    [
        (("name", "", "Theirs"), ("name", "", "Mine")),
        (("include", ""), ("include", "", "Everyone")),
        (("split", "A", "40"), ("split", "A", "60")),
        (("split", "A", "40"), ("remove_group", "A")),
        (("split", "A", "40"), ("even_out", "Gold")),
        (("destinations", "A"), ("control", "A", "1")),
        (("remove_group", "A"), ("split", "A", "60")),
        (("remove_part", "Gold"), ("split", "A", "60")),
        (("remove_part", "Gold"), ("part_name", "Gold", "Best")),
        (("group_name", "A", "Text"), ("remove_part", "Gold")),
    ],
)
def test_what_touches_the_same_is_asked_and_nothing_is_lost(
    campaign, edit, marketer, admin, theirs, mine
):
    everyone = str(campaign.include.get().pk)
    mine = tuple(everyone if value == "Everyone" else value for value in mine)
    edit(admin, *theirs, base=0)
    stored = now(campaign)
    with pytest.raises(ClashError, match="Bo has") as told:
        edit(marketer, *mine, base=0)
    assert now(campaign) == stored
    assert told.value.now == stored
    edit(marketer, *mine, base=0, insists=True)
    assert now(campaign) == told.value.mine != stored


def test_lines_of_one_rule_are_edited_by_two(campaign, edit, marketer, admin):
    gold = campaign.sub_audiences.get(name="Gold")
    gold.rule = {
        "all": [
            {"attribute": "customer_360.tier", "operator": "is", "value": "Gold"},
            {"attribute": "customer_360.score", "operator": "at_least", "value": 5},
        ]
    }
    gold.save()
    root = editing.rule_id(gold)

    def line(by, place, value):
        args = (campaign.pk, gold.key, "value", f"{root}-{place}", [value], 0, by)
        editing.edit_rule(*args, shop.CATALOGUE)

    line(admin, 0, "Silver")
    line(marketer, 1, "7")
    gold.refresh_from_db()
    assert [each["value"] for each in gold.rule["all"]] == ["Silver", 7]
    with pytest.raises(ClashError):
        line(marketer, 0, "Bronze")


def test_attributes_of_one_destination_are_asked_those_beside_them_are_not(
    campaign, edit, marketer, admin, attentive, warehouse
):
    to = campaign.mappings.get().destination
    mapping.follow(campaign.pk, to, 0, admin)
    edit(marketer, "split", "A", "40", base=0)
    unchecked = Effective(phone="merged_customers.phone")
    with pytest.raises(ClashError, match="Bo has"):
        mapping.choose(campaign.pk, to, unchecked, 0, marketer)
    assert not campaign.mappings.exists()


def test_an_edit_whose_answer_was_lost_is_done_once(campaign, edit, marketer):
    for _ in range(2):
        edit(marketer, "add_group", "Gold", base=0, key="w1-1")
    assert len(splits(campaign)) == 4


def test_what_the_same_window_has_edited_meanwhile_is_never_asked(campaign, edit, marketer, admin):
    edit(marketer, "split", "A", "40", base=0, key="w1-1")
    edit(marketer, "split", "A", "45", base=0, key="w1-2")  # it was kept while offline
    edit(admin, "split", "A", "50", key="w2-1")
    with pytest.raises(ClashError):
        edit(marketer, "split", "A", "47", base=0, key="w1-3")


def test_a_page_older_than_what_is_kept_is_told(campaign, edit, marketer):
    Campaign.objects.update(revision=9)
    with pytest.raises(StaleEditError, match="Ana has changed this campaign meanwhile"):
        edit(marketer, "name", "", "Winter", base=4)


def test_an_older_state_is_restored_and_that_undone(campaign, edit, marketer):
    before = now(campaign)
    edit(marketer, "remove_part", "Gold")
    after = now(campaign)
    editing.restore(campaign.pk, 0, marketer)
    assert now(campaign) == before
    edit(marketer, "undo")
    assert now(campaign) == after


# Order decides who is in which sub-audience


@pytest.fixture
def four(campaign, marketer):
    """Gold, B, C and D, in this order, before the remaining ones; add by their names."""
    for name in "BCD":
        made = editing.edit(campaign.pk, "add_part", "", [], None, marketer)
        part = made.sub_audiences.filter(name="", remaining=False).get()
        editing.edit(campaign.pk, "part_name", part.key, [name], None, marketer)
    return {str(part): part.key for part in campaign.sub_audiences.all()}


def order(campaign):
    return [part["name"] for part in now(campaign)["parts"] if not part["remaining"]]


def test_the_order_after_removals_comes_back_as_it_was(campaign, four, marketer):
    for name in ("Gold", "B"):
        editing.edit(campaign.pk, "remove_part", four[name], [], None, marketer)
    editing.edit(campaign.pk, "part_name", four["D"], ["Dear"], None, marketer)
    assert order(campaign) == ["C", "Dear"]
    editing.edit(campaign.pk, "undo", "", [], None, marketer)
    assert order(campaign) == ["C", "D"]


def test_a_move_on_a_page_with_other_rows_is_asked(campaign, four, marketer, admin):
    campaign.refresh_from_db()
    base = campaign.revision
    editing.edit(campaign.pk, "remove_part", four["Gold"], [], None, admin)
    with pytest.raises(ClashError):
        editing.edit(campaign.pk, "move", four["C"], ["1"], base, marketer)
    assert order(campaign) == ["B", "C", "D"]


def test_what_is_put_back_stands_where_it_stood(campaign, four, marketer, admin):
    campaign.refresh_from_db()
    base = campaign.revision
    removed = editing.edit(campaign.pk, "remove_part", four["B"], [], None, admin)
    how = {"insists": removed.revision}
    editing.edit(campaign.pk, "part_name", four["B"], ["Best"], base, marketer, **how)
    assert order(campaign) == ["Gold", "Best", "C", "D"]


def test_who_insists_overwrites_only_what_was_seen(campaign, edit, marketer, admin):
    campaign.refresh_from_db()
    base = campaign.revision
    edit(admin, "split", "A", "60")
    with pytest.raises(ClashError) as seen:
        edit(marketer, "split", "A", "70", base=base)
    edit(admin, "split", "A", "65")
    how = {"base": base, "insists": seen.value.revision}
    with pytest.raises(ClashError) as again:
        edit(marketer, "split", "A", "70", **how)
    edit(marketer, "split", "A", "70", base=base, insists=again.value.revision)
    assert splits(campaign)["A"] == 70
