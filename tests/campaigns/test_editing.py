"""The editor's operations, without HTTP."""

import pytest

from campaigns import editing, lifecycle
from campaigns.models import Campaign, Status
from core.edits import EditRefusedError, StaleEditError
from tests.campaigns.factories import CampaignFactory, GroupFactory, SubAudienceFactory
from tests.destinations.factories import DestinationFactory
from tests.segments.factories import SegmentFactory


@pytest.fixture
def draft(marketer) -> Campaign:
    return editing.create(marketer, "Autumn coffee 2026")


def do(campaign, op, node="", *values, by):
    return editing.edit(campaign.pk, op, node, values, None, by)


def groups(campaign):
    return list(campaign.sub_audiences.get(remaining=True).groups.all())


def test_a_new_draft_splits_everyone_in_two_unnamed_halves(draft):
    assert [(group.name, group.split) for group in groups(draft)] == [("", 50), ("", 50)]
    assert draft.status == Status.DRAFT


def test_a_taken_name_is_refused_and_nothing_is_made(marketer, draft):
    with pytest.raises(EditRefusedError, match="Another campaign has this name"):
        editing.create(marketer, " autumn COFFEE 2026")
    assert Campaign.objects.count() == 1


def test_each_edit_raises_the_revision_and_names_its_author(marketer, draft):
    edited = do(draft, "name", "", "Winter tea", by=marketer)
    assert (edited.name, edited.revision, edited.edited_by) == ("Winter tea", 1, marketer)


def test_an_edit_made_on_an_older_page_is_refused_with_whom_to_ask(marketer, admin, draft):
    editing.edit(draft.pk, "name", "", ["Winter tea"], 0, admin)
    with pytest.raises(StaleEditError, match="Bo has changed the same thing meanwhile"):
        editing.edit(draft.pk, "name", "", ["Spring tea"], 0, marketer)
    draft.refresh_from_db()
    assert draft.name == "Winter tea"


def test_segments_are_set_as_a_whole(marketer, draft):
    ours, other = SegmentFactory(), SegmentFactory()
    do(draft, "include", "", str(ours.pk), str(other.pk), by=marketer)
    do(draft, "include", "", str(other.pk), by=marketer)
    assert list(draft.include.all()) == [other]


def test_a_group_that_becomes_control_loses_its_destinations(marketer, draft):
    group = groups(draft)[0]
    destination = DestinationFactory()
    do(draft, "destinations", group.key, str(destination.pk), by=marketer)
    do(draft, "control", group.key, "1", by=marketer)
    group.refresh_from_db()
    assert group.control
    assert not group.destinations.exists()
    with pytest.raises(EditRefusedError, match="held out"):
        do(draft, "destinations", group.key, str(destination.pk), by=marketer)


@pytest.mark.parametrize("typed", ["101", "-1", "ten", "", "3.5"])
def test_a_split_that_is_no_percent_is_refused(marketer, draft, typed):
    with pytest.raises(EditRefusedError, match="whole number"):
        do(draft, "split", groups(draft)[0].key, typed, by=marketer)
    assert groups(draft)[0].split == 50


def test_customers_are_shuffled_over_the_groups_again_only_when_asked(marketer, draft):
    part = draft.sub_audiences.get()
    do(draft, "even_out", part.key, by=marketer)
    kept = draft.sub_audiences.get().seed
    assert kept == part.seed
    do(draft, "reseed", part.key, by=marketer)
    shuffled = draft.sub_audiences.get().seed
    assert shuffled != kept
    do(draft, "undo", by=marketer)
    assert draft.sub_audiences.get().seed == kept


def test_even_out_leaves_the_control_its_percent(marketer):
    part = SubAudienceFactory()
    held = GroupFactory(sub_audience=part, split=10, control=True)
    for _ in range(4):
        GroupFactory(sub_audience=part, split=0)
    do(part.campaign, "even_out", part.key, by=marketer)
    assert [group.split for group in part.groups.all()] == [10, 23, 23, 22, 22]
    held.refresh_from_db()
    assert held.split == 10


def test_a_new_group_takes_what_is_left(marketer, draft):
    do(draft, "split", groups(draft)[0].key, "20", by=marketer)
    part = draft.sub_audiences.get()
    do(draft, "add_group", part.key, by=marketer)
    assert [group.split for group in groups(draft)] == [20, 50, 30]


def test_sub_audiences_move_and_the_remaining_one_stays_last(marketer):
    campaign = CampaignFactory()
    parts = [SubAudienceFactory(campaign=campaign, position=place) for place in range(3)]
    do(campaign, "move", parts[2].key, "0", by=marketer)
    assert list(campaign.sub_audiences.all()) == [parts[2], parts[0], parts[1]]


def test_the_remaining_audience_cannot_be_removed(marketer, draft):
    with pytest.raises(EditRefusedError, match="remaining audience members stay"):
        do(draft, "remove_part", draft.sub_audiences.get().key, by=marketer)


def test_two_groups_of_one_name_are_refused_whatever_their_case(marketer, draft):
    first, second = groups(draft)
    do(draft, "group_name", first.key, "Text A", by=marketer)
    with pytest.raises(EditRefusedError, match="Another group here has this name"):
        do(draft, "group_name", second.key, "text a", by=marketer)


def test_a_group_of_another_campaign_is_not_ours_to_edit(marketer, draft):
    stranger = GroupFactory()
    with pytest.raises(EditRefusedError, match="gone"):
        do(draft, "group_name", stranger.key, "Mine now", by=marketer)


def test_a_scheduled_campaign_is_read_only(marketer, draft):
    Campaign.objects.filter(pk=draft.pk).update(status=Status.SCHEDULED)
    with pytest.raises(EditRefusedError, match="Unschedule"):
        do(draft, "name", "", "Other", by=marketer)


def test_a_copy_has_everything_but_the_name_and_the_seeds(marketer, draft):
    segment, destination = SegmentFactory(), DestinationFactory()
    do(draft, "include", "", str(segment.pk), by=marketer)
    do(draft, "destinations", groups(draft)[0].key, str(destination.pk), by=marketer)
    twin = lifecycle.copy(Campaign.objects.with_groups().get(pk=draft.pk), marketer)
    assert twin.name == ""
    assert list(twin.include.all()) == [segment]
    assert list(groups(twin)[0].destinations.all()) == [destination]
    assert twin.sub_audiences.get().seed != draft.sub_audiences.get().seed
    assert groups(twin)[0].key != groups(draft)[0].key


def test_only_a_draft_is_deleted(marketer, draft):
    Campaign.objects.filter(pk=draft.pk).update(status=Status.DELIVERED)
    draft.refresh_from_db()
    with pytest.raises(EditRefusedError, match="Archive"):
        lifecycle.delete(draft, marketer)


def test_a_campaign_whose_name_was_taken_is_not_restored_over_it(marketer, draft):
    lifecycle.archive(draft, marketer)
    editing.create(marketer, draft.name)
    with pytest.raises(EditRefusedError, match="Rename that one first"):
        lifecycle.restore(draft, marketer)


def test_a_campaign_may_have_as_many_sub_audiences_as_somebody_adds(marketer, draft):
    SubAudienceFactory.create_batch(60, campaign=draft)
    do(draft, "add_part", by=marketer)
    assert draft.sub_audiences.filter(remaining=False).count() == 61
