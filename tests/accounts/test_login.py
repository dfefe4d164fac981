"""Logging in and out."""

import json

import pytest
from django.urls import reverse

from tests.fixtures.people import PASSWORD

REFUSAL = "This email and password do not belong together. Check both."


def log_in(client, email, password=PASSWORD, **fields):
    return client.post("/login/", {"username": email, "password": password, **fields})


@pytest.mark.parametrize("email", ["ana@example.com", "ANA@Example.com", " ana@example.com "])
def test_one_logs_in_by_email_in_any_case(client, marketer, email):
    response = log_in(client, email)
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(marketer.pk)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ana@example.com", "mistyped"),
        ("nobody@example.com", PASSWORD),
        ("NOBODY@example.com", "wrong too"),
    ],
)
def test_a_wrong_email_and_a_wrong_password_are_told_alike(client, marketer, email, password):
    response = log_in(client, email, password)
    assert response.status_code == 422
    assert REFUSAL in response.text
    assert "_auth_user_id" not in client.session
    assert email in response.text  # nothing typed is lost
    assert password not in response.text


def test_someone_who_was_switched_off_is_told_the_same(client, marketer):
    marketer.is_active = False
    marketer.save()
    assert REFUSAL in log_in(client, "ana@example.com").text


def test_after_logging_in_one_is_back_where_one_was(client, marketer):
    asked = client.get("/theme/")
    assert asked.url == "/login/?next=/theme/"
    assert 'value="/theme/"' in client.get(asked.url).text
    assert log_in(client, "ana@example.com", next="/theme/?a=1").url == "/theme/?a=1"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_no_address_elsewhere_is_followed(client, marketer, target):
    assert log_in(client, "ana@example.com", next=target).url == reverse("home")


def test_who_is_logged_in_already_goes_on(marketer_client):
    assert marketer_client.get("/login/?next=/theme/").url == "/theme/"


def test_logging_out_is_a_post(marketer_client):
    assert marketer_client.get("/logout/").status_code == 405
    assert marketer_client.post("/logout/").url == "/login/"
    assert "_auth_user_id" not in marketer_client.session


def test_a_fragment_asked_for_after_the_session_ended_brings_the_log_in(client):
    response = client.get("/theme/", headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert response["HX-Retarget"] == "#dialogs"
    assert "Log in again" in response.text


def test_logging_in_again_in_the_dialog_renews_the_page(client, marketer):
    response = client.post("/login/dialog/", {"username": "ana@example.com", "password": PASSWORD})
    assert response.status_code == 204
    events = json.loads(response["HX-Trigger"])
    assert "dialog:close" in events
    assert events["session:renewed"]["token"]
    assert client.session["_auth_user_id"] == str(marketer.pk)


def test_a_wrong_password_in_the_dialog_is_told_there(client, marketer):
    response = client.post("/login/dialog/", {"username": "ana@example.com", "password": "x"})
    assert response.status_code == 422
    assert REFUSAL in response.text
    assert "<html" not in response.text


def test_the_admin_has_no_log_in_of_its_own(client, marketer_client):
    assert client.get("/admin/login/?next=/admin/").url == "/login/?next=/admin/"
    assert marketer_client.get("/admin/", follow=True).status_code == 403
