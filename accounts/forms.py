"""What is typed to log in and to look after people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, BaseUserCreationForm, UserChangeForm
from django.forms.utils import ErrorDict

from accounts.models import Team, User
from accounts.roles import GIVEN, ROLES, role_of


class LoginForm(AuthenticationForm):
    """One message for a wrong email, a wrong password and a person who may not log in."""

    error_messages = {
        "invalid_login": "This email and password do not belong together. Check both.",
        "inactive": "This email and password do not belong together. Check both.",
    }
    username = forms.EmailField(
        label="Email",
        max_length=254,
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
        error_messages={"invalid": "Enter an email address such as ana@example.com."},
    )
    errors: ErrorDict


class RoleField(forms.ChoiceField):
    def __init__(self, **kwargs: Any):
        super().__init__(
            choices=[(role, role) for role in ROLES],
            widget=forms.RadioSelect,
            help_text="Marketers build and launch, approvers also agree to what others launch, "
            "viewers look on, "
            "admins do everything and look after this installation.",
            **kwargs,
        )


class TeamForm(forms.ModelForm):
    class Meta:
        model = Team
        fields = ["name"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if name.casefold() in {role.casefold() for role in ROLES}:
            raise forms.ValidationError("This is a role, which is chosen at the person.")
        return name


class NewUserForm(BaseUserCreationForm):
    role = RoleField()

    class Meta:
        model = User
        fields = ["email", "first_name", "last_name"]


class UserForm(UserChangeForm):
    role = RoleField()
    teams = forms.ModelMultipleChoiceField(
        Team.objects.exclude(name__in=ROLES),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Destinations can be kept for teams.",
    )

    class Meta:
        model = User
        fields = ["email", "first_name", "last_name", *GIVEN, "is_active", "password"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.initial["role"] = role_of(self.instance)
        if self.instance.pk:
            self.initial["teams"] = self.instance.groups.exclude(name__in=ROLES)
