"""Model fields that Django does not bring."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.db.models.query_utils import DeferredAttribute

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
    return _keyring(tuple(settings.CREDENTIAL_KEYS))


@lru_cache(maxsize=4)
def _keyring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


class Secret(dict[str, str]):
    """A secret's parts by name; it prints as stars, so that no log or traceback shows it."""

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__


class Sealed:
    """A secret as the database holds it: encrypted, opened only when it is used."""

    def __init__(self, token: str):
        self.token = token

    @classmethod
    def of(cls, parts: Mapping[str, str]) -> Sealed:
        return cls(keyring().encrypt(json.dumps(dict(parts)).encode()).decode())

    def open(self) -> Secret:
        """Raises SecretLostError when no key of the installation fits."""
        try:
            return Secret(json.loads(keyring().decrypt(self.token.encode())))
        except InvalidToken:
            raise SecretLostError() from None

    def resealed(self) -> Sealed:
        """The same secret under the first of the installation's keys."""
        return Sealed.of(self.open())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and other.token == self.token

    def __hash__(self) -> int:
        return hash(self.token)

    def __repr__(self) -> str:
        return "Sealed(***)"

    __str__ = __repr__


class _SealedAttribute(DeferredAttribute):
    """Whatever is assigned, the instance holds it sealed."""

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = self.field.to_python(value)


if TYPE_CHECKING:
    _Text = models.TextField[Mapping[str, str] | Sealed, Sealed]
else:
    _Text = models.TextField


class EncryptedJSONField(_Text):
    """A secret, encrypted at rest: assign a dict of strings, read a ``Sealed``.

    It is opened when used, not when loaded, so that a list of credentials
    shows even where a key was lost.
    """

    descriptor_class = _SealedAttribute

    def to_python(self, value: Any) -> Sealed | None:
        if value is None or isinstance(value, Sealed):
            return value
        return Sealed(value) if isinstance(value, str) else Sealed.of(value)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Sealed | None:
        return self.to_python(value)

    def get_prep_value(self, value: Any) -> str | None:
        sealed = self.to_python(value)
        return None if sealed is None else sealed.token

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.get_prep_value(self.value_from_object(obj)))
