"""What somebody reads who starts a process by hand with a variable that cannot be."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core import environment

BASE_DIR = Path(__file__).resolve().parents[2]


def started(*command: str, **variables: str) -> tuple[int, str]:
    """Exit status and what was said of a process with these variables."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=BASE_DIR,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("name", "text", "right"),
    [
        ("PORT", "abc", "a port from 1 to 65535"),
        ("SANDBOX_PORT", "70000", "a port from 1 to 65535"),
        ("LEASE_SECONDS", "soon", "a number of seconds above 0"),
        ("RECONCILE_SECONDS", "0", "a number of seconds above 0"),
        ("DEBUG", "maybe", "true or false"),
        ("HTTPS", "https", "true or false"),
        ("TIME_ZONE", "Mars/Olympus", "the name of a time zone, such as America/New_York"),
        ("TIME_ZONE", "../../etc", "the name of a time zone, such as America/New_York"),
        ("DEFAULT_COUNTRY", "Narnia", "a country's two letters, such as US"),
        ("CREDENTIAL_KEYS", "hush", "Fernet keys separated by commas"),
        ("DATABASE_URL", "hush", "an address that begins with sqlite:/// or postgres://"),
        ("DATABASE_URL", "postgres://x:hush@y:z/", "an address that begins with sqlite:///"),
        ("REDIS_URL", "hush", "an address that begins with redis:// or rediss://"),
        ("VAR_DIR", "", "a folder"),
    ],
)
def test_a_variable_that_cannot_be_is_one_line(monkeypatch, name, text, right):
    monkeypatch.setenv(name, text)
    with pytest.raises(SystemExit) as stop:
        environment.Environment()(name, default="else")
    assert str(stop.value).startswith(f"{name} must be {right}")
    assert "hush" not in str(stop.value)


def test_what_people_write_is_understood(monkeypatch):
    for name, text in {"PORT": "80", "HTTPS": " True ", "DEFAULT_COUNTRY": "de"}.items():
        monkeypatch.setenv(name, text)
    read = environment.Environment()
    assert [read("PORT"), read("HTTPS"), read("DEFAULT_COUNTRY")] == [80, True, "DE"]


@pytest.mark.parametrize(
    "command", [["manage.py", "check"], ["-m", "celery", "-A", "config", "beat"]]
)
def test_a_process_says_it_without_a_traceback(command):
    assert started(*command, PORT="abc") == (1, "PORT must be a port from 1 to 65535.\n")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    var = tmp_path / "file" / "var"
    status, said = started("manage.py", "check", VAR_DIR=str(var))
    assert status == 1
    assert said.startswith(f"No write access to {var} ")
    assert said.count("\n") == 1


def test_a_database_without_tables_asks_for_migrate(postgres_url, tmp_path):
    command = ["manage.py", "run", "1"]
    status, said = started(*command, DATABASE_URL=postgres_url, VAR_DIR=str(tmp_path))
    assert status == 1
    assert re.fullmatch('The database: relation ".*" does not exist.*manage.py migrate.\n', said)


def test_what_is_wrong_with_the_database_is_one_line(tmp_path):
    url = f"sqlite:///{tmp_path}/none/muster.sqlite3"
    status, said = started("manage.py", "migrate", DATABASE_URL=url, VAR_DIR=str(tmp_path))
    assert status == 1
    assert said.startswith("The database: unable to open database file. See DATABASE_URL;")
    assert said.count("\n") == 1
