"""Addresses of rows, for a page that names many of them."""

from __future__ import annotations

from django.urls import reverse


class Links:
    """The addresses of one app's rows, by the name of the page.

    A list names several for each of its rows: each page is looked up once, and the row's
    key filled in. Made anew for each request.
    """

    def __init__(self, app: str):
        self.app = app
        self._found: dict[str, tuple[str, str]] = {}

    def to(self, page: str, pk: int) -> str:
        """Raises NoReverseMatch for a page that does not take a row's key alone."""
        if page not in self._found:
            before, _, after = reverse(f"{self.app}:{page}", args=[0]).rpartition("0")
            self._found[page] = before, after
        before, after = self._found[page]
        return f"{before}{pk}{after}"
