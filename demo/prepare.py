"""Everything that has to be there before the processes start; kept from one start to the next."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from accounts import roles
from accounts.models import User
from campaigns.models import Campaign
from core.secrets import kept_secret
from demo import PASSWORD
from destinations.models import Destination
from manifests import applying
from segments.models import Segment
from warehouse.engines import engine
from warehouse.models import Table

MANIFEST = Path(__file__).with_name("muster.yaml")
PEOPLE = [
    (roles.MARKETER, "marketer@example.com", "Maria", "Lopez"),
    (roles.ADMIN, "admin@example.com", "Bo", "Lind"),
    (roles.VIEWER, "viewer@example.com", "Vera", "Kim"),
]
Say = Callable[[str], None]


def prepare(sandbox_port: int, say: Say) -> str:
    """Bring database, static files, tables, people and campaigns up to date.

    Returns the sandbox's token.
    """
    call_command("migrate", verbosity=0, interactive=False)
    collect_static(say)
    load_tables(say)
    add_people()
    token = kept_secret(settings.SECRETS_DIR, "sandbox_token", lambda: secrets.token_urlsafe(24))
    set_the_stage(sandbox_port, token, say)
    return token


def collect_static(say: Say) -> None:
    """Collect and compress the static files, unless these very ones were collected before."""
    stamp = settings.STATIC_ROOT / ".stamp"
    fingerprint = static_fingerprint()
    if stamp.is_file() and stamp.read_text() == fingerprint:
        return
    say("Collecting static files")
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(fingerprint)


def static_fingerprint() -> str:
    """Changes when a static file does."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = Path(storage.path(path)).stat()
            digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def load_tables(say: Say) -> None:
    """Fill an empty warehouse with the demo's data; of any other, only read the catalogue."""
    if not engine().describe():
        say("Loading the demo data")
        call_command("load_demo")
    elif not Table.objects.exists():
        call_command("sync_catalogue", verbosity=0)


def add_people() -> None:
    """A marketer, an admin and a viewer, whose passwords everybody knows."""
    for role, email, given_name, surname in PEOPLE:
        if not User.objects.filter(email=email).exists():
            rights = dict.fromkeys(roles.GIVEN, role == roles.MARKETER)
            user = User.objects.create_user(
                email, PASSWORD, first_name=given_name, last_name=surname, **rights
            )
            roles.give_role(user, role)


def set_the_stage(sandbox_port: int, token: str, say: Say) -> None:
    """Segments, campaigns and the rehearsal destination, where there are none of any kind.

    A destination that was made for the sandbox follows it to another port.
    """
    address = f"http://127.0.0.1:{sandbox_port}"
    if not (Segment.objects.exists() or Campaign.objects.exists() or Destination.objects.exists()):
        say("Setting up segments and campaigns")
        text = MANIFEST.read_text().replace("${SANDBOX}", address)
        applying.apply(text, MANIFEST.parent, {"SANDBOX_TOKEN": token})
    moved = Destination.objects.filter(
        credential__name="Attentive (rehearsal)", base_url__startswith="http://127.0.0.1:"
    )
    moved.exclude(base_url=address).update(base_url=address)
