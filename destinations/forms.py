"""What admins and marketers enter: secrets, destinations, default attributes."""

from __future__ import annotations

from typing import Any

from django import forms

from destinations import contents, credentials
from destinations.errors import TokenUnusableError
from destinations.models import Credential, DefaultAttributes, Destination, Identifier
from warehouse import catalogue as catalogues
from warehouse.errors import WarehouseError


class CredentialForm(forms.ModelForm):
    """The secret goes in and never comes out; left empty, the stored one stays."""

    token = forms.CharField(
        required=False,
        strip=False,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "off", "size": 60, "spellcheck": "false"}
        ),
    )

    class Meta:
        model = Credential
        fields = ["name", "kind"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["token"].label = "Replace token" if self.instance.pk else "Token"
        self.fields["token"].help_text = (
            "Leave it empty to keep the stored one."
            if self.instance.pk
            else "Stored encrypted and never shown again."
        )

    def clean_token(self) -> str:
        text: str = self.cleaned_data["token"]
        if not text.strip():
            if self.instance.pk is None:
                raise forms.ValidationError("Enter the token of the app in Attentive.")
            return ""
        try:
            return credentials.clean_token(text)
        except TokenUnusableError:
            raise forms.ValidationError(
                "A token is made of plain letters, digits and signs, without blanks or line "
                "breaks inside. Copy it again."
            ) from None


class DestinationForm(forms.ModelForm):
    class Meta:
        model = Destination
        fields = [
            "name",
            "kind",
            "credential",
            "enabled",
            "only_for",
            "base_url",
            "segment_name",
            "requests_per_second",
            "batch_size",
            "removal_limit",
            "settle_hours",
        ]
        # Wide enough for 10000, which the admin's own number field is not.
        widgets = {
            "batch_size": forms.NumberInput(attrs={"min": 1, "max": 10_000}),
            "only_for": forms.CheckboxSelectMultiple,
        }

    def clean_base_url(self) -> str:
        return str(self.cleaned_data["base_url"]).strip().rstrip("/")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        credential, kind = self.cleaned_data.get("credential"), self.cleaned_data.get("kind")
        if credential and kind and credential.kind != kind:
            self.add_error("credential", f"This credential is for {credential.get_kind_display()}.")
        return cleaned

    def save(self, commit: bool = True) -> Destination:
        if {"base_url", "credential", "kind"} & set(self.changed_data):
            self.instance.tested_at = None
            self.instance.test_result = {}
        saved: Destination = super().save(commit)
        return saved


class DefaultAttributesForm(forms.ModelForm):
    """Phone or email, exactly one of them, each with its source; what is sent must fit."""

    identifier = forms.ChoiceField(
        choices=Identifier.choices,
        widget=forms.RadioSelect,
        label="Send",
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "Choose what is sent: phone or email."
        ),
    )

    class Meta:
        model = DefaultAttributes
        fields = ["identifier", "phone", "email"]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if chosen := self.cleaned_data.get("identifier"):
            source = self.cleaned_data.get(chosen, "")
            try:
                problem = contents.refusal(chosen, source, catalogues.current())
            except WarehouseError as error:
                problem = f"Could not look at its values: {error}"
            if problem:
                self.add_error(chosen, problem)
        return cleaned
