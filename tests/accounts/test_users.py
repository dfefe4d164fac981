"""Looking after people in the admin."""

from accounts.models import User
from accounts.roles import MARKETER, VIEWER, role_of


def test_an_admin_adds_a_person_with_a_role(admin_client_):
    fields = {
        "email": "New@Example.com",
        "first_name": "Nia",
        "last_name": "",
        "password1": "correct horse battery",
        "password2": "correct horse battery",
        "usable_password": "true",
        "role": MARKETER,
    }
    response = admin_client_.post("/admin/accounts/user/add/", fields)
    assert response.status_code == 302, response.context["adminform"].errors
    person = User.objects.get(email="new@example.com")
    assert role_of(person) == MARKETER
    assert person.check_password("correct horse battery")


def test_an_email_that_differs_only_in_case_is_taken(admin_client_, marketer):
    fields = {"email": "ANA@example.com", "role": VIEWER, "usable_password": "true"}
    fields |= {"password1": "correct horse battery", "password2": "correct horse battery"}
    response = admin_client_.post("/admin/accounts/user/add/", fields)
    assert "Someone with this email exists already." in response.text


def test_an_admin_changes_a_role(admin_client_, marketer):
    page = admin_client_.get(f"/admin/accounts/user/{marketer.pk}/change/")
    assert page.context["adminform"].form.initial["role"] == MARKETER
    fields = {"email": marketer.email, "first_name": "Ana", "is_active": "on", "role": VIEWER}
    response = admin_client_.post(f"/admin/accounts/user/{marketer.pk}/change/", fields)
    assert response.status_code == 302
    assert role_of(User.objects.get(pk=marketer.pk)) == VIEWER


def test_the_list_asks_no_query_a_person(admin_client_, marketer, django_assert_max_num_queries):
    for number in range(20):
        User.objects.create_user(f"p{number}@example.com")
    with django_assert_max_num_queries(12):
        assert "p19@example.com" in admin_client_.get("/admin/accounts/user/").text
