import sqlite3
import subprocess
from pathlib import Path

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.urls import reverse

from destinations.models import Credential, DefaultAttributes, Destination
from tests.destinations.factories import CredentialFactory, DestinationFactory
from tests.destinations.servers import serving
from tests.fixtures.attentive import free_port

SECRET = "tok_live_3141592653589793"


def messages(response):
    return [str(each) for each in get_messages(response.wsgi_request)]


def entered(destination, **changes):
    """The destination form as a browser would send it."""
    names = (
        *("name", "kind", "base_url", "segment_name", "requests_per_second"),
        *("batch_size", "removal_limit", "settle_hours"),
    )
    fields = {name: getattr(destination, name) for name in names}
    return fields | {"credential": destination.credential_id, "enabled": "on"} | changes


# Credentials


def add(client, **fields):
    return client.post(
        reverse("admin:destinations_credential_add"),
        {"name": "Attentive", "kind": "attentive-api", "token": SECRET} | fields,
    )


def test_a_token_is_stored_without_what_was_pasted_around_it(admin_client_, admin):
    add(admin_client_, token=f" \n{SECRET}\r\n ")
    credential = Credential.objects.get()
    assert credential.secret.open() == {"token": SECRET}
    assert credential.set_by == admin
    assert credential.set_at


@pytest.mark.parametrize("token", ["", "   ", "two words", "two\nlines", "tokén"])
def test_what_is_no_token_is_refused(admin_client_, token):
    response = add(admin_client_, token=token)
    assert response.status_code == 200
    assert response.context["errors"]
    assert not Credential.objects.exists()


def test_a_secret_is_in_no_page_and_not_readable_in_the_database(admin_client_):
    add(admin_client_)
    credential = Credential.objects.get()
    change = reverse("admin:destinations_credential_change", args=[credential.pk])
    pages = [
        admin_client_.get(url)
        for url in (
            change,
            reverse("admin:destinations_credential_changelist"),
            reverse("admin:destinations_credential_history", args=[credential.pk]),
            reverse("admin:destinations_credential_delete", args=[credential.pk]),
            reverse("admin:index"),
        )
    ]
    for page in pages:
        assert page.status_code == 200
        assert SECRET not in page.content.decode()
        assert credential.secret.token not in page.content.decode()
    refused = admin_client_.post(change, {"name": "", "kind": "attentive-api", "token": SECRET})
    assert SECRET not in refused.content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM destinations_credential")
        assert SECRET not in str(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_a_secret_is_not_in_the_file_of_the_database():
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's files are not ours to read")
    CredentialFactory(name="canary-name", secret={"token": SECRET})
    path = connection.settings_dict["NAME"]
    with sqlite3.connect(path) as plain:
        plain.execute("PRAGMA wal_checkpoint")
    files = [str(file) for file in (Path(path), Path(f"{path}-wal")) if file.exists()]
    # By another process: reading it here and closing it would end SQLite's locks on the file.
    content = subprocess.run(["cat", *files], capture_output=True, check=True).stdout
    assert b"canary-name" in content
    assert SECRET.encode() not in content


def test_the_page_says_when_and_by_whom_it_was_set(admin_client_, time_machine):
    time_machine.move_to("2026-11-03 10:00:00 +0000")
    add(admin_client_)
    change = reverse("admin:destinations_credential_change", args=[Credential.objects.get().pk])
    page = admin_client_.get(change).content.decode()
    assert "Set 3 Nov by Bo." in page
    assert "Replace token" in page


def test_an_empty_field_keeps_the_secret_and_a_new_one_is_not_refused_yet(admin_client_):
    credential = CredentialFactory(
        name="A", secret={"token": SECRET}, refused_at="2026-11-01T00:00Z"
    )
    change = reverse("admin:destinations_credential_change", args=[credential.pk])
    admin_client_.post(change, {"name": "B", "kind": "attentive-api", "token": ""})
    credential.refresh_from_db()
    assert (credential.name, credential.secret.open()["token"]) == ("B", SECRET)
    assert credential.refused_at
    admin_client_.post(change, {"name": "B", "kind": "attentive-api", "token": "another"})
    credential.refresh_from_db()
    assert credential.secret.open()["token"] == "another"
    assert credential.refused_at is None


def test_a_list_of_credentials_shows_where_a_key_was_lost(admin_client_, settings):
    credential = CredentialFactory()
    settings.CREDENTIAL_KEYS = ["x" * 43 + "="]
    page = admin_client_.get(reverse("admin:destinations_credential_changelist"))
    assert credential.name in page.content.decode()


def test_a_credential_in_use_is_not_deleted(admin_client_):
    destination = DestinationFactory()
    url = reverse("admin:destinations_credential_delete", args=[destination.credential_id])
    page = admin_client_.get(url)
    assert "Give it another first" in page.content.decode()
    admin_client_.post(url, {"post": "yes"})
    assert Credential.objects.filter(pk=destination.credential_id).exists()


# Destinations


@pytest.fixture
def destination(admin_client_):
    return DestinationFactory()


def change(client, destination, **changes):
    url = reverse("admin:destinations_destination_change", args=[destination.pk])
    return client.post(url, entered(destination, **changes))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://evil.example", "Add it to OUTBOUND_HOSTS"),
        ("http://api.attentivemobile.com", "Add it to OUTBOUND_HOSTS"),
        ("api.attentivemobile.com", "Begin the address with https://"),
        ("https://api.attentivemobile.com/v2", "Enter the address alone"),
        ("https://api.attentivemobile.com/?a=b", "Enter the address alone"),
        ("https://[::1", "Enter the address alone"),
        ("https://user:word@attentive.example:99999/", "Enter the address alone"),
        ("https://", "Begin the address with https://"),
    ],
)
def test_an_address_that_may_not_be_called_is_refused_at_its_field(
    admin_client_, destination, url, words
):
    response = change(admin_client_, destination, base_url=url)
    (error,) = response.context["adminform"].form.errors["base_url"]
    assert words in error


def test_an_address_is_kept_without_its_last_slash(admin_client_, destination):
    change(admin_client_, destination, base_url=" https://api.attentivemobile.com/ ")
    destination.refresh_from_db()
    assert destination.base_url == "https://api.attentivemobile.com"


@pytest.mark.parametrize("template", ["{audience}", "{group", "group}", "{}", "{group!r}", " "])
def test_a_template_that_names_nothing_we_have_is_refused(admin_client_, destination, template):
    response = change(admin_client_, destination, segment_name=template)
    assert "segment_name" in response.context["adminform"].form.errors


@pytest.mark.parametrize("template", ["{campaign}_{group}", "Muster {{x}} {date}", "plain"])
def test_a_template_of_what_we_have_is_taken(admin_client_, destination, template):
    assert change(admin_client_, destination, segment_name=template).status_code == 302


def test_another_address_was_not_tested_yet(admin_client_, destination, settings):
    settings.OUTBOUND_HOSTS = ["api.attentivemobile.com", "other.example"]
    Destination.objects.update(tested_at="2026-11-01T00:00Z", test_result={"ok": True, "text": ""})
    change(admin_client_, destination, base_url="https://other.example")
    destination.refresh_from_db()
    assert (destination.tested_at, destination.test_result) == (None, {})


def test_the_list_asks_the_database_the_same_for_any_number(
    admin_client_, django_assert_max_num_queries
):
    url = reverse("admin:destinations_destination_changelist")
    for _ in range(3):
        DestinationFactory()
        with django_assert_max_num_queries(8):
            admin_client_.get(url)


# Test connection


def press(client, destination):
    """Press the button; what the page then says."""
    response = change(client, destination, _test="Save and test connection")
    assert response.status_code == 302
    destination.refresh_from_db()
    return messages(response)[-1]


@pytest.fixture
def sandbox(attentive, destination):
    destination.base_url = attentive.url
    destination.save()
    return attentive


def test_the_button_stands_among_those_that_save(admin_client_, destination):
    for page in (("change", destination.pk), ("add",)):
        url = reverse(f"admin:destinations_destination_{page[0]}", args=page[1:])
        row = admin_client_.get(url).content.decode().split('class="submit-row"')
        assert len(row) == 2
        assert 'name="_save"' in row[1]
        assert 'name="_test"' in row[1].partition("</div>")[0]


def test_a_connection_that_works_shows_company_and_domain(admin_client_, destination, sandbox):
    assert "Connected to Sandbox Brand (sandbox.attn.tv)." in press(admin_client_, destination)
    assert destination.state == "connected"
    url = reverse("admin:destinations_destination_change", args=[destination.pk])
    assert "Connected to Sandbox Brand" in admin_client_.get(url).content.decode()


def test_a_refused_token_is_said_and_remembered(admin_client_, destination, sandbox):
    sandbox.settings(tokens=["other"])
    assert "Attentive refused the token." in press(admin_client_, destination)
    assert destination.state == "refused"
    sandbox.settings(tokens=[sandbox.token])
    assert "Connected" in press(admin_client_, destination)
    assert destination.state == "connected"


def test_a_missing_permission_is_named(admin_client_, destination, sandbox):
    sandbox.settings(may_segments=False)
    assert "lacks Segments permission (All)" in press(admin_client_, destination)
    assert destination.credential.refused_at


def test_a_host_that_nobody_answers_at_is_said(admin_client_, destination, settings):
    settings.OUTBOUND_HOSTS = [f"127.0.0.1:{free_port()}"]
    destination.base_url = f"http://{settings.OUTBOUND_HOSTS[0]}"
    assert "it refuses connections" in press(admin_client_, destination)
    assert destination.state == "down"
    assert destination.credential.refused_at is None


def test_tls_that_fails_is_said(admin_client_, destination, settings):
    with serving(lambda connection: connection.sendall(b"HTTP/1.1 400 No\r\n\r\n")) as server:
        settings.OUTBOUND_HOSTS = [server.host]
        destination.base_url = f"https://{server.host}"
        assert "The connection is not secure" in press(admin_client_, destination)
    assert destination.state == "down"


def test_a_host_that_is_no_longer_allowed_is_said(admin_client_, destination, settings):
    settings.OUTBOUND_HOSTS = ["other.example"]
    response = admin_client_.post(
        reverse("admin:destinations_destination_changelist"),
        {"action": "test_connections", "_selected_action": destination.pk},
    )
    assert "OUTBOUND_HOSTS" in messages(response)[-1]


def test_a_lost_key_is_said(admin_client_, destination, sandbox, settings):
    settings.CREDENTIAL_KEYS = ["x" * 43 + "="]
    assert "key that is no longer set" in press(admin_client_, destination)
    assert sandbox.requests() == []


def test_several_are_tested_by_one_action(admin_client_, destination, sandbox):
    DestinationFactory(base_url=sandbox.url)
    response = admin_client_.post(
        reverse("admin:destinations_destination_changelist"),
        {
            "action": "test_connections",
            "_selected_action": list(Destination.objects.values_list("pk", flat=True)),
        },
    )
    assert len(messages(response)) == 2
    assert {each.state for each in Destination.objects.all()} == {"connected"}


def test_reading_a_page_tests_nothing(admin_client_, destination, sandbox):
    url = reverse("admin:destinations_destination_change", args=[destination.pk])
    admin_client_.get(url, {"_test": "1"})
    assert sandbox.requests() == []


# Default attributes


def test_default_attributes_are_edited_here_too(admin_client_, admin, destination, customers):
    response = admin_client_.post(
        reverse("admin:destinations_defaultattributes_add"),
        {
            "destination": destination.pk,
            "identifier": "phone",
            "phone": "merged_customers.phone",
            "email": "",
        },
    )
    assert response.status_code == 302
    assert DefaultAttributes.objects.get().edited_by == admin
