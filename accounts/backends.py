"""What a person may do: what their role and their own rights say, in one look at the database."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model

from accounts.models import User
from accounts.roles import permissions_of


class RoleBackend(ModelBackend):
    def get_all_permissions(
        self, user_obj: User | AnonymousUser, obj: Model | None = None
    ) -> set[str]:
        """As Django's for superusers; for others what accounts.roles says.

        Those of a single row (obj) do not exist here.
        """
        if user_obj.is_superuser or not isinstance(user_obj, User):
            return super().get_all_permissions(user_obj, obj)
        if not user_obj.is_active or obj is not None:
            return set()
        return set(permissions_of(user_obj))
