from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.audited import AuditedAdmin
from core.formats import counted, day, moment
from destinations import credentials
from destinations.checking import check_connection
from destinations.forms import CredentialForm, DefaultAttributesForm, DestinationForm
from destinations.models import Credential, DefaultAttributes, Destination


def set_words(credential: Credential) -> str:
    """ "Set 3 Nov by Bo." """
    if credential.set_at is None:
        return "Not set."
    by = f" by {credential.set_by}" if credential.set_by else ""
    return f"Set {day(credential.set_at)}{by}."


@admin.register(Credential)
class CredentialAdmin(AuditedAdmin):
    form = CredentialForm
    list_display = ["name", "kind", "secret_is", "refused"]
    list_select_related = ["set_by"]
    list_filter = ["kind"]
    search_fields = ["name"]
    readonly_fields = ["secret_is", "refused"]

    def get_fields(self, request: HttpRequest, obj: Credential | None = None) -> Any:
        shown = ["secret_is", "refused"] if obj else []
        return ["name", "kind", *shown, "token"]

    @admin.display(description="Secret")
    def secret_is(self, credential: Credential) -> str:
        return set_words(credential)

    @admin.display(description="State", ordering="refused_at")
    def refused(self, credential: Credential) -> str:
        if credential.refused_at is None:
            return "Not refused"
        return f"Refused {moment(credential.refused_at)}. Nothing is sent until it is replaced."

    def save_model(self, request: HttpRequest, obj: Credential, form: Any, change: bool) -> None:
        if form.cleaned_data["token"]:
            credentials.replace(obj, form.cleaned_data["token"], request.user)  # type: ignore[arg-type]  # admins are our users
        super().save_model(request, obj, form, change)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        used = Destination.objects.filter(credential__in=objs).select_related("credential")
        words = [f"{each} connects with {each.credential}. Give it another first." for each in used]
        return deleted, counts, lacking, words or protected


@admin.register(Destination)
class DestinationAdmin(AuditedAdmin):
    form = DestinationForm
    list_display = ["name", "kind", "credential", "enabled", "tested", "campaigns"]
    list_select_related = ["credential"]
    list_filter = ["kind", "enabled"]
    search_fields = ["name", "base_url", "credential__name"]
    autocomplete_fields = ["credential"]
    readonly_fields = ["tested"]
    actions = ["test_connections"]
    fieldsets = [
        (None, {"fields": ["name", "kind", "credential", "base_url", "enabled", "tested"]}),
        ("Who may use it", {"fields": ["only_for"]}),
        ("Lists", {"fields": ["segment_name"]}),
        (
            "Sending",
            {"fields": ["requests_per_second", "batch_size", "removal_limit", "settle_hours"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Destination]:
        return Destination.objects.with_credential().with_use()

    @admin.display(description="Used by")
    def campaigns(self, destination: Any) -> str:
        return counted(destination.campaigns, "campaign")

    @admin.display(description="Connection", ordering="tested_at")
    def tested(self, destination: Destination) -> str | SafeString:
        if destination.tested_at is None:
            return "Not tested"
        text = destination.test_result.get("text", "")
        return format_html("{} ({})", text, moment(destination.tested_at))

    @admin.action(description="Test connection", permissions=["change"])
    def test_connections(self, request: HttpRequest, queryset: QuerySet[Destination]) -> None:
        for destination in queryset:
            self.tell(request, destination)

    def tell(self, request: HttpRequest, destination: Destination) -> None:
        result = check_connection(destination)
        level = messages.SUCCESS if result.ok else messages.ERROR
        self.message_user(request, f"{destination}: {result.text}", level)

    def response_add(
        self, request: HttpRequest, obj: Destination, post_url_continue: str | None = None
    ) -> HttpResponse:
        response = super().response_add(request, obj, post_url_continue)
        return self._tested(request, obj, response)

    def response_change(self, request: HttpRequest, obj: Destination) -> HttpResponse:
        return self._tested(request, obj, super().response_change(request, obj))

    def _tested(
        self, request: HttpRequest, destination: Destination, response: HttpResponse
    ) -> HttpResponse:
        """The button "Save and test connection" comes back to the page it is on."""
        if "_test" not in request.POST:
            return response
        self.tell(request, destination)
        url = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(url, args=[destination.pk]))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        used: Any = Destination.objects.filter(pk__in=[each.pk for each in objs]).with_use()
        words = [
            f"{each} is used by {counted(each.campaigns, 'campaign')}. "
            "Take it out of them, or switch it off instead."
            for each in used
            if each.campaigns
        ]
        return deleted, counts, lacking, [*words, *protected]


@admin.register(DefaultAttributes)
class DefaultAttributesAdmin(AuditedAdmin):
    form = DefaultAttributesForm
    list_display = ["destination", "identifier", "source", "edited_at", "edited_by"]
    list_select_related = ["destination", "edited_by"]
    search_fields = ["destination__name"]
    autocomplete_fields = ["destination"]
    fields = ["destination", "identifier", "phone", "email"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["destination"] if obj else []

    def save_model(
        self, request: HttpRequest, obj: DefaultAttributes, form: Any, change: bool
    ) -> None:
        obj.edited_by = request.user  # type: ignore[assignment]  # admins are our users
        super().save_model(request, obj, form, change)
