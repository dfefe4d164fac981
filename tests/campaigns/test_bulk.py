"""What is done with several campaigns at once, and with one by its menu."""

import re

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from campaigns.models import Campaign, Status
from segments import folders
from tests.campaigns.factories import CampaignFactory
from tests.segments.factories import SegmentFactory

HTMX = {"HX-Request": "true"}
INDEX = "/campaigns/"

pytestmark = pytest.mark.django_db


def bulk(action):
    return reverse("campaigns:bulk", args=[action])


def post(client, action, *campaigns, **more):
    return client.post(bulk(action), {"s": [each.pk for each in campaigns], **more}, follow=True)


def ask(client, action, *campaigns):
    return client.get(bulk(action), {"s": [each.pk for each in campaigns]}, headers=HTMX)


def undo(client, page):
    return client.post(re.search(r"/campaigns/undo/\w+/", page.text)[0], follow=True)


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def told():
    return list(AuditEntry.objects.order_by("pk").values_list("action", "about", "details"))


def test_picked_campaigns_move_into_a_folder_of_segments_and_back(marketer_client):
    SegmentFactory(folder="Brand/Autumn")
    one, other = CampaignFactory(name="Coffee", folder="Old"), CampaignFactory(name="Tea")
    assert "Brand / Autumn" in ask(marketer_client, "move", one, other).text
    page = post(marketer_client, "move", one, other, folder="Brand/Autumn")
    assert "2 campaigns are now in “Brand / Autumn”." in page.text
    assert {each.folder for each in Campaign.objects.all()} == {"Brand/Autumn"}
    undo(marketer_client, page)
    assert Campaign.objects.get(pk=one.pk).folder == "Old"
    assert Campaign.objects.get(pk=other.pk).folder == ""
    assert ("changed", "Coffee", "Folder: Brand / Autumn") in told()
    assert ("changed", "Tea", "Folder: none") in told()


def test_a_folder_is_made_on_the_way_and_no_deeper_than_three(marketer_client):
    campaign = CampaignFactory(folder="Brand/Autumn")
    post(marketer_client, "move", campaign, folder="Brand/Autumn", new="Coffee")
    assert Campaign.objects.get().folder == "Brand/Autumn/Coffee"
    asked = {"s": campaign.pk, "folder": "Brand/Autumn/Coffee", "new": "Deeper"}
    refused = marketer_client.post(bulk("move"), asked, headers=HTMX)
    assert refused.status_code == 422
    assert "3 levels deep" in refused.text


def test_a_folder_takes_its_campaigns_along_and_is_not_deleted_over_them(marketer_client):
    CampaignFactory(folder="Brand/Autumn")
    folders.rename("Brand", "House")
    assert Campaign.objects.get().folder == "House/Autumn"
    page = marketer_client.post(f"{reverse('segments:folder_delete')}?path=House", follow=True)
    assert "still holds 1 folder and 1 campaign" in page.text
    assert f'href="{INDEX}?folder=House"' in page.text


def test_labels_are_put_on_and_taken_off_and_come_back(marketer_client):
    one, other = CampaignFactory(labels=["old", "kept"]), CampaignFactory()
    page = post(marketer_client, "label", one, other, put_on=["vip"], take_off=["old"])
    assert Campaign.objects.get(pk=one.pk).labels == ["kept", "vip"]
    assert Campaign.objects.get(pk=other.pk).labels == ["vip"]
    undo(marketer_client, page)
    assert Campaign.objects.get(pk=one.pk).labels == ["old", "kept"]
    assert Campaign.objects.get(pk=other.pk).labels == []
    asked = {"s": one.pk, "put_on": "two words"}
    refused = marketer_client.post(bulk("label"), asked, headers=HTMX)
    assert (refused.status_code, "cannot be a label" in refused.text) == (422, True)


def test_what_runs_stays_when_others_are_archived_and_is_named(marketer_client):
    done, running = (
        CampaignFactory(name="Spring", status=Status.DELIVERED),
        CampaignFactory(name="Win-back", status=Status.RUNNING),
    )
    asked = words(ask(marketer_client, "archive", done, running))
    assert "Archive “Spring”?" in asked
    assert "1 campaign will stay Win-back: it runs or is scheduled." in asked
    page = post(marketer_client, "archive", done, running)
    assert "“Spring” is archived." in page.text
    assert "“Win-back” runs or is scheduled, so it stays." in page.text
    assert list(Campaign.objects.filter(archived=True)) == [done]
    undo(marketer_client, page)
    assert not Campaign.objects.filter(archived=True).exists()


def test_archived_campaigns_are_restored_but_for_a_name_that_was_taken(marketer_client):
    gone = [CampaignFactory(name=name, archived=True) for name in ("Coffee", "Tea")]
    CampaignFactory(name="tea")
    listed = marketer_client.get(INDEX, {"status": "archived"}).text
    assert bulk("restore") in listed
    assert bulk("archive") not in listed
    page = post(marketer_client, "restore", *gone)
    assert "“Coffee” is restored." in page.text
    assert "Another campaign is called Tea now. Rename that one first." in page.text
    assert list(Campaign.objects.filter(archived=True)) == [gone[1]]


def test_only_drafts_are_deleted_and_come_back(marketer_client):
    drafts = [CampaignFactory(name="Coffee"), CampaignFactory(name="Tea")]
    sent = CampaignFactory(name="Win-back", status=Status.DELIVERED)
    asked = words(ask(marketer_client, "delete", *drafts, sent))
    assert "Delete 2 campaigns?" in asked
    assert "1 campaign will stay Win-back:" in asked
    page = post(marketer_client, "delete", *drafts, sent)
    assert "2 campaigns are deleted." in page.text
    assert "“Win-back” is no draft, so it stays. Archive it instead." in page.text
    assert list(Campaign.objects.all()) == [sent]
    undo(marketer_client, page)
    assert {*Campaign.objects.values_list("pk", "name")} >= {
        (each.pk, each.name) for each in drafts
    }


def test_a_menu_moves_and_labels_and_stays_where_it_is(marketer_client):
    campaign = CampaignFactory()
    page = marketer_client.get(reverse("campaigns:detail", args=[campaign.pk])).text
    for action in ("move", "label"):
        assert f'hx-get="{bulk(action)}?s={campaign.pk}"' in page
    here = f"http://testserver/campaigns/{campaign.pk}/"
    headers = HTMX | {"HX-Current-URL": here}
    answer = marketer_client.post(bulk("move"), {"s": campaign.pk, "new": "Brand"}, headers=headers)
    assert answer["HX-Redirect"] == f"/campaigns/{campaign.pk}/"


def test_one_comes_back_to_the_list_as_it_was_filtered(marketer_client):
    campaign = CampaignFactory(status=Status.DELIVERED)
    headers = HTMX | {"HX-Current-URL": f"http://testserver{INDEX}?q=coffee"}
    answer = marketer_client.post(bulk("archive"), {"s": campaign.pk}, headers=headers)
    assert answer["HX-Redirect"] == f"{INDEX}?q=coffee"


def test_a_viewer_has_nothing_to_pick(viewer_client):
    campaign = CampaignFactory()
    page = viewer_client.get(INDEX).text
    assert "Pick " not in page
    assert bulk("move") not in page
    assert post(viewer_client, "archive", campaign).status_code == 403
    assert not Campaign.objects.get().archived
