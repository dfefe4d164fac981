"""The dialogs that launch, and the pages that show what becomes of it."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from destinations.models import Destination
from runs.launch import launch
from runs.models import Batch, BatchState, Run, RunState
from tests.campaigns.factories import CampaignFactory
from tests.runs import brand
from tests.runs.world import World, destination

HTMX = {"HX-Request": "true"}


@pytest.fixture
def world(transactional_db, attentive, warehouse):
    warehouse(brand.tables())
    return World(destination(attentive.url, attentive.token), clock=timezone.now())


@pytest.fixture
def campaign(world):
    return brand.campaign(world.destination)


@pytest.fixture
def run(world, campaign):
    return world.finish(launch(campaign, tools=world.tools))


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def neighbour(response, way) -> str:
    """The address of a list's next or previous page. way: next or prev."""
    return unescape(re.search(rf'href="(\?[^"]+)" rel="{way}"', response.text)[1])


def receipt(client, campaign):
    return client.get(reverse("runs:launch", args=[campaign.pk]), headers=HTMX)


def press(client, campaign, page):
    """Send the dialog's form as it stands."""
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))
    return client.post(reverse("runs:launch", args=[campaign.pk]), fields, headers=HTMX)


def test_the_number_on_the_button_is_the_number_sent(marketer_client, world, campaign, attentive):
    page = receipt(marketer_client, campaign)
    people = int(re.search(r"Launch to (\d+) people", text(page))[1])
    response = press(marketer_client, campaign, page)
    run = world.finish(Run.objects.get())
    assert response["HX-Redirect"] == reverse("runs:detail", args=[run.pk])
    assert sum(len(attentive.members(each)) for each in attentive.segments()) == people


def test_data_that_moved_while_one_read_stops_the_launch(
    marketer_client, world, campaign, warehouse
):
    page = receipt(marketer_client, campaign)
    warehouse(brand.tables(60))
    response = press(marketer_client, campaign, page)
    assert response.status_code == 409
    assert "The numbers moved while you read" in text(response)
    assert not Run.objects.exists()


def test_other_people_of_the_same_number_stop_the_launch_too(
    marketer_client, world, campaign, warehouse
):
    page = receipt(marketer_client, campaign)
    warehouse(others())
    response = press(marketer_client, campaign, page)
    assert response.status_code == 409
    assert "New data came while you read" in text(response)
    assert not Run.objects.exists()


def test_data_that_moves_after_the_press_ends_the_run_before_it_sends(
    marketer_client, world, campaign, attentive, warehouse
):
    response = press(marketer_client, campaign, receipt(marketer_client, campaign))
    warehouse(brand.tables(60))
    run = world.finish(Run.objects.get())
    assert run.state == RunState.FAILED
    assert attentive.requests("PUT") == attentive.requests("POST") == []
    shown = unescape(text(marketer_client.get(response["HX-Redirect"])))
    moved = re.search(r"The numbers moved after the launch: (\d+) -> (\d+)\. Nothing", shown)
    assert int(moved[1]) > int(moved[2]) > 0


def test_new_data_with_the_promised_number_is_sent_and_told(
    marketer_client, world, campaign, warehouse
):
    response = press(marketer_client, campaign, receipt(marketer_client, campaign))
    warehouse(others())
    assert world.finish(Run.objects.get()).state == RunState.COMPLETE
    shown = text(marketer_client.get(response["HX-Redirect"]))
    assert "New data came after the launch" in shown


def test_what_the_hour_moved_is_shown_when_the_campaign_is_looked_at_again(
    marketer_client, world, campaign, warehouse, time_machine
):
    noon = timezone.now().replace(hour=18, minute=0, second=0, microsecond=0)
    orders = [
        {"order_id": n, "customer_id": f"c{n:03}", "order_datetime": noon + timedelta(hours=n % 2)}
        for n in range(60)
    ]
    warehouse(brand.tables() | {"orders": orders})
    bought = {"event": "orders", "operator": "at_least", "value": 1}
    campaign.include.update(rule=bought)
    time_machine.move_to(noon + timedelta(minutes=30))
    page = receipt(marketer_client, campaign)
    time_machine.move_to(noon + timedelta(minutes=90))  # the figures of the day are kept
    world.clock = timezone.now()
    press(marketer_client, campaign, page)
    assert world.finish(Run.objects.get()).state == RunState.FAILED
    press(marketer_client, campaign, receipt(marketer_client, campaign))
    assert world.finish(Run.objects.latest("pk")).state == RunState.COMPLETE


def others():
    """As many customers as before, under other names."""
    rows = brand.tables()
    for each in rows["merged_customers"]:
        each["email"] = each["email"].replace("home", "house")
    return rows


def test_an_edit_while_one_read_stops_the_launch(marketer_client, campaign):
    page = receipt(marketer_client, campaign)
    type(campaign).objects.filter(pk=campaign.pk).update(revision=7)
    response = press(marketer_client, campaign, page)
    assert response.status_code == 409
    assert not Run.objects.exists()


def test_a_forged_launch_with_a_stop_in_it_is_refused(marketer_client, campaign):
    campaign.include.clear()
    fields = {"revision": campaign.revision, "to_send": "0"}
    response = marketer_client.post(
        reverse("runs:launch", args=[campaign.pk]), fields, headers=HTMX
    )
    assert response.status_code == 422
    assert "Include a segment" in text(response)
    assert not Run.objects.exists()


def test_a_viewer_cannot_launch_test_or_stop(viewer_client, run):
    for name, pk in (
        ("launch", run.campaign_id),
        ("test", run.campaign_id),
        ("stop", run.pk),
    ):
        url = reverse(f"runs:{name}", args=[pk])
        assert viewer_client.post(url, headers=HTMX).status_code == 403
    assert "Stop" not in text(viewer_client.get(reverse("runs:detail", args=[run.pk])))


def sent_groups(campaign) -> list[str]:
    parts = campaign.sub_audiences.all()
    return [each.key for part in parts for each in part.groups.filter(control=False)]


def test_a_test_fills_lists_of_its_own(marketer_client, world, campaign, attentive):
    url = reverse("runs:test", args=[campaign.pk])
    marketer_client.post(url, {"customers": "4", "groups": sent_groups(campaign)}, headers=HTMX)
    run = world.finish(Run.objects.get())
    page = text(marketer_client.get(reverse("runs:detail", args=[run.pk])))
    assert "Test" in page
    names = [segment["name"] for segment in attentive.segments().values()]
    assert names
    assert all(name.startswith("TEST_") for name in names)
    assert sum(len(attentive.members(each)) for each in attentive.segments()) == 4


@pytest.mark.parametrize("typed", ["0", "101", "many", ""])
def test_a_test_of_a_wrong_size_is_told_beside_the_field(marketer_client, campaign, typed):
    url = reverse("runs:test", args=[campaign.pk])
    typing = {"customers": typed, "groups": sent_groups(campaign)}
    response = marketer_client.post(url, typing, headers=HTMX)
    assert response.status_code == 422
    assert "1 to 100 customers" in text(response)
    assert f'value="{typed}"' in response.content.decode()


def test_the_run_page_writes_its_sums_out(marketer_client, run):
    page = text(marketer_client.get(reverse("runs:detail", args=[run.pk])))
    added = sum(delivery.added for delivery in run.deliveries.all())
    assert f"Added {added} = accepted {added} + unknown 0 + failed 0." in page
    assert "Staff 5" in page


def test_a_run_that_has_ended_is_not_asked_for_again(marketer_client, run):
    page = marketer_client.get(reverse("runs:detail", args=[run.pk])).content.decode()
    assert "hx-trigger" not in page.split('id="live"')[1].split(">")[0]


def test_an_unchanged_run_answers_nothing(marketer_client, campaign, world):
    going = launch(campaign, tools=world.tools)
    page = marketer_client.get(reverse("runs:detail", args=[going.pk])).content.decode()
    seen = re.search(r"\?seen=(\w+)", page)[1]
    live = reverse("runs:live", args=[going.pk])
    assert marketer_client.get(live, {"seen": seen}, headers=HTMX).status_code == 204
    world.finish(going)
    moved = marketer_client.get(live, {"seen": seen}, headers=HTMX)
    assert moved.status_code == 200
    assert "Complete" in text(moved)


def test_stop_is_told_with_what_stays(marketer_client, world, campaign):
    going = launch(campaign, tools=world.tools)
    dialog = marketer_client.get(reverse("runs:stop", args=[going.pk]), headers=HTMX)
    assert "Nothing has been sent yet, and nothing will be." in text(dialog)
    headers = HTMX | {"HX-Target": "live"}
    page = marketer_client.post(reverse("runs:stop", args=[going.pk]), headers=headers)
    assert "Stopped" in text(page)
    going.refresh_from_db()
    assert going.state == RunState.STOPPED


def test_a_run_that_is_still_going_is_named_before_anything_is_pressed(
    marketer_client, world, campaign
):
    going = launch(campaign, tools=world.tools)
    for dialog in ("launch", "test"):
        url = reverse(f"runs:{dialog}", args=[campaign.pk])
        page = marketer_client.get(url, headers=HTMX)
        assert "A run of this campaign is still going." in text(page)
        assert f'href="{reverse("runs:detail", args=[going.pk])}"' in page.content.decode()
        assert "Launch to" not in text(page)


def test_a_stopped_run_counts_only_the_batches_that_were_sent(marketer_client, world, campaign):
    Destination.objects.update(batch_size=10)
    going = launch(campaign, tools=world.tools)
    while not Batch.objects.filter(state=BatchState.SENT).exists():
        world.work(messages=1)
    url = reverse("runs:stop", args=[going.pk])
    total = Batch.objects.count()
    said = f"1 of {total} batches"
    assert said in text(marketer_client.get(url, headers=HTMX))
    marketer_client.post(url, headers=HTMX)
    world.finish(going)
    page = text(marketer_client.get(reverse("runs:detail", args=[going.pk])))
    assert f"Stopped: {said} are at Attentive and stay" in page


def test_what_attentive_did_not_take_is_counted_with_a_way_on(
    marketer_client, world, campaign, attentive
):
    attentive.fault("job", word="FAILED")
    run = world.finish(launch(campaign, tools=world.tools))
    page = text(marketer_client.get(reverse("runs:detail", args=[run.pk])))
    failed = re.search(r"Partly delivered: (\d+) people not taken by Attentive", page)[1]
    assert f"+ failed {failed}." in page
    assert "Attentive ended the job: FAILED. Retry them, or leave them to the next run." in page
    assert f"Retry only what failed ({failed})" in page
    answer = marketer_client.post(reverse("runs:retry", args=[run.pk]), headers=HTMX)
    retried = Run.objects.get(retry_of=run)
    assert answer["HX-Redirect"] == reverse("runs:detail", args=[retried.pk])
    page = text(marketer_client.get(answer["HX-Redirect"]))
    assert f"Sends only those who failed in run {run.number}" in page
    page = text(marketer_client.get(reverse("runs:detail", args=[run.pk])))
    assert "Retry only what failed" not in page


def test_people_of_whom_attentive_told_no_result_are_explained(
    marketer_client, world, campaign, attentive
):
    attentive.fault("job", result="none")
    run = world.finish(launch(campaign, tools=world.tools))
    page = text(marketer_client.get(reverse("runs:detail", args=[run.pk])))
    assert re.search(r"\+ not reported \d+\.", page)
    assert "told no result for these people" in page


def test_recipients_are_downloaded_by_right_with_a_reason_and_without_identifiers(
    marketer, marketer_client, viewer_client, run
):
    url = reverse("runs:recipients", args=[run.pk])
    for client in (marketer_client, viewer_client):
        assert client.post(url, {"reason": "Survey by post"}).status_code == 403
        assert url not in client.get(reverse("runs:detail", args=[run.pk])).text
    User.objects.filter(pk=marketer.pk).update(exports_customers=True)
    assert url in marketer_client.get(reverse("runs:detail", args=[run.pk])).text
    assert "What is it for?" in text(marketer_client.get(url, headers={"HX-Request": "true"}))
    assert marketer_client.post(url, {"reason": " x "}).status_code == 302
    assert not AuditEntry.objects.filter(action="exported").exists()
    response = marketer_client.post(url, {"reason": "Survey by post"})
    body = b"".join(response.streaming_content).decode()
    assert body.splitlines()[0].startswith("customer_id,sub_audience,treatment_group")
    assert "+1415" not in body
    assert response["Cache-Control"] == "no-store"
    entry = AuditEntry.objects.get(action="exported")
    assert (entry.who, entry.reason, entry.customers) == (
        marketer,
        "Survey by post",
        run.figures["audience"],
    )
    assert entry.about == "Autumn coffee, run 1: recipients"


def test_activity_shows_runs_by_what_they_need(marketer_client, run):
    url = reverse("runs:activity")
    assert "Autumn coffee, run 1" in text(marketer_client.get(url))
    assert "Autumn coffee, run 1" not in text(marketer_client.get(url, {"show": "problems"}))


def test_activity_goes_on_to_older_runs_and_back(marketer_client, db):
    campaign = CampaignFactory()
    now = timezone.now()
    Run.objects.bulk_create(
        Run(
            campaign=campaign,
            number=number,
            state=RunState.COMPLETE,
            definition={"name": "Autumn coffee"},
            moment=now,
            started_at=now + timedelta(minutes=number),
        )
        for number in range(1, 52)
    )
    url = reverse("runs:activity")
    first = marketer_client.get(url)
    assert "1 to 50 of 51" in text(first)
    assert "run 1 " not in text(first)
    older = marketer_client.get(url + neighbour(first, "next"))
    assert "51 to 51 of 51" in text(older)
    assert "run 1 " in text(older)
    assert "1 to 50 of 51" in text(marketer_client.get(url + neighbour(older, "prev")))


def test_a_campaign_lists_its_runs(marketer_client, run):
    url = reverse("runs:of_campaign", args=[run.campaign_id])
    assert "run 1" in text(marketer_client.get(url, headers=HTMX))
