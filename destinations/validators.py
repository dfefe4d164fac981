"""What may be entered for a destination, refused beside its field in words."""

from __future__ import annotations

from string import Formatter

from django.core.exceptions import ValidationError
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from destinations import hosts
from destinations.errors import HostNotAllowedError

PLACEHOLDERS = ("campaign", "sub_audience", "group", "date")
ADDRESS_ALONE = "Enter the address alone, as https://api.attentivemobile.com"


def validate_address(url: str) -> None:
    """An address without the version: every path brings its own."""
    url = url.strip()
    if not url.lower().startswith(("https://", "http://")):
        raise ValidationError("Begin the address with https://, as https://api.attentivemobile.com")
    try:
        parts = parse_url(url)
    except LocationParseError:
        raise ValidationError(ADDRESS_ALONE) from None
    version = (parts.path or "").strip("/").lower() in ("v1", "v2")
    if not parts.host or version or parts.query is not None or parts.fragment is not None:
        raise ValidationError(ADDRESS_ALONE)


def validate_base_url(url: str) -> None:
    """An address that this installation may call."""
    validate_address(url)
    try:
        hosts.check_base(url.strip())
    except HostNotAllowedError as error:
        raise ValidationError(str(error)) from None


def validate_list_name(template: str) -> None:
    """A template of a list's name: text, and placeholders in braces."""
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        raise ValidationError(f"A brace is open or alone. Write {known}.") from None
    if not template.strip():
        raise ValidationError("A list needs a name.")
    for _, name, spec, conversion in parts:
        if name is not None and (name not in PLACEHOLDERS or spec or conversion):
            raise ValidationError(f"There is no {{{name}}}. Write {known}.")
