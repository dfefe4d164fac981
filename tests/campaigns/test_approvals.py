"""Above a number of people another person agrees to a launch; nothing gets round that."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.roles import APPROVER, give_role
from campaigns import approvals, editing
from campaigns.approvals import ApprovalError
from campaigns.models import Approval, ApprovalRule, Campaign, Status
from runs import scheduling
from runs.launch import LaunchRefusedError, launch
from runs.models import Run, RunState
from runs.trial import Trial
from segments.models import Segment
from tests.fixtures.people import logged_in, person
from tests.runs import brand
from tests.runs.world import World, destination
from warehouse.engines import engine

HTMX = {"HX-Request": "true"}
DAILY = {"every": "day", "at": "09:00", "time_zone": "UTC"}


@pytest.fixture
def world(transactional_db, attentive, warehouse):
    warehouse(brand.tables(60))
    ApprovalRule.objects.create(pk=1, above=10)
    return World(destination(attentive.url, attentive.token), clock=timezone.now())


@pytest.fixture
def campaign(world, marketer) -> Campaign:
    campaign = brand.campaign(world.destination)
    campaign.edited_by = marketer
    campaign.save()
    return campaign


@pytest.fixture
def approver(db):
    return person("kim@example.com", "Kim", APPROVER)


def approved(campaign, asker, approver) -> Approval:
    asked = approvals.ask(campaign.pk, asker, "Autumn starts on Monday")
    approvals.answer(asked, approver, True)
    return asked


def url(name, campaign):
    return reverse(f"campaigns:{name}", args=[campaign.pk])


def refused(campaign, world, **options):
    with pytest.raises(LaunchRefusedError, match=r"(?i)approv|declined") as told:
        launch(campaign, tools=world.tools, **options)
    assert not Run.objects.exists()
    return str(told.value)


def test_a_launch_above_the_number_waits_for_another_person(world, campaign, marketer, approver):
    assert "above 10 another person has to agree" in refused(campaign, world, by=marketer)
    asked = approvals.ask(campaign.pk, marketer)
    assert "Waiting for approval: Ana asked" in refused(campaign, world, by=marketer)
    approvals.answer(asked, approver, True)
    run = world.finish(launch(campaign, marketer, tools=world.tools))
    assert run.state == RunState.COMPLETE
    assert run.most == asked.up_to


def test_without_a_rule_and_below_its_number_nobody_is_asked(world, campaign, marketer):
    ApprovalRule.objects.update(above=1_000)
    with pytest.raises(ApprovalError, match="needs no approval"):
        approvals.ask(campaign.pk, marketer)
    launch(campaign, marketer, tools=world.tools)
    Run.objects.all().delete()
    ApprovalRule.objects.all().delete()
    assert launch(campaign, marketer, tools=world.tools).most is None


def test_what_is_declined_says_why_and_can_be_asked_again(world, campaign, marketer, approver):
    asked = approvals.ask(campaign.pk, marketer)
    with pytest.raises(ApprovalError, match="Say why"):
        approvals.answer(asked, approver, False)
    approvals.answer(asked, approver, False, "Too many for a Monday")
    assert "Kim declined: “Too many for a Monday”" in refused(campaign, world, by=marketer)
    approvals.answer(approvals.ask(campaign.pk, marketer), approver, True)
    launch(campaign, marketer, tools=world.tools)


@pytest.mark.parametrize("who", ["asker", "editor", "marketer"])
def test_who_asked_or_edited_last_or_is_no_approver_cannot_answer(
    world, campaign, marketer, approver, who
):
    asker, answers = marketer, approver
    if who == "asker":
        asker = approver
    elif who == "editor":
        Campaign.objects.update(edited_by=approver)
    else:
        answers = person("max@example.com", "Max", "Marketer")
    asked = approvals.ask(campaign.pk, asker)
    with pytest.raises(ApprovalError):
        approvals.answer(asked, answers, True)
    posted = logged_in(answers).post(
        url("approval_answer", campaign), {"approval": asked.pk, "answer": "approve"}
    )
    assert posted.status_code in (403, 422)
    refused(campaign, world, by=marketer)


def test_the_database_takes_no_answer_by_the_asker(world, campaign, marketer):
    asked = approvals.ask(campaign.pk, marketer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(pk=asked.pk).update(state="approved", answered_by=marketer)


@pytest.mark.parametrize("change", ["campaign", "segment", "defaults"])
def test_an_edit_after_the_approval_voids_it(world, campaign, marketer, approver, change):
    approved(campaign, marketer, approver)
    if change == "campaign":
        editing.edit(campaign.pk, "name", "", ["Winter coffee"], None, marketer)
    elif change == "segment":
        Segment.objects.filter(pk=campaign.exclude.get().pk).update(rule=brand.GOLD)
    else:
        defaults = world.destination.default_attributes
        defaults.identifier, defaults.email = "email", "merged_customers.email"
        defaults.save()
    refused(Campaign.objects.get(), world, by=marketer)


def test_an_answer_to_what_was_edited_since_is_none(world, campaign, marketer, approver):
    asked = approvals.ask(campaign.pk, marketer)
    editing.edit(campaign.pk, "name", "", ["Winter coffee"], None, marketer)
    with pytest.raises(ApprovalError, match="edited after"):
        approvals.answer(asked, approver, True)


def test_more_people_than_were_approved_are_not_sent(
    world, campaign, marketer, approver, warehouse
):
    approved(campaign, marketer, approver)
    run = launch(campaign, marketer, tools=world.tools)
    warehouse(brand.tables(120))  # twice as many, before a worker builds it
    run = world.finish(run)
    assert run.state == RunState.FAILED
    assert "without another approval" in run.problem
    assert "approved for at most" in refused_again(campaign, world, marketer)


def refused_again(campaign, world, by):
    with pytest.raises(LaunchRefusedError) as told:
        launch(campaign, by, tools=world.tools)
    return str(told.value)


def test_neither_a_command_nor_a_schedule_gets_round_it(
    world, campaign, marketer, approver, capsys
):
    with pytest.raises(SystemExit):
        call_command("launch", campaign.name)
    assert "Needs approval" in capsys.readouterr().err
    Campaign.objects.update(delivery=DAILY)
    with pytest.raises(LaunchRefusedError, match="Needs approval"):
        scheduling.begin(campaign, marketer, world.tools)
    assert Campaign.objects.get().next_due_at is None
    assert not Run.objects.exists()


def test_an_approved_schedule_runs_until_more_people_come(
    world, campaign, marketer, approver, warehouse
):
    Campaign.objects.update(delivery=DAILY)
    approved(campaign, marketer, approver)
    campaign = scheduling.begin(campaign, marketer, world.tools)
    world.clock = campaign.next_due_at
    scheduling.start(campaign, world.tools)
    assert world.finish(Run.objects.get()).state == RunState.COMPLETE
    warehouse(brand.tables(120))
    campaign.refresh_from_db()
    world.clock = campaign.next_due_at
    scheduling.start(campaign, world.tools)
    last = Run.objects.first()
    assert last.state == RunState.FAILED
    assert "approved for at most" in last.problem
    assert Campaign.objects.get().status == Status.ERROR


def test_a_test_needs_no_approval(world, campaign, marketer_client):
    dialog = marketer_client.get(reverse("runs:test", args=[campaign.pk]), headers=HTMX)
    assert "approval" not in dialog.text
    launch(campaign, test=Trial(4), tools=world.tools)


def test_it_is_asked_and_answered_by_clicking(world, campaign, marketer_client, approver):
    editor = marketer_client.get(url("figures", campaign), headers=HTMX)
    assert url("approval", campaign) in editor.text
    dialog = marketer_client.get(reverse("runs:launch", args=[campaign.pk]), headers=HTMX)
    assert "Ask for approval" in dialog.text
    assert "Ask for approval" in marketer_client.get(url("approval", campaign)).text
    words = {"words": "Autumn starts on Monday"}
    assert marketer_client.post(url("approval_ask", campaign), words).status_code == 302

    approvers = logged_in(approver)
    listed = approvers.get(reverse("campaigns:list") + "?status=asked").text
    assert "Autumn coffee" in listed
    assert "Waiting for approval" in listed
    assert "1 campaign waiting for approval" in approvers.get(reverse("runs:activity")).text
    assert "Ana asks for approval" in approvers.get(url("detail", campaign)).text
    page = approvers.get(url("approval", campaign)).text
    assert "Autumn starts on Monday" in page
    assert "Your answer" in page
    assert "Your answer" not in marketer_client.get(url("approval", campaign)).text
    asked = Approval.objects.get()
    posted = {"approval": asked.pk, "answer": "approve", "words": "Go"}
    assert approvers.post(url("approval_answer", campaign), posted).status_code == 302
    assert approvers.post(url("approval_answer", campaign), posted).status_code == 422  # twice
    assert "No campaigns match" in approvers.get(reverse("campaigns:list") + "?status=asked").text
    dialog = marketer_client.get(reverse("runs:launch", args=[campaign.pk]), headers=HTMX)
    assert "Launch to" in dialog.text
    entries = AuditEntry.objects.filter(kind="campaign").order_by("pk")
    assert [(each.by, each.action) for each in entries] == [
        ("ana@example.com", "asked"),
        ("kim@example.com", "approved"),
    ]


def test_the_page_counts_only_once_it_is_shown(world, campaign, viewer_client, monkeypatch):
    cache.clear()
    with monkeypatch.context() as patch:
        patch.setattr(type(engine()), "stream", None)  # whoever reads the warehouse fails
        page = viewer_client.get(url("approval", campaign)).text
    assert "Counting" in page
    assert 'hx-trigger="load"' in page
    shown = viewer_client.get(url("approval", campaign), headers=HTMX).text
    assert "Needs approval. It would be sent to" in shown
    assert 'hx-trigger="load"' not in shown


def test_who_edited_it_since_its_last_run_cannot_answer(world, campaign, marketer, approver):
    editing.edit(campaign.pk, "name", "", ["Late autumn coffee"], None, approver)
    editing.edit(campaign.pk, "name", "", ["Autumn coffee"], None, marketer)
    asked = approvals.ask(campaign.pk, marketer)
    with pytest.raises(ApprovalError, match="You edited this campaign"):
        approvals.answer(asked, approver, True)
    campaign.revisions.update(at=timezone.now() - timedelta(days=2))
    Campaign.objects.update(last_run_at=timezone.now() - timedelta(days=1))
    approvals.answer(asked, approver, True)


def test_a_forged_launch_is_refused(world, campaign, marketer_client):
    forged = {"revision": campaign.revision, "to_send": "50", "data_version": "1"}
    for more in ({}, {"when": "schedule"}):
        answer = marketer_client.post(
            reverse("runs:launch", args=[campaign.pk]), forged | more, headers=HTMX
        )
        assert answer.status_code == 422
    assert not Run.objects.exists()


def test_an_admin_switches_it_on_and_off(admin_client_, db):
    page = "/admin/campaigns/approvalrule/"
    assert admin_client_.post(f"{page}add/", {"above": "5000"}).status_code == 302
    assert approvals.above() == 5_000
    assert admin_client_.get(f"{page}add/").status_code == 403
    assert admin_client_.post(f"{page}1/change/", {"above": ""}).status_code == 302
    assert approvals.above() is None
    assert AuditEntry.objects.filter(kind="approval rule").count() == 2


def test_an_approver_does_what_a_marketer_does_and_a_marketer_does_not_approve(marketer, approver):
    assert approver.has_perm("campaigns.launch_campaign")
    assert approver.has_perm("campaigns.approve_campaign")
    assert not marketer.has_perm("campaigns.approve_campaign")
    give_role(approver, "Marketer")
    assert not approver.has_perm("campaigns.approve_campaign")
