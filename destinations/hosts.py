"""Who may be called: the reading of OUTBOUND_HOSTS.

A bare ``host`` means https on its usual port at a public address. ``host:port``
means that port alone, where http and addresses that are not public are allowed
too, so that a rehearsal on this machine can be named.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from destinations.errors import HostNotAllowedError

USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a URL leads. named: OUTBOUND_HOSTS has it as host:port."""

    scheme: str
    host: str
    port: int
    named: bool


def place(url: str) -> Place:
    """Read a URL exactly as the connection will.

    Raises HostNotAllowedError for what is no plain http or https address.
    """
    try:
        parts, user = parse_url(url), urlsplit(url).username
    except (LocationParseError, ValueError):
        raise HostNotAllowedError("an address that cannot be read") from None
    host = bare(parts.host or "")
    if parts.scheme not in USUAL_PORTS or not host or parts.auth or user:
        raise HostNotAllowedError(host or "an address without a host")
    port = parts.port or USUAL_PORTS[parts.scheme]
    return Place(parts.scheme, host, port, (host, port) in entries())


def check_base(url: str) -> Place:
    """Raises HostNotAllowedError unless requests with a token may go there."""
    found = place(url)
    usual = found.scheme == "https" and found.port == USUAL_PORTS["https"]
    if found.named or (usual and (found.host, None) in entries()):
        return found
    raise HostNotAllowedError(shown(found))


def check_result(url: str) -> Place:
    """Raises HostNotAllowedError unless a job's result may be fetched there, without token."""
    found = place(url)
    if found.named or found.scheme == "https":
        return found
    raise HostNotAllowedError(shown(found))


def entries() -> set[tuple[str, int | None]]:
    """OUTBOUND_HOSTS as (host, port), the port None for a bare host."""
    return {entry(text) for text in settings.OUTBOUND_HOSTS if text.strip()}


def entry(text: str) -> tuple[str, int | None]:
    text = text.strip()
    host, colon, port = text.rpartition(":")
    several = ":" in host and not host.endswith("]")  # an IPv6 address without brackets
    if colon and not several and port.isdecimal():
        return bare(host), int(port)
    return bare(text), None


def bare(host: str) -> str:
    return host.strip().lower().removeprefix("[").removesuffix("]")


def shown(found: Place) -> str:
    usual = found.port == USUAL_PORTS[found.scheme]
    host = f"[{found.host}]" if ":" in found.host else found.host
    return f"{found.scheme}://{host}" + ("" if usual else f":{found.port}")


NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an IP address lies on the internet, also when it wraps one that does not."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip.teredo is not None:
            return False
    return ip.is_global and not ip.is_multicast
