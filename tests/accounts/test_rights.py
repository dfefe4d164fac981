"""What is given to a person beside the role."""

import pytest

from accounts.models import User
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
