"""Contact data as in life: most of it fine, some missing, malformed, or shared by two.

Nobody real is reached: email addresses are at example.com, phones end in 555-0100 to
555-0199, which no carrier gives out.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date, timedelta
from itertools import product

import pyarrow as pa
from faker import Faker

from warehouse.demo.places import CITIES

AGES = {"19-24": (19, 24), "25-34": (25, 34), "35-44": (35, 44), "45-54": (45, 54)}
AGES |= {"55-64": (55, 64), "65+": (65, 88)}
PHONE_FORMS = ["+1{a}555{n}", "+1 {a}-555-{n}", "({a}) 555-{n}", "{a}-555-{n}", "{a}.555.{n}"]
MALFORMED_PHONES = ["555-{n}", "+1 {a} 555 {n}4", "unknown", "{a}-555", "000-000-0000"]
MALFORMED_EMAILS = ["{user}@example", "{user}.example.com", "{user} @example.com", "@example.com"]


@dataclass(frozen=True, slots=True)
class Contact:
    """One customer's row, in the order of the table's columns."""

    n: int
    given_name: str
    surname: str
    address: str | None
    city: str
    state: str
    postal_code: str
    birth_date: date | None
    email: str | None
    phone: str | None
    email_opt_in: bool
    sms_opt_in: bool | None


SCHEMA = pa.schema(
    [
        ("n", pa.int64()),
        *((name, pa.string()) for name in ("given_name", "surname", "address", "city", "state")),
        ("postal_code", pa.string()),
        ("birth_date", pa.date32()),
        ("email", pa.string()),
        ("phone", pa.string()),
        ("email_opt_in", pa.bool_()),
        ("sms_opt_in", pa.bool_()),
    ]
)


def contacts(people: Sequence[tuple[int, str | None]], seed: int, today: date) -> pa.Table:
    """A row of SCHEMA for each (number, age band or None); the same seed gives the same rows."""
    rows = [astuple(contact) for contact in _contacts(people, seed, today)]
    columns = zip(*rows, strict=True)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def _contacts(
    people: Sequence[tuple[int, str | None]], seed: int, today: date
) -> Iterator[Contact]:
    chance = random.Random(seed)  # noqa: S311
    fake = Faker("en_US")
    fake.seed_instance(seed)
    crowd = [city for city in CITIES for _ in city[3]]  # as many people as there are numbers
    free = {city[0]: _numbers(city[3], chance) for city in CITIES}
    before: Contact | None = None
    for n, age in people:
        city, state, postal, _ = chance.choice(crowd)
        area, number = free[city].pop()
        given_name, surname = fake.first_name(), fake.last_name()
        user = f"{given_name}.{surname}{n}".lower().replace(" ", "").replace("'", "")
        contact = Contact(
            n=n,
            given_name=given_name,
            surname=surname,
            address=None if chance.random() < 0.03 else fake.street_address(),
            city=city,
            state=state,
            postal_code=f"{postal}{chance.randrange(1, 60):02}",
            birth_date=_birth_date(age, chance, today),
            email=_email(user, chance),
            phone=_phone(area, number, chance),
            email_opt_in=chance.random() < 0.8,
            sms_opt_in=None if chance.random() < 0.05 else chance.random() < 0.7,
        )
        if before is not None and chance.random() < 0.02:
            contact = _moved_in(contact, before, with_email=chance.random() < 0.5)
        yield contact
        before = contact


def _moved_in(contact: Contact, with_: Contact, *, with_email: bool) -> Contact:
    """The contact at the other's address, sharing a phone and perhaps an email."""
    return replace(
        contact,
        surname=with_.surname,
        address=with_.address,
        city=with_.city,
        state=with_.state,
        postal_code=with_.postal_code,
        phone=with_.phone,
        email=with_.email if with_email else contact.email,
    )


def _numbers(areas: tuple[str, ...], chance: random.Random) -> list[tuple[str, str]]:
    """Every fictional number of these area codes, in random order."""
    numbers = [(area, f"01{n:02}") for area, n in product(areas, range(100))]
    chance.shuffle(numbers)
    return numbers


def _email(user: str, chance: random.Random) -> str | None:
    draw = chance.random()
    if draw < 0.06:
        return None
    if draw < 0.08:
        return chance.choice(MALFORMED_EMAILS).format(user=user)
    if draw < 0.09:
        return f"{user}@staff.example.com"
    return f"{user}@example.com"


def _phone(area: str, number: str, chance: random.Random) -> str | None:
    draw = chance.random()
    if draw < 0.08:
        return None
    if draw < 0.10:
        return chance.choice(MALFORMED_PHONES).format(a=area, n=number)
    return chance.choice(PHONE_FORMS).format(a=area, n=number)


def _birth_date(age: str | None, chance: random.Random, today: date) -> date | None:
    if age is None:
        return None
    youngest, oldest = AGES[age]
    days = chance.randrange(youngest * 365 + youngest // 4 + 1, (oldest + 1) * 365 + oldest // 4)
    return today - timedelta(days=days)
