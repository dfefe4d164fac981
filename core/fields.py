"""Model fields that Django does not bring."""

from __future__ import annotations

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

from core.errors import MusterError


class SecretLostError(MusterError):
    """A stored secret that none of the installation's keys opens."""

    def __str__(self) -> str:
        return (
            "This secret was stored with a key that is no longer set. "
            "Add the old key to CREDENTIAL_KEYS, or enter the secret again."
        )


def keyring() -> MultiFernet:
    """The installation's keys: the first encrypts, all of them decrypt."""
    return MultiFernet([Fernet(key) for key in settings.CREDENTIAL_KEYS])


class Secret(dict[str, str]):
    """A secret's parts by name; it prints as stars, so that no log or traceback shows it."""

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__


class EncryptedJSONField(models.TextField):
    """A secret, encrypted at rest: assign a dict of strings, load a ``Sealed``.

    It is opened when used, not when loaded, so that a list of credentials
    shows even where a key was lost.
    """

    def get_prep_value(self, value: Any) -> str:
        if isinstance(value, Sealed):
            return value.token
        return keyring().encrypt(json.dumps(dict(value or {})).encode()).decode()

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return None if value is None else Sealed(value)

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.get_prep_value(self.value_from_object(obj)))

    def to_python(self, value: Any) -> Any:
        return Sealed(value) if isinstance(value, str) else value


class Sealed:
    """A secret as the database holds it."""

    def __init__(self, token: str):
        self.token = token

    def open(self) -> Secret:
        """Raises SecretLostError when no key of the installation fits."""
        try:
            return Secret(json.loads(keyring().decrypt(self.token.encode())))
        except InvalidToken:
            raise SecretLostError() from None

    def __repr__(self) -> str:
        return "Sealed(***)"
