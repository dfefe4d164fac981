"""Lists of test people, and the dialog that sends them a test."""

import re
from html import unescape

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from runs.launch import launch
from runs.models import Panel, Panelist, Run
from runs.panels import opened
from tests.runs import brand
from tests.runs.world import World, destination

HTMX = {"HX-Request": "true"}
ANN = "+14155550143"


@pytest.fixture
def world(transactional_db, attentive, warehouse):
    warehouse(brand.tables(30))
    return World(destination(attentive.url, attentive.token), clock=timezone.now())


@pytest.fixture
def campaign(world):
    return brand.campaign(world.destination)


@pytest.fixture
def panel(db) -> Panel:
    return Panel.objects.create(name="Marketing team")


@pytest.fixture
def ann(panel) -> Panelist:
    contact = {"phone": ANN, "email": "ann@brand.example"}
    return Panelist.objects.create(panel=panel, name="Ann", contact=contact)


def text(response) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return unescape(re.sub(r"\s+", " ", plain))


def audited() -> list[tuple[str, str, str]]:
    told = AuditEntry.objects.exclude(action="logged_in").order_by("pk")
    return list(told.values_list("action", "about", "details"))


def add(client, panel, **typed):
    return client.post(reverse("runs:add_panelist", args=[panel.pk]), typed, headers=HTMX)


def edit(client, person, **typed):
    url = reverse("runs:edit_panelist", args=[person.panel_id, person.pk])
    return client.post(url, typed, headers=HTMX)


def filled_in(dialog, **typed):
    """The dialog's form as it stands, but for what is typed."""
    page = dialog.content.decode()
    fields = {
        "to": re.search(r'name="to" value="(\w+)"[^>]* checked', page)[1],
        "customers": re.search(r'name="customers"[^>]* value="(\d+)"', page)[1],
        "groups": re.findall(r'name="groups" value="(\w+)" checked', page),
    }
    if chosen := re.search(r'<option value="(\d+)" selected', page):
        fields["panel"] = chosen[1]
    return fields | typed


def test_a_list_is_made_and_filled_and_its_phones_are_stored_as_they_are_sent(marketer_client, db):
    made = marketer_client.post(reverse("runs:panels"), {"name": " Marketing team "})
    panel = Panel.objects.get()
    assert made["Location"] == reverse("runs:panel", args=[panel.pk])
    added = add(marketer_client, panel, name="Ann", phone="(415) 555-0143", email=" Ann@B.example ")
    assert added["HX-Redirect"] == made["Location"]
    person = opened(panel.people.get())
    assert (person.name, person.phone, person.email) == ("Ann", ANN, "ann@b.example")
    assert audited() == [
        ("created", "Marketing team", ""),
        ("changed", "Marketing team", "A person was added"),
    ]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"name": "", "phone": ANN}, "Give their name."),
        ({"name": "Bob"}, "Give a phone, an email or both."),
        ({"name": "Bob", "phone": "12345"}, "This is not a phone: too short."),
        ({"name": "Bob", "email": "bob"}, "This is not an email: no @."),
        ({"name": "Bob", "phone": "415 555 0143"}, "Ann has this phone already."),
        ({"name": "Bob", "email": "ANN@brand.example"}, "Ann has this email already."),
    ],
)
def test_what_cannot_be_sent_is_told_beside_the_field(marketer_client, ann, typed, told):
    response = add(marketer_client, ann.panel, **typed)
    assert response.status_code == 422
    assert told in text(response)
    assert 'aria-invalid="true"' in response.content.decode()
    assert ann.panel.people.count() == 1


def test_two_lists_of_one_name_are_not_made(marketer_client, panel):
    response = marketer_client.post(reverse("runs:panels"), {"name": "marketing TEAM"})
    assert response.status_code == 422
    assert "Another list has this name." in text(response)


def test_lists_stand_in_the_order_of_their_names(marketer_client, panel):
    Panel.objects.create(name="agency")
    page = text(marketer_client.get(reverse("runs:panels")))
    assert page.index("agency") < page.index("Marketing team 0")


def test_contacts_are_masked_but_for_those_who_may_see_them(marketer, marketer_client, ann):
    page = reverse("runs:panel", args=[ann.panel_id])
    dialog = reverse("runs:edit_panelist", args=[ann.panel_id, ann.pk])
    for url in (page, dialog):
        shown = marketer_client.get(url, headers=HTMX).content.decode()
        assert "0143" in shown
        assert ANN not in shown
        assert "ann@brand" not in shown
    marketer.sees_contacts = True
    marketer.save()
    for url in (page, dialog):
        shown = marketer_client.get(url, headers=HTMX).content.decode()
        assert ANN in shown
        assert "ann@brand.example" in shown


def test_who_may_not_see_a_phone_can_replace_it_and_keep_the_email(marketer_client, ann):
    edit(marketer_client, ann, name="Anna", phone="415 555 0199", email="")
    person = opened(Panelist.objects.get())
    assert (person.name, person.phone, person.email) == (
        "Anna",
        "+14155550199",
        "ann@brand.example",
    )


def test_who_may_see_a_phone_can_take_it_away(marketer, marketer_client, ann):
    marketer.sees_contacts = True
    marketer.save()
    edit(marketer_client, ann, name="Ann", phone="", email="ann@brand.example")
    assert opened(Panelist.objects.get()).phone == ""


def test_people_and_lists_are_removed(marketer_client, ann):
    url = reverse("runs:remove_panelist", args=[ann.panel_id, ann.pk])
    assert marketer_client.post(url).status_code == 302
    assert not Panelist.objects.exists()
    marketer_client.post(reverse("runs:remove_panel", args=[ann.panel_id]))
    assert not Panel.objects.exists()
    assert audited() == [
        ("changed", "Marketing team", "A person was removed"),
        ("deleted", "Marketing team", ""),
    ]


def test_contacts_are_encrypted_at_rest_and_move_to_a_new_key(ann, settings):
    def stored() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT contact FROM runs_panelist")
            return str(cursor.fetchall())

    before = stored()
    assert "0143" not in before
    assert "brand" not in before
    new = Fernet.generate_key().decode()
    settings.CREDENTIAL_KEYS = [new, *settings.CREDENTIAL_KEYS]
    call_command("reseal_credentials")
    settings.CREDENTIAL_KEYS = [new]
    assert stored() != before
    assert opened(Panelist.objects.get()).phone == ANN


def test_contacts_that_no_key_opens_are_told_and_entered_again(
    marketer_client, ann, campaign, settings
):
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    page = marketer_client.get(reverse("runs:panel", args=[ann.panel_id]))
    assert "The key that opens this person's contact data is no longer set" in text(page)
    dialog = marketer_client.get(reverse("runs:test", args=[campaign.pk]), headers=HTMX)
    assert "a key that is no longer set" in text(dialog)
    edit(marketer_client, ann, name="Ann", phone=ANN)
    assert opened(Panelist.objects.get()).phone == ANN


def test_the_dialog_names_the_lists_it_fills_and_whom_it_cannot_reach(
    marketer_client, campaign, ann
):
    Panelist.objects.create(panel=ann.panel, name="Cy", contact={"email": "cy@brand.example"})
    url = reverse("runs:test", args=[campaign.pk])
    dialog = marketer_client.get(url, headers=HTMX)
    told = text(dialog)
    assert "TEST_Autumn coffee_Gold early access" in told
    assert "TEST_Autumn coffee_Everyone else" in told
    assert "held out" not in told
    assert "takes a phone; Cy has none and is not sent there." in told
    assert "Send to 1 person" in told
    told = marketer_client.get(
        reverse("runs:test_told", args=[campaign.pk]),
        filled_in(dialog, to="customers", customers="7"),
        headers=HTMX,
    )
    assert "Send to 7 customers" in text(told)
    assert "Cy" not in text(told)


def test_the_dialog_sends_to_the_named_people_of_the_chosen_groups(
    marketer_client, world, campaign, ann, attentive
):
    url = reverse("runs:test", args=[campaign.pk])
    dialog = marketer_client.get(url, headers=HTMX)
    first, *_ = filled_in(dialog)["groups"]
    response = marketer_client.post(url, filled_in(dialog, groups=[first]), headers=HTMX)
    run = world.finish(Run.objects.get())
    assert response["HX-Redirect"] == reverse("runs:detail", args=[run.pk])
    (key,) = attentive.segments()
    assert set(attentive.members(key)) == {ANN}
    page = text(marketer_client.get(response["HX-Redirect"]))
    assert "To Marketing team" in page
    assert "Why?" not in page


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"groups": []}, "Choose at least one group."),
        ({"groups": ["gone"]}, "Choose at least one group."),
        ({"panel": "0"}, "Choose a list of test people."),
    ],
)
def test_what_is_missing_is_told_beside_the_field(marketer_client, campaign, ann, typed, told):
    url = reverse("runs:test", args=[campaign.pk])
    dialog = marketer_client.get(url, headers=HTMX)
    response = marketer_client.post(url, filled_in(dialog, **typed), headers=HTMX)
    assert response.status_code == 422
    assert told in text(response)
    assert not Run.objects.exists()


def test_a_list_without_anybody_is_told(marketer_client, campaign, panel):
    url = reverse("runs:test", args=[campaign.pk])
    dialog = marketer_client.get(url, headers=HTMX)
    response = marketer_client.post(url, filled_in(dialog), headers=HTMX)
    assert response.status_code == 422
    assert 'Nobody in "Marketing team" has what these destinations take.' in text(response)


def test_without_test_people_the_dialog_leads_to_them(marketer_client, campaign, world):
    dialog = marketer_client.get(reverse("runs:test", args=[campaign.pk]), headers=HTMX)
    assert "Nobody is named yet." in text(dialog)
    assert f'href="{reverse("runs:panels")}"' in dialog.content.decode()
    assert filled_in(dialog)["to"] == "customers"


def test_a_group_that_came_while_one_read_is_not_filled(
    marketer_client, world, campaign, ann, attentive
):
    url = reverse("runs:test", args=[campaign.pk])
    typed = filled_in(marketer_client.get(url, headers=HTMX))
    rest = campaign.sub_audiences.get(remaining=True)
    rest.groups.update(split=50)
    rest.groups.create(name="Newcomers", split=50).destinations.add(world.destination)
    marketer_client.post(url, typed, headers=HTMX)
    world.finish(Run.objects.get())
    assert not [each for each in attentive.segments().values() if "Newcomers" in each["name"]]


def test_a_run_that_is_going_is_named_instead(marketer_client, world, campaign, ann):
    launch(campaign, tools=world.tools)
    dialog = marketer_client.get(reverse("runs:test", args=[campaign.pk]), headers=HTMX)
    assert "A run of this campaign is still going." in text(dialog)
