"""A list that is searched, filtered and shown a page at a time, all of it in its address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.http import QueryDict

from core.typed import whole

PAGE = 50
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of a list. previous, next: the addresses of its neighbours, "" at either end."""

    rows: list[Row]
    shown: str  # "51 to 83", "" where one page holds all
    previous: str
    next: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list was asked for. search, status: "" for all; start: rows before the page."""

    search: str
    status: str
    start: int

    @classmethod
    def by(cls, query: QueryDict) -> Asked:
        return cls(
            search=query.get("q", "").strip(),
            status=query.get("status", ""),
            start=whole(query.get("after", "")) or 0,
        )

    @property
    def filtered(self) -> bool:
        return bool(self.search or self.status)

    def page(self, rows: QuerySet[Row]) -> Page[Row]:
        """Its page of the rows; the first where they end before it."""
        found = list(rows[self.start : self.start + PAGE + 1])
        if self.start and not found:
            return replace(self, start=0).page(rows)
        more, found = len(found) > PAGE, found[:PAGE]
        alone = self.start == 0 and not more
        return Page(
            rows=found,
            shown="" if alone else f"{self.start + 1:,} to {self.start + len(found):,}",
            previous=self._address(max(self.start - PAGE, 0)) if self.start else "",
            next=self._address(self.start + PAGE) if more else "",
        )

    def _address(self, start: int) -> str:
        said = {"q": self.search, "status": self.status, "after": start or ""}
        return "?" + urlencode({key: value for key, value in said.items() if value})
