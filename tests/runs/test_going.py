"""The pane of the campaigns page: which runs it shows, and how the list follows them."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign, Status
from destinations.models import Destination
from runs.launch import launch
from runs.models import Batch, BatchState, Run, RunState
from tests.campaigns.factories import CampaignFactory
from tests.runs import brand
from tests.runs.world import World, destination

HTMX = {"HX-Request": "true"}
LIST, PANE = "/campaigns/", "/campaigns/going/"


@pytest.fixture
def world(transactional_db, attentive, warehouse):
    warehouse(brand.tables())
    return World(destination(attentive.url, attentive.token), clock=timezone.now())


@pytest.fixture
def campaign(world):
    return brand.campaign(world.destination)


def shown(client, seen=""):
    return client.get(PANE, {"seen": seen}, headers=HTMX)


def seen(page):
    return re.search(r"[?]seen=([\w-]+)", page.text)[1]


def text(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def ran(state, number=1, campaign=None, **fields):
    campaign = campaign or CampaignFactory(name="Coffee")
    return Run.objects.create(
        campaign=campaign,
        number=number,
        state=state,
        definition={"name": campaign.name},
        moment=timezone.now(),
        started_at=timezone.now(),
        **fields,
    )


def test_a_run_is_followed_from_its_launch_to_its_end(marketer_client, world, campaign):
    Destination.objects.update(batch_size=10)
    before = marketer_client.get(LIST)
    assert re.search(r'id="going"[^>]* hidden>', before.text)
    run = launch(campaign, tools=world.tools)
    begun = shown(marketer_client, seen(before))
    assert begun["HX-Trigger"] == "runs:changed"
    assert f"{campaign.name}, run 1" in text(begun)
    assert "1 run going" in text(begun)
    assert shown(marketer_client, seen(begun)).status_code == 204
    while not Batch.objects.filter(state=BatchState.SENT).exists():
        world.work(messages=1)
    sending = shown(marketer_client, seen(begun))
    people = sum(each.kept + each.added for each in run.deliveries.all())
    assert f"1 of {Batch.objects.count()} batches" in text(sending)
    assert f"{people} people" in text(sending)
    before_batch = seen(sending)
    while Batch.objects.filter(state=BatchState.SENT).count() < 2:
        world.work(messages=1)
    further = shown(marketer_client, before_batch)
    assert "2 of" in text(further)
    assert "HX-Trigger" not in further.headers
    world.finish(run)
    ended = shown(marketer_client, seen(further))
    assert ended["HX-Trigger"] == "runs:changed"
    assert re.search(r'id="going"[^>]* hidden>', ended.text)


@pytest.mark.django_db
def test_what_waits_or_failed_today_is_shown_with_why(viewer_client):
    ran(RunState.WAITING, problem="31% of the list would be removed.")
    late, early = timezone.now() - timedelta(hours=25), timezone.now() - timedelta(hours=1)
    ran(RunState.FAILED, campaign=CampaignFactory(name="Tea"), ended_at=early, problem="No token.")
    ran(RunState.FAILED, campaign=CampaignFactory(name="Long ago"), ended_at=late)
    again = CampaignFactory(name="Again")
    ran(RunState.FAILED, campaign=again, ended_at=early)
    ran(RunState.COMPLETE, campaign=again, number=2, ended_at=early)
    page = text(shown(viewer_client))
    for words in ("Coffee, run 1 31% of the list would be removed.", "Tea, run 1 No token."):
        assert words in page
    assert "Long ago" not in page
    assert "Again" not in page
    assert "1 run waiting for you, 1 run failed" in page


def test_stop_is_pressed_in_the_pane_or_in_the_menu(
    marketer_client, viewer_client, world, campaign
):
    run = launch(campaign, tools=world.tools)
    page = marketer_client.get(LIST).text
    by_menu = reverse("runs:stop_campaign", args=[campaign.pk])
    assert f'hx-get="{by_menu}"' in page
    assert f'hx-get="{reverse("runs:stop", args=[run.pk])}"' in page
    assert "/stop/" not in viewer_client.get(LIST).text
    dialog = marketer_client.get(by_menu, headers=HTMX)
    assert "Nothing has been sent yet, and nothing will be." in text(dialog)
    assert 'hx-swap="none"' in dialog.text
    post = re.search(r'hx-post="([^"]+)"', dialog.text)[1]
    answer = marketer_client.post(post, headers=HTMX)
    assert answer.status_code == 204
    assert answer["HX-Trigger"] == "dialog:close, run:stopped"
    assert Run.objects.get().state == RunState.STOPPED
    assert Campaign.objects.get().status == Status.STOPPED
    gone = marketer_client.get(by_menu, follow=True)
    assert "goes any more" in gone.text


@pytest.mark.django_db
def test_many_runs_lead_to_the_activity_page(marketer_client):
    for number in range(21):
        ran(RunState.PROCESSING, campaign=CampaignFactory(name=f"Campaign {number}"))
    page = shown(marketer_client)
    assert page.text.count('<tr id="going-') == 20
    assert "See all" in text(page)
