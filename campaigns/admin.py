from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.audited import AuditedAdmin
from campaigns.models import ApprovalRule


@admin.register(ApprovalRule)
class ApprovalRuleAdmin(AuditedAdmin):
    """One rule for all campaigns; without it no launch needs approval."""

    list_display = ["__str__"]
    fields = ["above"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not ApprovalRule.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ApprovalRule, form: Any, change: bool) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)
