"""What is typed about test people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms

from runs import panels, trial
from runs.models import Panel, Panelist
from warehouse import identifiers
from warehouse.identifiers import EMAIL, PHONE, Identified


class PanelForm(forms.ModelForm):
    class Meta:
        model = Panel
        fields = ["name"]
        labels = {"name": "Name of the list"}
        error_messages = {"name": {"required": "Give the list a name."}}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off"})}

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        others = Panel.objects.exclude(pk=self.instance.pk)
        if others.filter(name__iexact=name).exists():
            raise forms.ValidationError("Another list has this name.")
        return name


class PanelistForm(forms.Form):
    """A phone, an email or both. Whoever may not see them leaves a field empty to keep it."""

    name = forms.CharField(
        max_length=100,
        error_messages={"required": "Give their name."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    email = forms.CharField(
        required=False,
        max_length=254,
        widget=forms.TextInput(
            attrs={"inputmode": "email", "autocomplete": "off", "spellcheck": "false"}
        ),
    )

    def __init__(self, panelist: Panelist, unmasked: bool, data: Any = None):
        self.panelist = panelist
        self.stored = panels.Shown(0, "")
        self.keeps = False
        if panelist.pk:
            self.stored = panels.shown(panelist, unmasked=True)
            self.keeps = not unmasked
        initial = {"name": self.stored.name}
        if not self.keeps:
            initial |= {PHONE: self.stored.phone, EMAIL: self.stored.email}
        super().__init__(data, initial=initial, auto_id="person_%s")
        if self.keeps:
            masked = panels.shown(panelist, unmasked=False)
            for kind, text in ((PHONE, masked.phone), (EMAIL, masked.email)):
                if text:
                    self.fields[kind].help_text = f"Leave it empty to keep {text}"

    def clean_phone(self) -> str:
        return self._identifier(PHONE, identifiers.phone, "Write it as +1 415 555 0143.")

    def clean_email(self) -> str:
        return self._identifier(EMAIL, identifiers.email, "Write it as ana@example.com.")

    def _identifier(self, kind: str, read: Callable[[str], Identified], example: str) -> str:
        found = read(self.cleaned_data[kind])
        if found.reason:
            noun = "a phone" if kind == PHONE else "an email"
            raise forms.ValidationError(f"This is not {noun}: {found.reason}. {example}")
        if not found.identifier and self.keeps:
            return str(getattr(self.stored, kind))
        return found.identifier or ""

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not self.errors and not (cleaned[PHONE] or cleaned[EMAIL]):
            self.add_error(PHONE, "Give a phone, an email or both.")
        others = list(self.panelist.panel.people.exclude(pk=self.panelist.pk))
        if len(others) >= trial.MOST:
            self.add_error("name", f"A list has at most {trial.MOST} people.")
        for other in (panels.shown(each, unmasked=True) for each in others):
            for kind in (PHONE, EMAIL):
                if cleaned.get(kind) and cleaned[kind] == getattr(other, kind):
                    self.add_error(kind, f"{other.name} has this {kind} already.")
        return cleaned

    @property
    def contact(self) -> dict[str, str]:
        return {kind: self.cleaned_data[kind] for kind in (PHONE, EMAIL)}
