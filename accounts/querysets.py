from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet

from accounts.errors import KeptError


class AppendOnly(QuerySet[Model]):
    """Rows that are added and read."""

    def update(self, **kwargs: Any) -> int:
        raise KeptError

    def delete(self) -> tuple[int, dict[str, int]]:
        raise KeptError
