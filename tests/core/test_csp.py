"""No script or style but our own files, on any page."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings

TEMPLATES = sorted((Path(django_settings.BASE_DIR) / "templates").rglob("*.html"))


def directives(response):
    parts = response["Content-Security-Policy"].split(";")
    return {name: values for name, *values in (part.split() for part in parts if part.strip())}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/login/", "/nothing/", "/static/nothing.js"])
def test_every_answer_carries_the_strict_policy(client, address):
    policy = directives(client.get(address))
    for name in ("default-src", "script-src", "style-src", "base-uri", "form-action"):
        assert policy[name] == ["'self'"]
    assert policy["frame-ancestors"] == policy["object-src"] == ["'none'"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_what_the_policy_would_block(path):
    text = re.sub(r"{#.*?#}|{% comment.*?endcomment %}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"\sstyle=", text), "a style attribute"
    assert not re.search(r"\son[a-z]+=|hx-on", text), "an event attribute"
    assert not re.search(r"<style|<script(?![^>]*\ssrc=)", text), "an inline block"
    assert not re.search(r"(src|href)=\"(https?:)?//", text), "a file from elsewhere"
    assert not re.search(r"hx-(vals|headers)=.js:|hx-trigger=\"[^\"]*\[", text), "evaluated script"


def test_htmx_is_configured_to_evaluate_nothing():
    base = (Path(django_settings.BASE_DIR) / "templates/base.html").read_text()
    for name in ("includeIndicatorStyles", "allowEval", "allowScriptTags"):
        assert f'"{name}": false' in base
    assert '"selfRequestsOnly": true' in base
    assert '"historyCacheSize": 0' in base
