"""A list that is searched, filtered, sorted and shown a page at a time, all in its address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from core.typed import whole

PAGE = 50
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Column:
    """What a list can be sorted by.

    name: in the address; field: of the rows, never null; down: the direction that a first
    press asks for; read: a value of the field from the text in an address, None for no such.
    """

    name: str
    label: str
    field: str
    down: bool = False
    read: Callable[[str], Any] = str


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head. url: the list sorted by it; direction: "ascending", "descending", ""."""

    label: str
    url: str
    direction: str


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of a list. previous, next: the addresses of its neighbours, "" at either end."""

    rows: list[Row]
    shown: str  # "51 to 83 of 83", "" where one page holds all
    previous: str
    next: str


def moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list was asked for.

    filters: by their names in the address, without those that are blank; "q" is the search.
    place: the row beside the page, as its key says it; backwards: the page lies before it.
    A page begins after a row's key, not after so many rows: what is added or taken away
    meanwhile moves no row to another page.
    """

    filters: Mapping[str, str]
    column: Column
    down: bool
    columns: Sequence[Column]
    place: str = ""
    backwards: bool = False

    @classmethod
    def by(
        cls,
        query: QueryDict,
        columns: Sequence[Column],
        filters: Sequence[str] = ("q", "status"),
    ) -> Asked:
        """columns: the first one sorts a list that nobody has sorted.

        A filter that is said several times holds its values with commas between.
        """
        said = {name: ",".join(query.getlist(name)).strip(", ") for name in filters}
        sort = query.get("sort", "")
        column = next((each for each in columns if each.name == sort.lstrip("-")), None)
        chosen = column or columns[0]
        before = query.get("before", "")
        return cls(
            filters={name: value for name, value in said.items() if value},
            column=chosen,
            down=sort.startswith("-") if column else chosen.down,
            columns=columns,
            place=before or query.get("after", ""),
            backwards=bool(before),
        )

    @property
    def search(self) -> str:
        return self.filters.get("q", "")

    @property
    def sort(self) -> str:
        """As the address says it, "" for the order of a list that nobody has sorted."""
        if (self.column, self.down) == (self.columns[0], self.columns[0].down):
            return ""
        return ("-" if self.down else "") + self.column.name

    @property
    def heads(self) -> dict[str, Head]:
        """The heads of the columns that sort, by their names."""
        return {each.name: self._head(each) for each in self.columns}

    def _head(self, column: Column) -> Head:
        here = column == self.column
        asked = replace(self, column=column, down=not self.down if here else column.down)
        direction = ("descending" if self.down else "ascending") if here else ""
        return Head(column.label, asked._address() or "?", direction)

    def page(self, rows: QuerySet[Row]) -> Page[Row]:
        """Its page of the rows; the first where no row has the place."""
        place = self._beside()
        back = self.backwards and place is not None
        down = self.down != back
        field = self.column.field
        found = rows.order_by(*(f"{'-' if down else ''}{name}" for name in (field, "pk")))
        if place:
            found = found.filter(_beyond(field, place, down))
        taken = list(found[: PAGE + 1])
        if place and not taken:
            return replace(self, place="").page(rows)
        more, taken = len(taken) > PAGE, taken[:PAGE]
        if back:
            taken.reverse()
        before, after = (more, True) if back else (place is not None, more)
        return Page(
            rows=taken,
            shown=self._shown(rows, taken) if before or after else "",
            previous=self._address(before=self._key(taken[0])) if before else "",
            next=self._address(after=self._key(taken[-1])) if after else "",
        )

    def _shown(self, rows: QuerySet[Row], taken: Sequence[Row]) -> str:
        first = getattr(taken[0], self.column.field), taken[0].pk
        start = rows.filter(_beyond(self.column.field, first, not self.down)).count()
        return f"{start + 1:,} to {start + len(taken):,} of {rows.count():,}"

    def _key(self, row: Row) -> str:
        value = getattr(row, self.column.field)
        return f"{value.isoformat() if isinstance(value, datetime) else value}~{row.pk}"

    def _beside(self) -> tuple[Any, int] | None:
        text, _, number = self.place.rpartition("~")
        pk, value = whole(number), self.column.read(text)
        return None if pk is None or value is None else (value, pk)

    def _address(self, **place: str) -> str:
        said = {**self.filters, "sort": self.sort, **place}
        kept = {key: value for key, value in said.items() if value}
        return "?" + urlencode(kept) if kept else ""


def _beyond(field: str, place: tuple[Any, int], down: bool) -> Q:
    """The rows that come after that place."""
    value, pk = place
    way = "lt" if down else "gt"
    return Q(**{f"{field}__{way}": value}) | Q(**{field: value, f"pk__{way}": pk})
