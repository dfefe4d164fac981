"""Every page asks for a log-in; whoever adds one that does not gives the reason here."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

OPEN = {
    "/admin/logout/": "Django's: ends a session, shows nothing",
    "/admin/jsi18n/": "Django's: the words of its scripts, no data",
    "/login/": "one has to get in",
    "/login/dialog/": "logs in again without leaving the page",
    "/admin/login/": "leads to the log-in",
}
PLACEHOLDERS = {"int": "1", "str": "x", "slug": "x", "path": "x", "uuid": "0" * 32}


def addresses(patterns, prefix: str = "/") -> Iterator[str]:
    for pattern in patterns:
        route = str(pattern.pattern)
        for name, converter in pattern.pattern.converters.items():
            kind = type(converter).__name__.removesuffix("Converter").lower()
            value = PLACEHOLDERS.get("str" if kind == "string" else kind, "1")
            route = route.replace(f"<{kind}:{name}>", value).replace(f"<{name}>", value)
            route = route.replace(f"<str:{name}>", value)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, prefix + route)
        elif isinstance(pattern, URLPattern):
            yield prefix + route if "(?P" not in route else prefix + "anything/"


ALL = sorted(set(addresses(get_resolver().url_patterns)))


def test_the_addresses_are_found():
    assert "/login/" in ALL
    assert len(ALL) > 20
    assert not [address for address in ALL if "<" in address]


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("address", [address for address in ALL if address not in OPEN])
def test_a_stranger_sees_nothing(client, address, method):
    response = getattr(client, method)(address)
    assert response.status_code == 302, f"{address} answers a stranger"
    where = ("/login/?next=", "/admin/login/?next=")  # the second leads to the first
    assert response.url.startswith(where), f"{address} leads to {response.url}"


@pytest.mark.parametrize("address", OPEN)
def test_every_exception_still_exists(address):
    assert address in ALL
