"""What one sees when something goes wrong."""

import pytest
from django.template.loader import get_template
from django.test import Client


def test_a_page_that_is_not_there(marketer_client):
    response = marketer_client.get("/nothing/here/")
    assert response.status_code == 404
    assert "There is no such page" in response.text


@pytest.mark.django_db
def test_a_stranger_is_told_the_same_of_a_page_that_is_not_there(client):
    response = client.get("/nothing/here/")
    assert response.status_code == 404


def test_a_page_that_one_may_not_see(marketer_client):
    response = marketer_client.get("/admin/login/")
    assert response.status_code == 403
    assert "You have no right to do that" in response.text


def test_a_form_from_a_page_that_was_open_too_long(marketer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(marketer)
    response = client.post("/theme/", {"theme": "dark"})
    assert response.status_code == 403
    assert "This page was open too long" in response.text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("400.html", "did not understand"),
        ("403_csrf.html", "open too long"),
        ("500.html", "Something went wrong at our end"),
    ],
)
def test_the_last_resorts_need_neither_context_nor_database(name, words):
    text = get_template(name).render()
    assert words in text
    assert "/static/vendor/app.css" in text
    assert "lang=" in text
