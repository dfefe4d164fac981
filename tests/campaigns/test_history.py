"""What a campaign was: by whom, when, what became of it, and back to it."""

import html
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import editing, mapping, states
from campaigns.models import Campaign, Status
from runs.models import Run, RunState
from tests.campaigns.factories import GroupFactory, SubAudienceFactory
from tests.destinations.factories import DestinationFactory
from tests.segments.factories import SegmentFactory


@pytest.fixture
def campaign(marketer) -> Campaign:
    return editing.create(marketer, "Autumn")


@pytest.fixture
def do(campaign):
    def do(by, op, node="", *values):
        return editing.edit(campaign.pk, op, node, values, None, by)

    return do


def groups(campaign):
    return list(campaign.sub_audiences.get(remaining=True).groups.all())


def page(client, campaign, query=""):
    answer = client.get(reverse("campaigns:history", args=[campaign.pk]) + query)
    assert answer.status_code == 200
    return answer


def entries(answer):
    """The text of each entry, newest first."""
    found = re.findall(
        r"<li class=\"card version.*?(?=<li class=\"card version|</ol>)", answer.text, re.S
    )
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", " ", each)).split()) for each in found]


def earlier(campaign, hours):
    """What was edited so far was so long ago."""
    for each in campaign.revisions.all():
        campaign.revisions.filter(pk=each.pk).update(at=each.at - timedelta(hours=hours))


def run(campaign, number):
    return Run.objects.create(
        campaign=campaign,
        number=number,
        state=RunState.COMPLETE,
        definition={},
        moment=timezone.now(),
        started_at=timezone.now(),
    )


def test_everything_that_can_be_edited_is_told_in_words(marketer_client, campaign, do, marketer):
    to, gold, staff = (
        DestinationFactory(name="US"),
        SegmentFactory(name="Gold"),
        SegmentFactory(name="Staff"),
    )
    a, b = (group.key for group in groups(campaign))
    earlier(campaign, 2)
    do(marketer, "name", "", "Winter")
    do(marketer, "include", "", str(gold.pk))
    do(marketer, "exclude", "", str(staff.pk))
    do(marketer, "first_match", "")
    do(marketer, "group_name", a, "Text")
    do(marketer, "split", a, "60")
    do(marketer, "destinations", a, str(to.pk))
    do(marketer, "control", b, "1")
    do(marketer, "add_part", "", str(gold.pk))
    mapping.choose(
        campaign.pk, to, mapping.Effective(phone="merged_customers.phone"), None, marketer
    )
    newest, first = entries(page(marketer_client, campaign))
    assert "Ana, 10 edits" in newest
    for told in [
        "Name: Autumn → becomes Winter",
        "Include: Nobody → becomes Gold",
        "Leave out: Nobody → becomes Staff",
        "Assign to first match only: on → becomes off",
        "Name of a group: Text",
        "Split of “Text”: 50% → becomes 60%",
        "Destinations of “Text”: US",
        "without a name is now a control group",
        "Added sub-audience without a name: members of Gold; without a name 50%",
        "Attributes sent to US: the default attributes → becomes nothing chosen yet",
    ]:
        assert told in newest
    assert "The first version that is kept." in first


def test_each_sitting_is_one_entry_and_runs_stand_among_them(
    marketer_client, campaign, do, marketer, admin
):
    a = groups(campaign)[0].key
    do(marketer, "split", a, "60")
    do(admin, "split", a, "70")
    earlier(campaign, 1)
    do(admin, "split", a, "80")
    run(campaign, 1)
    do(admin, "split", a, "90")
    do(admin, "split", a, "80")
    found = entries(page(marketer_client, campaign))
    told = ["Changed, and changed back", "Run 1", "70% → becomes 80%", "60% → becomes 70%"]
    assert len(found) == 5
    assert all(text in each for text, each in zip(told, found, strict=False))
    assert ["Ana" in each for each in found] == [False, False, False, False, True]


def test_an_older_version_is_restored_by_who_may_edit(
    marketer_client, viewer_client, campaign, do, marketer, admin
):
    a = groups(campaign)[0].key
    before = states.state(Campaign.objects.with_groups().get())
    do(admin, "remove_group", a)
    restored = reverse("campaigns:restore_revision", args=[campaign.pk, 0])
    assert restored in page(marketer_client, campaign).text
    assert restored not in page(viewer_client, campaign).text
    assert viewer_client.post(restored).status_code == 403
    answer = marketer_client.post(restored, follow=True)
    assert "Undo takes that back" in answer.text
    assert states.state(Campaign.objects.with_groups().get()) == before
    do(marketer, "undo")
    assert len(groups(campaign)) == 1


def test_a_scheduled_campaign_is_not_restored(marketer_client, campaign, do, marketer):
    do(marketer, "name", "", "Winter")
    Campaign.objects.update(status=Status.SCHEDULED)
    restored = reverse("campaigns:restore_revision", args=[campaign.pk, 0])
    assert restored not in page(marketer_client, campaign).text
    assert "Unschedule" in marketer_client.post(restored, follow=True).text
    assert Campaign.objects.get().name == "Winter"


def test_a_long_history_is_paged_and_asks_as_often_as_a_short_one(
    marketer_client, campaign, do, marketer, admin, django_assert_max_num_queries
):
    part = SubAudienceFactory(campaign=campaign)
    GroupFactory(sub_audience=part)
    for split in range(22):
        do((marketer, admin)[split % 2], "split", groups(campaign)[0].key, str(split))
    run(campaign, 1)
    with django_assert_max_num_queries(14):
        answer = page(marketer_client, campaign)
    assert len(entries(answer)) == 21
    older = re.search(r'href="(\?before=\d+)"', answer.text)[1]
    assert "The first version that is kept" in entries(page(marketer_client, campaign, older))[-1]


# Archived and deleted


def undone(client, answer):
    """The page after Undo in the toast that tells what was done."""
    toast = client.get(answer.url)
    return client.post(re.search(r"/campaigns/undo/\w+/", toast.text)[0], follow=True).text


def test_archived_is_taken_back(marketer_client, campaign):
    Campaign.objects.update(status=Status.DELIVERED)
    answer = marketer_client.post(reverse("campaigns:archive", args=[campaign.pk]))
    assert Campaign.objects.get().archived
    assert "Undone." in undone(marketer_client, answer)
    assert not Campaign.objects.get().archived


def test_a_scheduled_campaign_stays_and_nothing_is_to_be_taken_back(marketer_client, campaign):
    Campaign.objects.update(status=Status.SCHEDULED)
    answer = marketer_client.post(reverse("campaigns:archive", args=[campaign.pk]), follow=True)
    assert "it stays" in answer.text
    assert "/campaigns/undo/" not in answer.text
    assert not Campaign.objects.get().archived


def test_deleted_is_taken_back_with_everything_at_its_address(
    marketer_client, campaign, do, marketer
):
    do(marketer, "add_part", "", str(SegmentFactory().pk))
    Campaign.objects.update(folder="Brand", labels=["tea"])
    before = states.state(Campaign.objects.with_groups().get())
    answer = marketer_client.post(reverse("campaigns:delete", args=[campaign.pk]))
    assert not Campaign.objects.exists()
    assert "Undone." in undone(marketer_client, answer)
    back = Campaign.objects.with_groups().get()
    assert states.state(back) == before
    assert (back.pk, back.key, back.folder, back.labels) == (
        campaign.pk,
        campaign.key,
        "Brand",
        ["tea"],
    )
    assert back.owner == marketer


def test_deleted_does_not_come_back_over_another_of_its_name(marketer_client, campaign, marketer):
    answer = marketer_client.post(reverse("campaigns:delete", args=[campaign.pk]))
    editing.create(marketer, "Autumn")
    assert "Rename that one first" in undone(marketer_client, answer)
    assert Campaign.objects.count() == 1
