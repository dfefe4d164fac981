"""Who is sent, in plain Python, written from the words of the manifest alone.

It shares nothing with the code it judges but the definition and the phone library.
"""

from __future__ import annotations

import hashlib
import string
from collections import defaultdict
from dataclasses import dataclass

import phonenumbers

BLANKS = " \t\n\r\f\v"
ATOM = set(string.ascii_letters + string.digits + "!#$%&'*+/=?^_`{|}~-")
HOST = set(string.ascii_letters + string.digits + "-")


@dataclass(frozen=True)
class Customer:
    """A row of a snapshot. parts: indexes of the parts that take her, the first one first;
    values: by source; allowed: by destination id (absent: nothing filters)."""

    id: str
    excluded: int | None
    parts: tuple[int, ...]
    values: dict
    allowed: dict


def phone(text, country="US"):
    """The E.164 of a valid phone, else None."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return f"+{number.country_code}{phonenumbers.national_significant_number(number)}"


def email(text):
    """The lower-cased address where it is valid, else None."""
    text = text.strip(BLANKS)
    name, at, host = text.rpartition("@")
    labels = host.split(".")
    valid = (
        at
        and len(text) <= 254
        and 1 <= len(name) <= 64
        and all(atom and set(atom) <= ATOM for atom in name.split("."))
        and len(labels) >= 2
        and all(
            label and set(label) <= HOST and label[0] != "-" and label[-1] != "-"
            for label in labels
        )
    )
    return text.lower() if valid else None


def blank(text):
    return text is None or not text.strip(BLANKS)


def group_of(part, customer):
    """The index of the group that the hash of (customer, seed) picks; None for none."""
    digest = hashlib.new(
        "md5", f"{part.seed}/{customer}".encode(), usedforsecurity=False
    ).hexdigest()
    percent = int(digest[:8], 16) % 10_000 // 100
    edge = 0
    for index, group in enumerate(part.groups):
        edge += group.split
        if percent < edge:
            return index
    return None


def members(definition, customers):
    """(customer, part, group, destination) -> (outcome, identifier)."""
    places = []
    for customer in customers:
        if customer.excluded is None:
            taken = customer.parts[:1] if definition.first_match_only else customer.parts
            places += [(customer, part) for part in taken]
    rows = {}
    for customer, part in places:
        index = group_of(definition.parts[part], customer.id)
        group = None if index is None else definition.parts[part].groups[index]
        if group is None:
            rows[customer.id, part, -1, 0] = ("no group", None)
        elif group.control:
            rows[customer.id, part, index, 0] = ("control", None)
        elif not group.destinations:
            rows[customer.id, part, index, 0] = ("no group", None)
    for target in definition.targets:
        rows |= sent_to(target, definition, places)
    return rows


def sent_to(target, definition, places):
    read = {"phone": phone, "email": email}[target.identifier]
    rows = {}
    competing = defaultdict(list)
    treated = []
    for customer, part in places:
        index = group_of(definition.parts[part], customer.id)
        group = None if index is None else definition.parts[part].groups[index]
        if group is None:
            continue
        raw = customer.values[target.source]
        valid = None if blank(raw) else read(raw)
        scope = None if definition.first_match_only else part
        filtered = target.only_where is not None and not customer.allowed[target.id]
        if group.control:
            if valid:
                competing[scope, valid].append((0, customer.id))
        elif target.id in group.destinations:
            if valid and not filtered:
                competing[scope, valid].append((1, customer.id))
            treated.append((customer, part, index, raw, valid, scope, filtered))
    for customer, part, index, raw, valid, scope, filtered in treated:
        key = (customer.id, part, index, target.id)
        if filtered:
            rows[key] = ("filtered", None)
        elif blank(raw):
            rows[key] = ("no identifier", None)
        elif valid is None:
            rows[key] = ("invalid", None)
        elif min(competing[scope, valid])[1] != customer.id:
            rows[key] = ("duplicate", None)
        else:
            rows[key] = ("send", valid)
    return rows
