"""Test connection: who answers, or what is wrong, kept beside the destination."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.utils import timezone

from core.errors import MusterError
from destinations import credentials
from destinations.errors import CredentialRefusedError
from destinations.kinds import connect
from destinations.models import Destination


@dataclass(frozen=True, slots=True)
class Check:
    """text: one sentence for people; company and domain: whose account it is."""

    ok: bool
    text: str
    company: str = ""
    domain: str = ""


def check_connection(destination: Destination) -> Check:
    """Ask the destination, store what came of it, and mark the credential accordingly.

    It never raises for what a destination does.
    """
    now = timezone.now()
    try:
        account = connect(destination).test()
    except CredentialRefusedError as error:
        credentials.refused(destination.credential, now)
        result = Check(False, str(error))
    except MusterError as error:
        result = Check(False, str(error))
    else:
        credentials.works(destination.credential)
        names = [account.company or "an account without a name"]
        names += [f"({account.domain})"] if account.domain else []
        result = Check(True, f"Connected to {' '.join(names)}.", account.company, account.domain)
    Destination.objects.filter(pk=destination.pk).update(tested_at=now, test_result=asdict(result))
    return result
