"""Destinations that are kept for some people: others neither choose, change nor launch to them."""

import os

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from accounts.models import Team, User
from accounts.roles import MARKETER, give_role
from campaigns import editing, mapping
from campaigns.mapping import Effective
from campaigns.models import Campaign, TreatmentGroup
from core.edits import EditRefusedError
from destinations.models import DefaultAttributes, Destination
from manifests import applying
from manifests.errors import ManifestError
from runs import clearing, removals, retrying, scheduling
from runs.launch import LaunchRefusedError, launch
from runs.models import Delivery, DeliveryState, Run
from runs.trial import Trial
from tests.fixtures.people import logged_in
from tests.runs import brand
from tests.runs.world import World, destination

HTMX = {"HX-Request": "true"}
ONLY = "Only CRM Germany may send to"


@pytest.fixture
def world(transactional_db, attentive, warehouse):
    warehouse(brand.tables(30))
    return World(destination(attentive.url, attentive.token), clock=timezone.now())


@pytest.fixture
def team(world) -> Team:
    team = Team.objects.create(name="CRM Germany")
    world.destination.only_for.add(team)
    return team


@pytest.fixture
def campaign(world) -> Campaign:
    return brand.campaign(world.destination)


def edited(client, campaign, name, **values):
    return client.post(reverse(f"campaigns:{name}", args=[campaign.pk]), values, headers=HTMX)


def test_it_is_neither_offered_nor_taken_when_forged(world, team, marketer, marketer_client):
    draft = editing.create(marketer, "Autumn")
    group = TreatmentGroup.objects.first()
    page = marketer_client.get(reverse("campaigns:edit", args=[draft.pk])).text
    assert world.destination.name not in page
    forged = {"op": "destinations", "node": group.key, "value": world.destination.pk}
    answer = edited(marketer_client, draft, "ops", **forged)
    assert answer.status_code == 422
    assert ONLY in answer.text
    assert not group.destinations.exists()
    marketer.groups.add(team)
    assert edited(marketer_client, draft, "ops", **forged).status_code == 200
    assert group.destinations.get() == world.destination


def test_a_campaign_that_uses_it_shows_it_and_says_why_one_cannot_launch_it(
    world, team, campaign, marketer, marketer_client
):
    page = marketer_client.get(reverse("campaigns:edit", args=[campaign.pk])).text
    assert world.destination.name in page
    assert ONLY in page
    assert (
        ONLY in marketer_client.get(reverse("runs:launch", args=[campaign.pk]), headers=HTMX).text
    )
    for start in (
        lambda: launch(campaign, marketer, tools=world.tools),
        lambda: launch(campaign, marketer, test=Trial(4), tools=world.tools),
        lambda: scheduling.begin(campaign, marketer, world.tools),
    ):
        with pytest.raises(LaunchRefusedError, match=ONLY):
            start()
    assert not Run.objects.exists()
    marketer.groups.add(team)
    launch(campaign, marketer, tools=world.tools)


def test_nor_can_one_send_again_what_failed(world, team, campaign, marketer, admin, attentive):
    attentive.fault("status", path="/v2/bulk", status=400, times=None)
    run = world.finish(launch(campaign, admin, tools=world.tools))
    with pytest.raises(LaunchRefusedError, match=ONLY):
        retrying.retry(run, marketer, world.tools)


def test_nor_is_it_brought_back_by_undo_or_an_older_version(world, team, campaign, marketer):
    group = TreatmentGroup.objects.get(name="Everyone else")
    editing.edit(campaign.pk, "destinations", group.key, [], None, marketer)
    with pytest.raises(EditRefusedError, match=ONLY):
        editing.edit(campaign.pk, "undo", "", [], None, marketer)
    with pytest.raises(EditRefusedError, match=ONLY):
        editing.restore(campaign.pk, 0, marketer)
    assert not group.destinations.exists()


def test_nor_are_its_lists_shrunk_or_removed(world, team, campaign, marketer, admin, warehouse):
    warehouse(brand.tables(400))
    world.settle(launch(campaign, admin, tools=world.tools))
    world.settle(launch(campaign, admin, test=Trial(2), tools=world.tools))
    with pytest.raises(EditRefusedError, match=ONLY):
        clearing.remove_tests(campaign, marketer, world.tools)
    warehouse(brand.tables(40))
    launch(campaign, admin, tools=world.tools)
    world.work()
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING).first()
    with pytest.raises(EditRefusedError, match=ONLY):
        removals.approve(waiting, world.tools, marketer)


def test_admins_commands_and_roles_it_is_for_use_it(world, team, campaign, marketer, admin):
    launch(campaign, admin, tools=world.tools)
    Run.objects.all().delete()
    launch(campaign, None, tools=world.tools)
    Run.objects.all().delete()
    world.destination.only_for.add(Group.objects.get(name=MARKETER))
    launch(campaign, marketer, tools=world.tools)


def test_its_attributes_are_not_theirs_to_change(world, team, campaign, marketer, marketer_client):
    keys = [campaign.pk, world.destination.pk]
    assert marketer_client.get(reverse("campaigns:attributes", args=keys)).status_code == 403
    wanted = {"op": "identifier", "value": "email"}
    posted = marketer_client.post(reverse("campaigns:attributes_ops", args=keys), wanted)
    assert posted.status_code == 403
    with pytest.raises(EditRefusedError, match=ONLY):
        mapping.choose(campaign.pk, world.destination, Effective(), None, marketer)
    with pytest.raises(EditRefusedError, match=ONLY):
        mapping.follow(campaign.pk, world.destination, None, marketer)


def test_nor_are_its_default_attributes(world, team, campaign, marketer, marketer_client):
    assert (
        world.destination.name
        not in marketer_client.get(reverse("destinations:default_attributes")).text
    )
    for name in ("edit_defaults", "remove_defaults"):
        answer = marketer_client.post(
            reverse(f"destinations:{name}", args=[world.destination.pk]), {"identifier": "email"}
        )
        assert answer.status_code == 403
    assert DefaultAttributes.objects.get().identifier == "phone"
    marketer.groups.add(team)
    page = marketer_client.get(reverse("destinations:default_attributes")).text
    assert world.destination.name in page


def test_a_manifest_sends_nowhere_where_who_applies_it_may_not(
    world, team, campaign, marketer, tmp_path
):
    name = world.destination.name
    text = f"""
version: 1
campaigns:
  - name: Winter coffee
    include: [{campaign.include.get().name}]
    remaining:
      treatment_groups:
        - {{name: Winter warm, split: 100, destinations: [{name}]}}
    delivery: {{when: now}}
"""
    with pytest.raises(ManifestError, match=ONLY):
        applying.apply(text, tmp_path, os.environ, marketer)
    applying.apply(text, tmp_path, os.environ)
    assert Campaign.objects.filter(name="Winter coffee").exists()


# Who is in a team


def test_an_admin_makes_teams_and_puts_people_into_them(admin_client_, marketer):
    admin_client_.post("/admin/accounts/team/add/", {"name": "CRM Germany"})
    team = Team.objects.get(name="CRM Germany")
    fields = {"email": marketer.email, "is_active": "on", "role": MARKETER}
    page = f"/admin/accounts/user/{marketer.pk}/change/"
    assert admin_client_.post(page, fields | {"teams": team.pk}).status_code == 302
    person = User.objects.get(pk=marketer.pk)
    assert {group.name for group in person.groups.all()} == {MARKETER, "CRM Germany"}
    assert person.role == MARKETER
    give_role(person, MARKETER)
    assert person.groups.count() == 2
    assert "CRM Germany" in admin_client_.get(page).text
    admin_client_.post(page, fields)
    assert person.groups.get().name == MARKETER


@pytest.mark.parametrize("name", ["Approver", "marketer", " Admin "])
def test_a_team_is_no_way_to_a_role(admin_client_, db, name):
    assert admin_client_.post("/admin/accounts/team/add/", {"name": name}).status_code == 200
    assert not Group.objects.filter(name__iexact=name.strip()).exists()


def test_a_team_that_a_destination_is_kept_for_stays(admin_client_, team):
    page = admin_client_.post(f"/admin/accounts/team/{team.pk}/delete/", {"post": "yes"}).text
    assert "is kept for CRM Germany" in page
    assert Destination.objects.closed_to(None).count() == 0
    assert Team.objects.exists()


def test_others_still_log_in_and_see_their_campaigns(world, team, campaign, marketer):
    assert logged_in(marketer).get(reverse("campaigns:list")).status_code == 200
