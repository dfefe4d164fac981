"""The variables that settings are made of, each checked as it is read.

Knows nothing of Django, which cannot start before they are right.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from cryptography.fernet import Fernet

DATABASES = ("sqlite://", "postgres://", "postgresql://")
BROKERS = ("redis://", "rediss://")
YES = ("true", "yes", "on", "1")
NO = ("false", "no", "off", "0", "")


# What a variable's text has to be. Each raises ValueError with the words that follow "must be",
# without the text itself, which may hold a password.


def folder(text: str) -> Path:
    if not text.strip():
        raise ValueError("a folder")
    return Path(text)


def port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ValueError("a port from 1 to 65535")
    return int(text)


def seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < float("inf"):
        raise ValueError("a number of seconds above 0")
    return value


def switch(text: str) -> bool:
    word = text.strip().lower()
    if word not in YES + NO:
        raise ValueError("true or false")
    return word in YES


def time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError("the name of a time zone, such as America/New_York") from None
    return text


def country(text: str) -> str:
    code = text.strip().upper()
    if len(code) != 2 or not code.isascii() or not code.isalpha():
        raise ValueError("a country's two letters, such as US")
    return code


def keys(text: str) -> list[str]:
    found = [key.strip() for key in text.split(",") if key.strip()]
    try:
        for key in found:
            Fernet(key)
    except ValueError:
        raise ValueError("Fernet keys separated by commas") from None
    return found


def broker(text: str) -> str:
    if not text.startswith(BROKERS):
        raise ValueError("an address that begins with redis:// or rediss://")
    return text


def database(text: str) -> str:
    try:
        known = text.startswith(DATABASES) and database_parts(text)
    except ValueError:
        known = False
    if not known:
        raise ValueError("an address that begins with sqlite:/// or postgres://")
    return text


KINDS: dict[str, Callable[[str], object]] = {
    "VAR_DIR": folder,
    "DATABASE_URL": database,
    "REDIS_URL": broker,
    "PORT": port,
    "SANDBOX_PORT": port,
    "TIME_ZONE": time_zone,
    "DEFAULT_COUNTRY": country,
    "CREDENTIAL_KEYS": keys,
    "DEBUG": switch,
    "HTTPS": switch,
    "RECONCILE_SECONDS": seconds,
    "LEASE_SECONDS": seconds,
    "SQL_SEGMENT_SECONDS": seconds,
}


class Environment(environ.Env):
    """Whoever starts a process by hand with a wrong variable reads one line, no traceback."""

    def __init__(self) -> None:
        super().__init__(**KINDS)  # type: ignore[no-untyped-call]

    def get_value(self, var: str, *args: Any, **options: Any) -> Any:
        try:
            return super().get_value(var, *args, **options)
        except ValueError as error:
            raise SystemExit(f"{var} must be {error}.") from None


def database_parts(url: str) -> dict[str, Any]:
    """A database's address as Django's settings have it."""
    return dict(environ.Env.db_url_config(url))  # type: ignore[no-untyped-call]


def unwritable(folder: Path) -> Iterator[str]:
    """Make the folder; a line when no file can be made there."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield (
            f"No write access to {folder} ({error.strerror}). Muster keeps its data there: "
            "make it yours, or choose another folder with VAR_DIR."
        )
