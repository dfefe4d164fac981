"""What is done stands in the audit: by whom, to what; and it stays there."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.admin.sites import site
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import RequestFactory
from django.utils import timezone

from accounts import audit, guard
from accounts.errors import KeptError
from accounts.models import AuditEntry
from campaigns import editing, lifecycle
from campaigns.models import Campaign
from destinations.models import Credential, Destination
from manifests import applying
from segments import publishing
from tests.destinations.factories import DestinationFactory
from tests.fixtures.people import PASSWORD
from tests.segments.factories import SegmentFactory


def told(**narrowed):
    """Who did what to what, oldest first."""
    rows = AuditEntry.objects.filter(**narrowed).order_by("pk")
    return [(row.by, row.action, row.kind, row.about) for row in rows]


def url(model, pk="add"):
    return f"/admin/{model}/{pk}/" if pk == "add" else f"/admin/{model}/{pk}/change/"


@pytest.fixture
def entry(marketer) -> AuditEntry:
    audit.record(
        marketer,
        audit.Action.EXPORTED,
        None,
        "Coffee lovers v4",
        customers=52_640,
        details="customer_id",
        reason="Survey by post",
    )
    return AuditEntry.objects.get(action=audit.Action.EXPORTED)


def test_what_is_in_the_audit_stays_as_it_was_written(entry):
    entry.reason = "Nothing to see"
    for change in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(reason=""),
        lambda: AuditEntry.objects.bulk_update([entry], ["reason"]),
    ):
        with pytest.raises(KeptError), transaction.atomic():
            change()
    assert AuditEntry.objects.get(action="exported").reason == "Survey by post"


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE {guard.TABLE} SET reason = ''",
        f"UPDATE {guard.TABLE} SET who_id = who_id",
        f"DELETE FROM {guard.TABLE}",
    ],
)
def test_the_database_itself_refuses_to_change_it(entry, statement):
    guard.stand(connection)
    with (
        pytest.raises(DatabaseError, match="stays as it was written"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert AuditEntry.objects.get(action="exported").reason == "Survey by post"


def test_an_entry_outlives_the_person_s_account(entry, marketer):
    guard.stand(connection)
    marketer.delete()
    entry.refresh_from_db()
    assert entry.who is None
    assert entry.by == "ana@example.com"


def test_admins_read_the_audit_and_cannot_write_it(admin_client_, entry):
    page = admin_client_.get("/admin/accounts/auditentry/?q=coffee").text
    assert "Coffee lovers v4" in page
    assert "Survey by post" in page
    one = f"/admin/accounts/auditentry/{entry.pk}/"
    assert admin_client_.get(f"{one}change/").status_code == 200
    assert admin_client_.post(f"{one}change/", {"reason": "x"}).status_code == 403
    assert admin_client_.post(f"{one}delete/", {"post": "yes"}).status_code == 403
    assert admin_client_.get("/admin/accounts/auditentry/add/").status_code == 403
    assert AuditEntry.objects.get(pk=entry.pk).reason == "Survey by post"


@pytest.mark.parametrize("narrowed", ["action__exact=exported", "who__id__exact={who}"])
def test_the_audit_is_narrowed_by_what_and_who(admin_client_, admin, entry, narrowed):
    audit.record(admin, audit.Action.STOPPED, None, "Autumn coffee, run 3")
    page = admin_client_.get(f"/admin/accounts/auditentry/?{narrowed.format(who=entry.who_id)}")
    assert "Coffee lovers v4" in page.text
    assert "Autumn coffee, run 3" not in page.text


def test_others_do_not_see_the_audit(marketer_client, viewer_client, entry_of_nobody):
    for client in (marketer_client, viewer_client):
        assert client.get("/admin/accounts/auditentry/").status_code in (302, 403)


@pytest.fixture
def entry_of_nobody(db):
    audit.record(None, audit.Action.CHANGED, None, "Something")


def test_no_action_of_the_admin_removes_entries(admin):
    request = RequestFactory().get("/admin/")
    request.user = admin
    assert "delete_selected" not in site.get_model_admin(AuditEntry).get_actions(request)


# What is written


def test_coming_and_going_is_told(client, marketer):
    client.post("/login/", {"username": "ana@example.com", "password": PASSWORD})
    client.post("/logout/")
    about = ("user", "Ana")
    assert told() == [
        ("ana@example.com", "logged_in", *about),
        ("ana@example.com", "logged_out", *about),
    ]


def test_a_failed_log_in_is_told_without_what_was_typed(client, marketer):
    client.post("/login/", {"username": "ana@example.com", "password": "mistyped"})
    client.post("/login/", {"username": "my-secret@example.com", "password": "mistyped"})
    assert told() == [
        ("a stranger", "log_in_failed", "user", "Ana"),
        ("a stranger", "log_in_failed", "user", "An email that nobody here has"),
    ]


def test_a_campaign_s_life_is_told_one_entry_for_an_editing_session(marketer, admin):
    campaign = editing.create(marketer, "Autumn coffee")
    for name in ("Autumn", "Autumn tea"):
        editing.edit(campaign.pk, "name", "", [name], None, marketer)
    editing.edit(campaign.pk, "first_match", "", [], None, admin)
    lifecycle.archive(Campaign.objects.get(), marketer)
    lifecycle.restore(Campaign.objects.get(), marketer)
    lifecycle.delete(Campaign.objects.with_groups().get(), admin)
    assert [(by, action) for by, action, _, _ in told(kind="campaign", key=campaign.pk)] == [
        ("ana@example.com", "created"),
        ("ana@example.com", "changed"),
        ("bo@example.com", "changed"),
        ("ana@example.com", "archived"),
        ("ana@example.com", "restored"),
        ("bo@example.com", "deleted"),
    ]


def test_edits_of_another_day_are_another_entry(marketer, monkeypatch):
    campaign = editing.create(marketer, "Autumn coffee")
    editing.edit(campaign.pk, "name", "", ["Autumn"], None, marketer)
    later = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    editing.edit(campaign.pk, "name", "", ["Autumn tea"], None, marketer)
    assert len(told(action="changed")) == 2


def test_a_segment_s_life_is_told(marketer, admin):
    segment = SegmentFactory(name="Golden")
    publishing.archive(segment, marketer)
    publishing.restore(segment, marketer)
    publishing.delete(segment, admin)
    assert told() == [
        ("ana@example.com", "archived", "segment", "Golden"),
        ("ana@example.com", "restored", "segment", "Golden"),
        ("bo@example.com", "deleted", "segment", "Golden"),
    ]


def test_what_admins_change_is_told_by_its_fields_never_by_what_they_hold(admin_client_):
    secret = "tok_never_to_be_read_again"
    fields = {"name": "Attentive", "kind": "attentive-api", "token": secret}
    assert admin_client_.post(url("destinations/credential"), fields).status_code == 302
    pk = Credential.objects.get().pk
    admin_client_.post(url("destinations/credential", pk), fields | {"name": "Attentive EU"})
    admin_client_.post(f"/admin/destinations/credential/{pk}/delete/", {"post": "yes"})
    assert told(kind="credential") == [
        ("bo@example.com", "created", "credential", "Attentive"),
        ("bo@example.com", "changed", "credential", "Attentive EU"),
        ("bo@example.com", "deleted", "credential", "Attentive EU"),
    ]
    entries = AuditEntry.objects.filter(kind="credential", action="changed")
    assert "Name" in entries.get().details
    assert not any(secret in str(row) for row in AuditEntry.objects.values_list())


def test_rights_that_an_admin_gives_are_told(admin_client_, marketer):
    fields = {"email": marketer.email, "is_active": "on", "role": "Marketer", "sees_contacts": "on"}
    admin_client_.post(url("accounts/user", marketer.pk), fields)
    entry = AuditEntry.objects.get(kind="user", action="changed")
    assert (entry.by, entry.key) == ("bo@example.com", marketer.pk)
    assert "May see contact data" in entry.details


def test_several_that_are_deleted_at_once_are_told_one_by_one(admin_client_):
    made = [DestinationFactory(name=name) for name in ("One", "Two")]
    fields = {"action": "delete_selected", "post": "yes", "_selected_action": [d.pk for d in made]}
    admin_client_.post("/admin/destinations/destination/", fields)
    assert not Destination.objects.exists()
    assert sorted(row[3] for row in told(action="deleted")) == ["One", "Two"]


@pytest.fixture
def file(tmp_path, warehouse) -> Path:
    warehouse({"customer_360": {"customer_id": ["c1"], "tier": ["Gold"]}})
    path = tmp_path / "muster.yaml"
    path.write_text(
        "version: 1\nsegments:\n"
        "  - name: Golden\n"
        "    rule: {attribute: customer_360.tier, operator: is, value: Gold}\n"
    )
    return path


def test_a_manifest_is_told_with_who_applied_it(file, marketer, transactional_db):
    applying.apply(file.read_text(), file.parent, os.environ, marketer)
    file.write_text(file.read_text().replace("value: Gold", "value: Silver"))
    call_command("apply", str(file))
    call_command("apply", str(file))  # changes nothing
    assert told() == [
        ("ana@example.com", "created", "segment", "Golden"),
        ("manage.py apply", "changed", "segment", "Golden"),
    ]
