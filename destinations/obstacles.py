"""What keeps Muster from calling a destination before anything is asked."""

from __future__ import annotations

from core.fields import SecretLostError
from destinations import hosts, kinds
from destinations.errors import HostNotAllowedError, TokenUnusableError
from destinations.models import Destination


def obstacle(destination: Destination) -> str:
    """What an admin must mend in the installation first; '' when nothing. Asks nobody."""
    try:
        kinds.connect(destination)
        hosts.check_base(destination.base_url)
    except (SecretLostError, TokenUnusableError, HostNotAllowedError) as error:
        return str(error)
    return ""
