"""Default exclusions: which segments are left out of every campaign. All else has its pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.audited import AuditedAdmin
from segments.models import Segment


class ExclusionForm(forms.ModelForm):
    def clean_left_out_by_default(self) -> bool:
        left_out: bool = self.cleaned_data["left_out_by_default"]
        if left_out and not self.instance.active and "left_out_by_default" in self.changed_data:
            raise forms.ValidationError(
                "Only an active segment can be left out of every campaign: "
                "with another none could be launched."
            )
        return left_out


@admin.register(Segment)
class SegmentAdmin(AuditedAdmin):
    form = ExclusionForm
    list_display = ["name", "active", "left_out_by_default"]
    list_filter = ["left_out_by_default"]
    search_fields = ["name", "description"]
    ordering = ["name"]
    fields = ["name", "description", "left_out_by_default"]
    readonly_fields = ["name", "description"]

    @admin.display(boolean=True)
    def active(self, segment: Segment) -> bool:
        return segment.active

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Segment, form: Any, change: bool) -> None:
        """The one field: someone may be editing the rest."""
        obj.save(update_fields=["left_out_by_default"])
