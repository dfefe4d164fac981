"""What an uploaded or pasted list is about: customer ids, emails, phones, or another column."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow.parquet as pq
from django.utils import timezone

from accounts.models import User
from core import formats
from core.errors import MusterError
from segments import lists
from segments.models import CustomerList
from segments.numbers import counting
from warehouse.catalogue import Catalogue

FEW = 1000  # values that stand in the rule; more are stored as a list
READ = 200  # values of a list that are looked at
LONGEST_NAME = 200
EMAIL = re.compile(r"^[^\s@]+@[^\s@]+$")
# Plain digits are a phone only where they are as many as one has; fewer or more are an id.
PHONE = re.compile(r"^\+\d[\d\s().-]{6,20}$|^\(?\d{3}\)?[\s.-]\s?\d{3}[\s.-]\d{4}$|^1?\d{10}$")


class ListNameError(MusterError):
    def __init__(self, name: str):
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f'A list called "{self.name}" is there already. Choose another name.'


def columns(catalogue: Catalogue) -> dict[str, str]:
    """ "table.column" of customer id, email and phone, by these words; those that there are."""
    contact = counting.contact_columns(catalogue)
    base = catalogue.table(catalogue.base)
    ids = f"{base.name}.{base.customer}" if base and base.customer else ""
    found = {"id": ids, "email": contact["email"], "phone": contact["phone"]}
    return {kind: column for kind, column in found.items() if column}


def kind_of(values: Sequence[str]) -> str:
    """id, email or phone: what most of the values look like."""
    looked_at = values[:READ]
    for kind, looks in (("email", EMAIL), ("phone", PHONE)):
        if looked_at and sum(bool(looks.match(each)) for each in looked_at) * 2 > len(looked_at):
            return kind
    return "id"


def column_of(name: str, catalogue: Catalogue) -> str:
    """The column that the values of a stored list are most likely of, '' without any."""
    stored = CustomerList.objects.filter(name=name).first()
    known = columns(catalogue)
    if stored is None:
        return known.get("id", "")
    (path, *_) = lists.relation(stored.digest)
    batch = next(pq.ParquetFile(path).iter_batches(batch_size=READ), None)
    values = batch.column(0).to_pylist() if batch is not None else []
    return known.get(_likely(values, known), "")


def likely_column(values: Sequence[str], catalogue: Catalogue) -> str:
    """The column that pasted values are most likely of, '' without any."""
    known = columns(catalogue)
    return known.get(_likely(values, known), "")


def _likely(values: Sequence[str], known: dict[str, str]) -> str:
    kind = kind_of(values)
    return kind if kind in known else next(iter(known), "")


def store(name: str, values: Sequence[str], by: User) -> CustomerList:
    """Keep a list under a new name; without one it is named by the moment.

    Raises ListNameError and lists.EmptyListError.
    """
    name = name.strip()[:LONGEST_NAME]
    if not name:
        name = _unnamed()
    elif CustomerList.objects.filter(name__iexact=name).exists():
        raise ListNameError(name)
    return lists.store(name, values, by)


def _unnamed() -> str:
    now = timezone.localtime()
    said = f"Pasted {now.day} {formats.MONTHS[now.month - 1]} {now:%H:%M}"
    taken = {*CustomerList.objects.filter(name__startswith=said).values_list("name", flat=True)}
    names = [said, *(f"{said}, {number}" for number in range(2, len(taken) + 3))]
    return next(each for each in names if each not in taken)
