import itertools
import ssl
import subprocess

import pytest

from destinations import outbound
from destinations.errors import (
    AddressNotPublicError,
    AnswerLostError,
    CertificateError,
    HostNotAllowedError,
    UnavailableError,
)
from tests.destinations import servers
from tests.destinations.servers import reply, serving
from tests.fixtures.attentive import free_port


@pytest.fixture
def served(settings):
    """Start a server with a handler, and allow it to be called."""
    running = []

    def start(handler):
        context = serving(handler)
        server = context.__enter__()
        running.append(context)
        settings.OUTBOUND_HOSTS = [server.host]
        return server

    yield start
    for context in running:
        context.__exit__(None, None, None)


def post(url, **details):
    return outbound.ask("POST", f"{url}/x", body=b"{}", **details)


def test_an_answer_of_any_status_is_an_answer(served):
    server = served(reply(b'{"a":1}', "418 I'm a teapot", "X-Kind: pot\r\n"))
    answer = post(server.url)
    assert (answer.status, answer.body, answer.headers["x-kind"]) == (418, b'{"a":1}', "pot")


def test_a_host_that_is_not_listed_gets_no_connection(served, settings):
    server = served(reply(b"{}"))
    settings.OUTBOUND_HOSTS = ["api.attentivemobile.com"]
    with pytest.raises(HostNotAllowedError, match="OUTBOUND_HOSTS"):
        post(server.url)
    assert server.connections == 0


def test_a_bare_host_that_leads_to_this_machine_gets_no_byte(settings):
    settings.OUTBOUND_HOSTS = ["localhost"]
    # Nothing listens at its usual port; where something does, its address gives it away.
    with pytest.raises((AddressNotPublicError, UnavailableError)):
        post("https://localhost")


def test_the_address_that_was_connected_is_what_counts(served, settings):
    """A result link may be at any https host, yet not at one inside."""
    server = served(servers.request)
    settings.OUTBOUND_HOSTS = ["api.attentivemobile.com"]
    with pytest.raises(AddressNotPublicError):
        list(outbound.pieces(f"https://localhost:{server.port}/result"))


def test_a_redirect_is_not_followed(served):
    other = served(reply(b"{}"))
    server = served(reply(b"", "302 Found", f"Location: {other.url}/\r\n"))
    assert post(server.url).status == 302
    assert other.connections == 0


def test_proxies_of_the_environment_are_not_used(served, monkeypatch):
    proxy = served(reply(b"proxied"))
    server = served(reply(b"direct"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    assert post(server.url).body == b"direct"


def test_nothing_was_sent_where_connections_are_refused(settings):
    settings.OUTBOUND_HOSTS = [f"127.0.0.1:{free_port()}"]
    with pytest.raises(UnavailableError, match="refuses connections"):
        post(f"http://{settings.OUTBOUND_HOSTS[0]}")


def test_nothing_was_sent_to_a_name_that_nobody_knows(settings):
    settings.OUTBOUND_HOSTS = ["nowhere.invalid"]
    with pytest.raises(UnavailableError, match="its name is not known"):
        post("https://nowhere.invalid")


def test_nothing_was_sent_where_tls_is_not_spoken(served):
    server = served(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    with pytest.raises(CertificateError, match="does not speak TLS"):
        post(f"https://{server.host}")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for this machine that signs itself."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", folder / "key.pem", "-out", folder / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    return folder


def test_nothing_was_sent_where_the_certificate_is_not_trusted(served, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    received = []

    def handler(connection):
        with context.wrap_socket(connection, server_side=True) as secure:
            received.append(secure.recv(100))

    server = served(handler)
    with pytest.raises(CertificateError, match="signed by itself"):
        post(f"https://{server.host}")
    assert not any(received)


def broken_before_the_answer(connection):
    servers.request(connection)
    servers.reset(connection)


def closed_before_the_answer(connection):
    servers.request(connection)


def half_a_head(connection):
    servers.request(connection)
    connection.sendall(b"HTTP/1.1 202 Acc")


def half_a_header(connection):
    servers.request(connection)
    connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Le")


def half_a_body(connection):
    servers.request(connection)
    connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\n{")


def no_http(connection):
    servers.request(connection)
    connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")


@pytest.mark.parametrize(
    "handler",
    [
        broken_before_the_answer,
        closed_before_the_answer,
        half_a_head,
        half_a_header,
        half_a_body,
        no_http,
    ],
)
def test_once_a_byte_left_a_lost_answer_is_unknown(served, handler):
    server = served(handler)
    with pytest.raises(AnswerLostError):
        post(server.url)


def test_a_question_changes_nothing_so_its_lost_answer_is_only_unavailable(served):
    server = served(broken_before_the_answer)
    with pytest.raises(UnavailableError):
        outbound.ask("GET", f"{server.url}/x")


def test_an_answer_that_trickles_ends_at_the_total_time(served):
    drops = itertools.chain(
        [b"HTTP/1.1 202 Accepted\r\nContent-Length: 10000\r\n\r\n"], itertools.repeat(b"x")
    )
    server = served(servers.trickle(drops, 0.05))
    with pytest.raises(AnswerLostError, match="in time"):
        post(server.url, seconds=0.5)


def test_so_does_a_head_that_trickles(served):
    server = served(servers.trickle(itertools.repeat(b"X-A: b\r\n"), 0.05))
    with pytest.raises(AnswerLostError):
        post(server.url, seconds=0.5)


def test_and_silence(served):
    server = served(servers.trickle(iter([b"", b"", b""]), 1))
    with pytest.raises(AnswerLostError, match="in time"):
        post(server.url, seconds=0.3)


def test_an_answer_beyond_the_cap_is_not_read(served):
    size = outbound.ANSWER_BYTES + 1
    server = served(reply(b"x" * size))
    with pytest.raises(AnswerLostError, match="too large"):
        post(server.url)


def test_connections_are_kept_and_a_stale_one_is_not_used(served, monkeypatch):
    server = served(reply(b"{}"))
    for _ in range(3):
        post(server.url)
    assert server.connections == 1
    monkeypatch.setattr(outbound, "IDLE_SECONDS", 0.0)
    post(server.url)
    assert server.connections == 2


def test_cookies_are_not_kept(served):
    seen = []

    def handler(connection):
        while received := servers.request(connection):
            seen.append(received)
            connection.sendall(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n")

    server = served(handler)
    post(server.url)
    post(server.url)
    assert not any(b"Cookie" in each for each in seen)


def test_no_text_of_an_error_holds_the_url_or_the_headers(served):
    server = served(broken_before_the_answer)
    with pytest.raises(AnswerLostError) as caught:
        outbound.ask(
            "POST",
            f"{server.url}/a?phone=%2B12025550143",
            headers={"Authorization": "Bearer secret"},
            body=b"{}",
        )
    error = caught.value
    assert error.__cause__ is None
    assert error.__suppress_context__
    assert "secret" not in repr(error)
    assert "2025550143" not in repr(error)
