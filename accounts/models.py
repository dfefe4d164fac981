"""Who works here, one role each, and what they did that must be answered for."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager, Group
from django.db import models
from django.utils.functional import cached_property

from accounts.errors import KeptError
from accounts.querysets import AppendOnly
from accounts.roles import role_of


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractUser):
    """A person who logs in with an email address."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(
        "email",
        max_length=254,
        unique=True,
        error_messages={"unique": "Someone with this email exists already."},
    )

    sees_contacts = models.BooleanField(
        "may see contact data",
        default=False,
        help_text="Emails, phones, names and addresses of customers; otherwise they are masked.",
    )
    exports_customers = models.BooleanField(
        "may export customers",
        default=False,
        help_text="As a file, with a reason that is kept. "
        "Contact data is in it only for those who may see it.",
    )

    writes_sql = models.BooleanField(
        "may write segments in SQL",
        default=False,
        help_text="SQL reads every column of the customer tables, and can keep them busy.",
    )

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta(AbstractUser.Meta):
        permissions = (
            ("see_contacts", "Can see customers' contact data"),
            ("export_customers", "Can export customers"),
        )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def clean(self) -> None:
        # Before the form looks whether the address is taken: it is, in any case.
        super().clean()
        self.email = self.email.lower()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    @cached_property
    def role(self) -> str:
        """Marketer, Approver, Viewer or Admin; "" for someone who was given none."""
        return role_of(self)


class Team(Group):
    """Some of the people here, for whom a destination can be kept. It brings no rights."""

    class Meta:
        proxy = True


class AuditEntry(models.Model):
    """Something done that must be answered for: written once, never changed nor taken away.

    by: the person's email at the time, which outlives the account; "Muster" for what it did
    by itself, or the name of a command. kind, key: what it was done to: the model's name and
    the row's id, "" and null without a row. about: its name as it was then. customers: how
    many people it was about. details: which fields changed or which columns left, never what
    they held. reason: in the person's words.
    """

    class Action(models.TextChoices):
        CREATED = "created", "Created"
        CHANGED = "changed", "Changed"
        PUBLISHED = "published", "Activated"
        ARCHIVED = "archived", "Archived"
        RESTORED = "restored", "Restored"
        DELETED = "deleted", "Deleted"
        LAUNCHED = "launched", "Launched"
        SCHEDULED = "scheduled", "Scheduled"
        UNSCHEDULED = "unscheduled", "Unscheduled"
        TESTED = "tested", "Sent a test"
        STOPPED = "stopped", "Stopped"
        RETRIED = "retried", "Retried what failed"
        DECIDED = "decided", "Answered a large removal"
        CLEARED = "cleared", "Removed test lists"
        ASKED = "asked", "Asked for approval"
        APPROVED = "approved", "Approved"
        DECLINED = "declined", "Declined"
        EXPORTED = "exported", "Exported customers"
        DOWNLOADED = "downloaded", "Downloaded results"
        LOGGED_IN = "logged_in", "Logged in"
        LOGGED_OUT = "logged_out", "Logged out"
        LOG_IN_FAILED = "log_in_failed", "Failed to log in"

    at = models.DateTimeField(auto_now_add=True)
    who = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    by = models.CharField(max_length=254)
    action = models.CharField(max_length=20, choices=Action)
    kind = models.CharField(max_length=50, blank=True)
    key = models.BigIntegerField(null=True)
    about = models.CharField(max_length=300)
    customers = models.PositiveBigIntegerField("people", null=True)
    details = models.TextField(blank=True)
    reason = models.TextField(blank=True)

    objects: ClassVar[AppendOnly] = AppendOnly.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name_plural = "audit"
        indexes = (
            models.Index(fields=["kind", "key", "-at"], name="audit_of_one"),
            models.Index(fields=["-at"], name="audit_newest"),
        )

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.about}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise KeptError
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise KeptError
