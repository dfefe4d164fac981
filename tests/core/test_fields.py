import pickle
import traceback

import pytest
from cryptography.fernet import Fernet
from django.core import serializers

from core.fields import Sealed, SecretLostError
from destinations.models import Credential
from tests.destinations.factories import CredentialFactory

SECRET = "tok_live_2718281828"


@pytest.fixture
def credential(db):
    return CredentialFactory(secret={"token": SECRET})


def test_a_secret_is_opened_only_when_it_is_used(credential):
    for each in (credential, Credential.objects.get()):
        assert isinstance(each.secret, Sealed)
        assert each.secret.open() == {"token": SECRET}


def test_a_secret_prints_as_stars(credential):
    shown = [
        f"{value} {value!r}" for value in (credential.secret, credential.secret.open(), credential)
    ]
    shown += [str(credential.__dict__), serializers.serialize("json", [credential])]
    assert not [each for each in shown if SECRET in each]
    assert "***" in shown[0]


def test_saving_does_not_touch_the_secret(credential):
    before = credential.secret
    credential.name = "Other"
    credential.save()
    assert Credential.objects.get().secret == before


def test_a_lost_key_is_said_without_the_secret(credential, settings):
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(SecretLostError, match="CREDENTIAL_KEYS") as caught:
        Credential.objects.get().secret.open()
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301


def test_an_older_key_still_opens_and_a_new_secret_takes_the_first(credential, settings):
    old, new = settings.CREDENTIAL_KEYS[0], Fernet.generate_key().decode()
    settings.CREDENTIAL_KEYS = [new, old]
    assert Credential.objects.get().secret.open() == {"token": SECRET}
    CredentialFactory(name="New", secret={"token": "other"})
    settings.CREDENTIAL_KEYS = [new]
    assert Credential.objects.get(name="New").secret.open() == {"token": "other"}
