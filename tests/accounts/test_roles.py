"""What marketers, viewers and admins may do."""

import pytest
from django.contrib.auth.models import Group, Permission

from accounts.roles import ADMIN, MARKETER, PERMISSIONS, VIEWER, give_role, role_of

WORK = [
    "segments.add_segment",
    "segments.change_segment",
    "segments.delete_segment",
    "segments.add_customerlist",
    "campaigns.add_campaign",
    "campaigns.change_campaign",
    "campaigns.delete_campaign",
    "campaigns.launch_campaign",
    "destinations.change_defaultattributes",
]
LOOK = [
    "segments.view_segment",
    "campaigns.view_campaign",
    "destinations.view_destination",
    "destinations.view_defaultattributes",
    "runs.view_run",
]
LOOK_AFTER = [
    "destinations.change_destination",
    "destinations.add_credential",
    "destinations.view_credential",
    "accounts.change_user",
    "accounts.view_user",
]


def test_a_marketer_does_the_work_and_no_more(marketer):
    assert all(marketer.has_perm(name) for name in WORK + LOOK)
    assert not any(marketer.has_perm(name) for name in LOOK_AFTER)
    assert not marketer.is_staff


def test_a_viewer_only_looks(viewer):
    assert all(viewer.has_perm(name) for name in LOOK)
    assert not any(viewer.has_perm(name) for name in WORK + LOOK_AFTER)
    assert {name.partition(".")[2][:5] for name in viewer.get_all_permissions()} == {"view_"}


def test_an_admin_may_everything(admin):
    assert all(admin.has_perm(name) for name in WORK + LOOK + LOOK_AFTER)
    assert admin.is_staff


@pytest.mark.django_db
@pytest.mark.parametrize("role", PERMISSIONS)
def test_every_permission_that_a_role_names_exists(role):
    known = Permission.objects.values_list("content_type__app_label", "codename")
    assert PERMISSIONS[role] <= {f"{app}.{codename}" for app, codename in known}


def test_a_group_s_rows_give_no_right(viewer):
    Group.objects.get(name=VIEWER).permissions.set(Permission.objects.all())
    viewer.user_permissions.set(Permission.objects.all())
    assert not viewer.has_perm("segments.delete_segment")


@pytest.mark.parametrize("role", ["", VIEWER, MARKETER, ADMIN])
def test_who_was_shut_out_or_has_no_role_may_nothing(viewer, role):
    give_role(viewer, role)
    viewer.is_active = role == ""
    assert not viewer.get_all_permissions()
    assert not viewer.has_perm("segments.view_segment")


def test_a_person_s_rights_take_one_query(marketer, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert marketer.has_perm("campaigns.add_campaign")
        assert marketer.has_perm("segments.change_segment")
        assert marketer.role == MARKETER


@pytest.mark.parametrize("role", [VIEWER, MARKETER, ADMIN])
def test_a_role_replaces_the_one_before(marketer, role):
    give_role(marketer, ADMIN)
    give_role(marketer, role)
    assert role_of(marketer) == role
    assert marketer.is_superuser == (role == ADMIN)
