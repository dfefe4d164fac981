import pytest

from destinations import hosts
from destinations.errors import HostNotAllowedError


@pytest.fixture(autouse=True)
def _two_entries(settings):
    settings.OUTBOUND_HOSTS = ["api.attentivemobile.com", "127.0.0.1:9009", "[::1]:9010"]


@pytest.mark.parametrize(
    "url",
    [
        "https://api.attentivemobile.com",
        "https://API.attentivemobile.com/v2/me",
        "https://api.attentivemobile.com:443/",
        "http://127.0.0.1:9009",
        "https://127.0.0.1:9009",
        "http://[::1]:9010/x",
    ],
)
def test_what_is_listed_may_be_called(url):
    hosts.check_base(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.attentivemobile.com",  # a bare host means https
        "https://api.attentivemobile.com:8443",  # on its usual port
        "https://attentivemobile.com",
        "https://x.api.attentivemobile.com",
        "https://api.attentivemobile.com.evil.example",
        "https://user@api.attentivemobile.com",
        "https://api.attentivemobile.com@evil.example/",
        "https://evil.example\\@api.attentivemobile.com/",
        "https://evil.example#@api.attentivemobile.com/",
        "http://127.0.0.1:9008",  # that port alone
        "http://127.0.0.1",
        "http://localhost:9009",
        "ftp://api.attentivemobile.com",
        "file:///etc/passwd",
        "//api.attentivemobile.com",
        "api.attentivemobile.com",
        "https://",
        "",
        "https://[::1",
    ],
)
def test_nothing_else_may(url):
    with pytest.raises(HostNotAllowedError):
        hosts.check_base(url)


@pytest.mark.parametrize("url", ["https://storage.example/a?sig=1", "http://127.0.0.1:9009/r"])
def test_a_result_may_lie_at_any_https_host_and_at_a_named_port(url):
    hosts.check_result(url)


@pytest.mark.parametrize("url", ["http://storage.example/a", "http://127.0.0.1:1/a", "gopher://x/"])
def test_a_result_may_not_lie_elsewhere(url):
    with pytest.raises(HostNotAllowedError):
        hosts.check_result(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.5",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.1",
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_these_addresses_are_not_public(address):
    assert not hosts.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_these_are(address):
    assert hosts.is_public(address)
