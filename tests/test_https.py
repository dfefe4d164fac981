"""What HTTPS=true means for browsers and proxies."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from tests.fixtures.people import PASSWORD

BASE_DIR = Path(__file__).resolve().parents[1]
FORWARDED = {"Host": "testserver", "X-Forwarded-Proto": "https"}


@pytest.fixture
def https(settings, monkeypatch, tmp_path):
    """The settings of an installation that is reached over https."""
    monkeypatch.setenv("HTTPS", "true")
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    for name, value in runpy.run_path(str(BASE_DIR / "config/settings.py")).items():
        if name.startswith(("SECURE_", "SESSION_COOKIE_", "CSRF_")):
            setattr(settings, name, value)


def test_a_form_comes_through_a_proxy_that_ends_tls(https, marketer):
    client = Client(enforce_csrf_checks=True)
    url = reverse("login")
    page = client.get(url, headers=FORWARDED)
    fields = {
        "username": marketer.email,
        "password": PASSWORD,
        "csrfmiddlewaretoken": page.context["csrf_token"],
    }
    origin = {"Origin": "https://testserver"}
    response = client.post(url, fields, headers=FORWARDED | origin)
    assert response.status_code == 302
    assert all(cookie["secure"] for cookie in client.cookies.values())


def test_browsers_are_told_to_use_nothing_else(https, db):
    response = Client().get(reverse("login"), headers=FORWARDED)
    assert response["Strict-Transport-Security"] == "max-age=31536000"


def test_a_plain_request_is_led_to_https(https, db):
    response = Client().get(reverse("login"))
    assert response.status_code == 301
    assert response["Location"] == "https://testserver/login/"


def test_djangos_own_check_finds_nothing_to_mend(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=BASE_DIR,
        env=os.environ
        | {"HTTPS": "true", "VAR_DIR": str(tmp_path), "DJANGO_ALLOW_ASYNC_UNSAFE": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
