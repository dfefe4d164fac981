from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from accounts.audited import AuditedAdmin
from accounts.forms import NewUserForm, TeamForm, UserForm
from accounts.models import AuditEntry, Team, User
from accounts.roles import GIVEN, ROLES, give_role, give_teams

# A person has one role, chosen at the person; what a role may do is written in accounts.roles.
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(AuditedAdmin, DjangoUserAdmin):
    form = UserForm
    add_form = NewUserForm
    add_form_template = None  # Django's promises more options afterwards: all are here
    list_display = ["email", "first_name", "last_name", "role", "is_active", "last_login"]
    list_filter = ["is_active", "groups", *GIVEN]
    search_fields = ["email", "first_name", "last_name"]
    ordering = ["email"]
    filter_horizontal = ()
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        ("Person", {"fields": ["first_name", "last_name"]}),
        ("Rights", {"fields": ["role", "teams", *GIVEN, "is_active"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": ["email", "first_name", "last_name", "password1", "password2", "role"],
            },
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description="Role")
    def role(self, user: User) -> str:
        return user.role or "none"

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        give_role(form.instance, form.cleaned_data["role"])
        if change:
            give_teams(form.instance, form.cleaned_data["teams"])


@admin.register(Team)
class TeamAdmin(AuditedAdmin):
    form = TeamForm
    list_display = ["name", "people"]
    search_fields = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        teams = super().get_queryset(request).exclude(name__in=ROLES)
        counted: QuerySet[Team] = teams.annotate(members=Count("user"))
        return counted

    @admin.display(description="People")
    def people(self, team: Any) -> int:
        return int(team.members)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What is kept for nobody but a team that is gone would be open to everyone."""
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        kept = [
            f"{each} is kept for {team}. Change that first."
            for team in objs
            for each in team.destinations.all()
        ]
        return deleted, counts, lacking, [*kept, *protected]


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):
    """To be read, never written."""

    list_display = ["at", "by", "action", "kind", "about", "details", "customers", "reason"]
    list_filter = ["at", "action", "kind", ("who", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["by", "about", "details", "reason"]
    search_help_text = "By whom, about what, or in whose words"
    date_hierarchy = "at"
    ordering = ["-at", "-pk"]
    fields = ["at", "by", "action", "kind", "about", "details", "customers", "reason"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
