"""An admin whose additions, changes and deletions stand in the audit."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.http import HttpRequest

from accounts import audit


class AuditedAdmin(admin.ModelAdmin):
    """Which fields changed is told, never what they held."""

    def log_addition(self, request: HttpRequest, object: Model, message: Any) -> LogEntry:
        self._record(request, audit.Action.CREATED, object)
        return super().log_addition(request, object, message)

    def log_change(self, request: HttpRequest, object: Model, message: Any) -> LogEntry:
        entry = super().log_change(request, object, message)
        if message:
            self._record(request, audit.Action.CHANGED, object, entry.get_change_message())
        return entry

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for each in queryset:
            self._record(request, audit.Action.DELETED, each)
        return super().log_deletions(request, queryset)

    def _record(
        self, request: HttpRequest, action: audit.Action, on: Model, details: str = ""
    ) -> None:
        audit.record(request.user, action, on, details=details)  # type: ignore[arg-type]  # admins are our users
