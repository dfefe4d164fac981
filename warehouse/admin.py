"""The catalogue in the admin: facts to read, guesses to correct."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from accounts.audited import AuditedAdmin
from core.formats import count
from warehouse.models import Attribute, Join, Sync, Table


class TableForm(forms.ModelForm):
    """key, customer: one of the table's own columns."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        columns = self.instance.attributes.filter(gone=False).values_list("name", flat=True)
        choices = [("", "None"), *((name, name) for name in columns)]
        for name in ("key", "customer"):
            field = self.fields[name]
            self.fields[name] = forms.ChoiceField(
                choices=choices, required=False, label=field.label, help_text=field.help_text
            )


class AttributeInline(admin.TabularInline):
    model = Attribute
    fields = ["label", "name", "type", "filled", "semantic", "corrected"]
    readonly_fields = ["name", "type", "filled"]
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attribute]:
        return super().get_queryset(request).filter(gone=False)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class JoinForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        ends = [
            ("column", getattr(self.instance, "table", None)),
            ("to_column", cleaned.get("to_table")),
        ]
        for name, table in ends:
            column = cleaned.get(name)
            if not table or not column:
                continue
            known = table.attributes.filter(gone=False, name__iexact=column).first()
            if known is None:
                self.add_error(name, f'"{table.name}" has no column "{column}".')
            else:
                cleaned[name] = known.name
        return cleaned


class JoinInline(admin.TabularInline):
    model = Join
    form = JoinForm
    fk_name = "table"
    fields = ["column", "to_table", "to_column", "corrected"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Join]:
        return super().get_queryset(request).select_related("table", "to_table")

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:
        """The tables to choose from are read once, not for each row."""
        formset = super().get_formset(request, obj, **kwargs)
        tables = Table.objects.filter(gone=False).order_by("name")
        field = cast("forms.ModelChoiceField[Table]", formset.form.base_fields["to_table"])
        field.choices = [("", "---------"), *((table.pk, table.name) for table in tables)]
        return formset


@admin.register(Table)
class TableAdmin(AuditedAdmin):
    form = TableForm
    list_display = ["label", "name", "counted", "customer", "key", "one_per_customer", "gone"]
    list_filter = ["gone", "one_per_customer"]
    search_fields = ["name", "label", "attributes__name"]
    fields = ["label", "name", "counted", "customer", "key", "one_per_customer", "corrected"]
    readonly_fields = ["name", "counted"]
    inlines = [AttributeInline, JoinInline]

    @admin.display(description="rows", ordering="rows")
    def counted(self, table: Table) -> str:
        return count(table.rows)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Table, form: Any, change: bool) -> None:
        mark(obj, form)
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for each in formset.forms:
            mark(each.instance, each)
        super().save_formset(request, form, formset, change)


def mark(instance: Table | Attribute | Join, form: Any) -> None:
    """What an admin changed is the admin's; only unticking it gives it back to the guesses."""
    if form.changed_data and "corrected" not in form.changed_data:
        instance.corrected = True


@admin.register(Sync)
class SyncAdmin(AuditedAdmin):
    list_display = ["data_version", "synced_at", "base_table"]
    readonly_fields = ["data_version", "synced_at"]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name != "base_table":
            return field
        names = Table.objects.filter(gone=False).exclude(customer="").values_list("name", flat=True)
        return forms.ChoiceField(
            choices=[("", "customer_360, without one merged_customers"), *((n, n) for n in names)],
            required=False,
            label="Everyone",
            help_text="Whose customer ids are everyone.",
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
