import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.utils import timezone

from destinations import credentials
from destinations.errors import TokenUnusableError
from destinations.models import Credential
from tests.destinations.factories import CredentialFactory


@pytest.fixture
def credential(db):
    return CredentialFactory()


@pytest.mark.parametrize("text", ["tok", "  tok\r\n", "\ttok"])
def test_what_was_pasted_around_a_token_is_taken_off(text):
    assert credentials.clean_token(text) == "tok"


@pytest.mark.parametrize("text", ["", " \n", "a b", "a\tb", "a\u200bb", "tokén"])
def test_what_no_header_can_carry_is_no_token(text):
    with pytest.raises(TokenUnusableError):
        credentials.clean_token(text)


def test_a_refusal_of_an_older_secret_does_not_touch_the_new_one(credential, marketer):
    earlier = Credential.objects.get()
    credentials.replace(credential, "new", marketer)
    credential.save()
    credentials.refused(earlier, timezone.now())
    assert Credential.objects.get().refused_at is None
    credentials.refused(credential, timezone.now())
    assert Credential.objects.get().refused_at


def test_a_secret_that_works_after_all_is_no_longer_refused(credential):
    credentials.refused(credential, timezone.now())
    credentials.works(credential)
    assert Credential.objects.get().refused_at is None


def test_secrets_move_to_a_new_key(credential, settings, capsys):
    old, new = settings.CREDENTIAL_KEYS[0], Fernet.generate_key().decode()
    settings.CREDENTIAL_KEYS = [new, old]
    call_command("reseal_credentials")
    assert "1 secret under the first key." in capsys.readouterr().out
    settings.CREDENTIAL_KEYS = [new]
    assert Credential.objects.get().secret.open()["token"]


def test_a_secret_that_no_key_opens_is_named(credential, settings):
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match=f"opens {credential.name}"):
        call_command("reseal_credentials")
