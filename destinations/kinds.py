"""The kinds of destination: a line here and a folder of its own is all a connector needs."""

from __future__ import annotations

from collections.abc import Callable

from destinations.attentive.client import AttentiveAPI
from destinations.connector import Connector
from destinations.models import Destination, Kind

CONNECTORS: dict[str, Callable[[Destination], Connector]] = {
    Kind.ATTENTIVE_API: AttentiveAPI.of,
}


def connect(destination: Destination) -> Connector:
    """A connector for this destination (its credential is read, so fetch that with it).

    Raises ``SecretLostError`` or ``TokenUnusableError`` before anything is asked.
    """
    return CONNECTORS[destination.kind](destination)
