"""What is given to a person beside the role, and what is kept of its use."""

import pytest
from django.contrib.admin.sites import site
from django.test import RequestFactory

from accounts import audit
from accounts.errors import KeptError
from accounts.models import AuditEntry, User
from accounts.roles import EXPORT_CUSTOMERS, GIVEN, MARKETER, SEE_CONTACTS, give_role


def given(user: User, **rights: bool) -> User:
    User.objects.filter(pk=user.pk).update(**rights)
    return User.objects.get(pk=user.pk)


def test_no_role_but_the_admin_s_brings_contact_data_or_exports(marketer, viewer, admin):
    for permission in (SEE_CONTACTS, EXPORT_CUSTOMERS):
        assert not marketer.has_perm(permission)
        assert not viewer.has_perm(permission)
        assert admin.has_perm(permission)


@pytest.mark.parametrize(("field", "permission"), GIVEN.items())
def test_each_right_is_given_by_itself(marketer, field, permission):
    person = given(marketer, **{field: True})
    assert {each for each in GIVEN.values() if person.has_perm(each)} == {permission}


def test_who_lost_the_role_or_was_shut_out_keeps_no_right(marketer):
    person = given(marketer, sees_contacts=True)
    give_role(person, "")
    assert not person.has_perm(SEE_CONTACTS)
    give_role(person, MARKETER)
    assert person.has_perm(SEE_CONTACTS)
    assert not given(person, is_active=False).has_perm(SEE_CONTACTS)


def test_an_admin_gives_a_right_to_a_person(admin_client_, marketer):
    fields = {"email": marketer.email, "is_active": "on", "role": MARKETER, "sees_contacts": "on"}
    address = f"/admin/accounts/user/{marketer.pk}/change/"
    assert admin_client_.post(address, fields).status_code == 302
    person = User.objects.get(pk=marketer.pk)
    assert person.sees_contacts
    assert not person.exports_customers


@pytest.fixture
def entry(marketer) -> AuditEntry:
    audit.exported(marketer, "Coffee lovers v4", 52_640, ["customer_id"], "Survey by post")
    return AuditEntry.objects.get()


def test_what_is_in_the_audit_stays_as_it_was_written(entry):
    entry.reason = "Nothing to see"
    for change in (
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(reason=""),
    ):
        with pytest.raises(KeptError):
            change()
    assert AuditEntry.objects.get().reason == "Survey by post"


def test_an_entry_outlives_the_person_s_account(entry, marketer):
    marketer.delete()
    entry.refresh_from_db()
    assert entry.who is None
    assert entry.email == "ana@example.com"


def test_admins_read_the_audit_and_cannot_write_it(admin_client_, entry):
    page = admin_client_.get("/admin/accounts/auditentry/?q=coffee").text
    assert "Coffee lovers v4" in page
    assert "Survey by post" in page
    one = f"/admin/accounts/auditentry/{entry.pk}/"
    assert admin_client_.get(f"{one}change/").status_code == 200
    assert admin_client_.post(f"{one}change/", {"reason": "x"}).status_code == 403
    assert admin_client_.post(f"{one}delete/", {"post": "yes"}).status_code == 403
    assert admin_client_.get("/admin/accounts/auditentry/add/").status_code == 403
    assert AuditEntry.objects.get().reason == "Survey by post"


def test_others_do_not_see_the_audit(marketer_client, viewer_client, entry):
    for client in (marketer_client, viewer_client):
        assert client.get("/admin/accounts/auditentry/").status_code in (302, 403)


def test_no_action_of_the_admin_removes_entries(admin, entry):
    request = RequestFactory().get("/admin/")
    request.user = admin
    assert "delete_selected" not in site.get_model_admin(AuditEntry).get_actions(request)
