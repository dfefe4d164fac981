import re

import pytest
from django.urls import reverse

from destinations.models import DefaultAttributes
from tests.destinations.factories import DefaultAttributesFactory, DestinationFactory

LIST = reverse("destinations:list")
DEFAULTS = reverse("destinations:default_attributes")


def text(response):
    """The words of a page, tags and runs of blanks taken out."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def edit_url(destination):
    return reverse("destinations:edit_defaults", args=[destination.pk])


# Destinations


@pytest.fixture
def destination(db):
    return DestinationFactory(name="Attentive US")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "Not tested"),
        ({"tested_at": "2026-11-01T00:00Z", "test_result": {"ok": True, "text": ""}}, "Connected"),
        ({"tested_at": "2026-11-01T00:00Z", "test_result": {"ok": False, "text": ""}}, "Down"),
        ({"enabled": False}, "Switched off"),
        ({"credential__refused_at": "2026-11-01T00:00Z"}, "Refused"),
    ],
)
def test_each_destination_shows_its_state(viewer_client, changes, word):
    DestinationFactory(name="Attentive US", **changes)
    page = text(viewer_client.get(LIST))
    assert f"{word} " in page
    assert "0 campaigns" in page


def test_a_viewer_sees_no_test_button_and_may_not_test(viewer_client, marketer_client, destination):
    for client in (viewer_client, marketer_client):
        assert "Test connection" not in text(client.get(LIST))
        url = reverse("destinations:test", args=[destination.pk])
        assert client.post(url).status_code == 403


def test_an_admin_tests_a_connection_from_the_page(admin_client_, destination, attentive):
    destination.base_url = attentive.url
    destination.save()
    url = reverse("destinations:test", args=[destination.pk])
    answer = admin_client_.post(url, headers={"HX-Request": "true"})
    assert answer.content.decode().strip().startswith(f'<tr id="destination-{destination.pk}"')
    assert "Connected to Sandbox Brand (sandbox.attn.tv)." in text(answer)
    attentive.settings(tokens=["other"])
    answer = admin_client_.post(url, headers={"HX-Request": "true"})
    assert "Refused" in text(answer)
    assert 'role="alert"' in answer.content.decode()


def test_a_test_works_without_scripts_too(admin_client_, destination, attentive):
    destination.base_url = attentive.url
    destination.save()
    url = reverse("destinations:test", args=[destination.pk])
    page = admin_client_.post(url, follow=True)
    assert page.redirect_chain == [(LIST, 302)]
    assert "Connected to Sandbox Brand" in text(page)


def test_reading_tests_nothing(admin_client_, destination):
    assert admin_client_.get(reverse("destinations:test", args=[destination.pk])).status_code == 405


def test_an_empty_list_says_what_a_destination_is(viewer_client, admin_client_):
    assert "An admin adds it." in text(viewer_client.get(LIST))
    assert reverse("admin:destinations_destination_add") in admin_client_.get(LIST).content.decode()


@pytest.mark.parametrize(("url", "queries"), [(LIST, 4), (DEFAULTS, 8)])
def test_a_list_asks_the_database_the_same_for_any_number(
    admin_client_, url, queries, django_assert_max_num_queries
):
    DefaultAttributesFactory()
    admin_client_.get(url)
    for _ in range(3):
        DefaultAttributesFactory()
        with django_assert_max_num_queries(queries):
            admin_client_.get(url)


def test_hostile_names_are_shown_as_text(admin_client_, db):
    DestinationFactory(name="<script>alert(1)</script>")
    for url in (LIST, DEFAULTS):
        assert "<script>alert" not in admin_client_.get(url).content.decode()


# Default attributes


def test_the_list_names_source_and_editor(viewer_client, marketer, customers):
    DefaultAttributesFactory(edited_by=marketer, destination__name="Attentive US")
    DestinationFactory(name="Attentive CA")
    page = text(viewer_client.get(DEFAULTS))
    assert "Attentive US Phone Merged Customers: Phone" in page
    assert "by Ana" in page
    assert "Attentive CA No defaults yet." in page


def checked(page):
    return re.findall(r'name="identifier" value="(\w+)"[^>]* checked', page.content.decode())


def picked(page, name):
    select = re.search(rf'<select[^>]* name="{name}".*?</select>', page.content.decode(), re.DOTALL)
    return re.findall(r'<option value="([^"]*)" selected', select[0])


def test_another_table_brings_its_columns_with_the_one_that_is_meant(viewer_client, customers):
    asked = {"identifier": "phone", "phone_table": "customer_360"}
    answer = viewer_client.get(f"{DEFAULTS}attributes/", asked, headers={"HX-Request": "true"})
    assert picked(answer, "phone") == ["customer_360.phone"]
    assert "merged_customers" not in answer.text


def test_without_defaults_both_have_a_source_and_neither_is_chosen(
    marketer_client, destination, customers
):
    page = marketer_client.get(edit_url(destination))
    assert checked(page) == []
    assert picked(page, "phone") == ["merged_customers.phone"]
    assert picked(page, "email") == ["merged_customers.email"]


def test_exactly_one_is_chosen_and_saved(marketer_client, marketer, destination, customers):
    sources = {"phone": "merged_customers.phone", "email": "merged_customers.email"}
    response = marketer_client.post(edit_url(destination), {"identifier": "email", **sources})
    assert response.status_code == 302
    stored = DefaultAttributes.objects.get(destination=destination)
    assert (stored.identifier, stored.source) == ("email", "merged_customers.email")
    assert stored.edited_by == marketer
    page = marketer_client.get(edit_url(destination))
    assert checked(page) == ["email"]
    assert "Saved." in text(page)


@pytest.mark.parametrize(
    ("entered", "words"),
    [
        ({"phone": "merged_customers.phone"}, "Choose what is sent: phone or email."),
        ({"identifier": "both", "phone": "merged_customers.phone"}, "Choose what is sent"),
        ({"identifier": "phone", "email": "merged_customers.email"}, "Choose the source"),
        ({"identifier": "phone", "phone": "merged_customers.fax"}, "has no column &quot;fax&quot;"),
        ({"identifier": "phone", "phone": "merged_customers.email"}, "100% of email are emails"),
        ({"identifier": "email", "email": "orders.amount"}, "many rows a customer"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_nothing_typed_is_lost(
    marketer_client, destination, customers, entered, words
):
    page = marketer_client.post(edit_url(destination), entered)
    assert page.status_code == 422
    assert words in text(page)
    assert "There is a problem" in text(page)
    for name in ("phone", "email"):
        if name in entered:
            assert picked(page, name) == [entered[name]]
    assert not DefaultAttributes.objects.exists()


def test_a_source_that_is_gone_is_still_shown(marketer_client, customers):
    defaults = DefaultAttributesFactory(phone="old_table.phone")
    page = marketer_client.get(edit_url(defaults.destination))
    assert picked(page, "phone") == ["old_table.phone"]
    assert "data-gone" in page.content.decode()


def test_a_viewer_looks_and_changes_nothing(viewer_client, customers):
    defaults = DefaultAttributesFactory()
    url = edit_url(defaults.destination)
    page = viewer_client.get(url)
    assert "You can view these default attributes." in text(page)
    assert ">Save<" not in page.content.decode()
    entered = {"identifier": "email", "email": "merged_customers.email"}
    assert viewer_client.post(url, entered).status_code == 403
    remove = reverse("destinations:remove_defaults", args=[defaults.destination_id])
    assert viewer_client.post(remove).status_code == 403
    assert DefaultAttributes.objects.get().identifier == "phone"


def test_defaults_are_removed(marketer_client):
    defaults = DefaultAttributesFactory()
    remove = reverse("destinations:remove_defaults", args=[defaults.destination_id])
    assert marketer_client.get(remove).status_code == 405
    page = marketer_client.post(remove, follow=True)
    assert not DefaultAttributes.objects.exists()
    assert "each campaign chooses itself" in text(page)


def shares(client, **asked):
    return text(client.get(reverse("destinations:shares"), asked))


def test_the_share_beside_a_source_is_counted(viewer_client, customers):
    found = shares(viewer_client, identifier="email", email="merged_customers.email")
    assert found.startswith("60% filled, 100% of them valid")
    assert "a***@ex..." in found
    found = shares(viewer_client, identifier="phone", phone="merged_customers.phone")
    assert "66.7% of them valid" in found
    assert "Only 66.7% of phone are valid phones." in found


def test_the_share_of_nothing_is_nothing_and_of_what_is_gone_says_so(viewer_client, customers):
    assert shares(viewer_client, identifier="email", email="") == ""
    assert shares(viewer_client, identifier="name", name="merged_customers.email") == ""
    assert "There is no table" in shares(viewer_client, identifier="email", email="a.b")


def test_a_column_of_emails_for_phone_is_told_beside_it_and_refused_with_the_same_words(
    marketer_client, destination, customers
):
    words = "100% of email are emails. Choose it for email, or another column for phone."
    assert words in shares(marketer_client, identifier="phone", phone="merged_customers.email")
    entered = {"identifier": "phone", "phone": "merged_customers.email"}
    assert words in text(marketer_client.post(edit_url(destination), entered))


def test_a_warehouse_that_does_not_answer_refuses_the_defaults_and_keeps_what_was_chosen(
    marketer_client, destination, customers, settings
):
    settings.WAREHOUSE_URL = "postgres://nobody@127.0.0.1:1/nothing"
    entered = {"identifier": "phone", "phone": "merged_customers.phone"}
    page = marketer_client.post(edit_url(destination), entered)
    assert page.status_code == 422
    assert "Could not look at its values" in text(page)
    assert picked(page, "phone") == ["merged_customers.phone"]


def test_no_page_is_seen_without_logging_in(client, destination):
    for url in (LIST, DEFAULTS, edit_url(destination), reverse("destinations:shares")):
        assert client.get(url).status_code == 302
