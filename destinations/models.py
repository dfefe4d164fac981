"""Where to: credentials, destinations, and their default attributes."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from core.fields import EncryptedJSONField
from destinations.querysets import DestinationQuerySet
from destinations.validators import validate_base_url, validate_list_name


class Kind(models.TextChoices):
    ATTENTIVE_API = "attentive-api", "Attentive (API)"


class Identifier(models.TextChoices):
    PHONE = "phone", "Phone"
    EMAIL = "email", "Email"


class Credential(models.Model):
    """What opens a destination. The secret is encrypted at rest and never shown again.

    secret: {"token": "..."} for Attentive (API).
    refused_at: when the destination last refused it; nothing is sent until it is replaced.
    """

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.ATTENTIVE_API)
    secret = EncryptedJSONField(default=dict)
    set_at = models.DateTimeField(null=True, blank=True, editable=False)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    refused_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="credential_name_unique",
                violation_error_message="Another credential has this name.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Destination(models.Model):
    """A configured, credentialed place to send to.

    test_result: destinations.checking.Check as JSON, {} before the first test.
    """

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.ATTENTIVE_API)
    credential = models.ForeignKey(Credential, models.PROTECT, related_name="destinations")
    enabled = models.BooleanField(
        default=True, help_text="Switched off: runs that need it wait, and no launch can use it."
    )
    base_url = models.CharField(
        "base URL",
        max_length=300,
        default="https://api.attentivemobile.com",
        validators=[validate_base_url],
        help_text="Where it is called; OUTBOUND_HOSTS must list the host.",
    )
    segment_name = models.CharField(
        "name template",
        max_length=200,
        default="{campaign}_{group}",
        validators=[validate_list_name],
        help_text="The list's name: {campaign}, {sub_audience}, {group}, {date}.",
    )
    requests_per_second = models.PositiveSmallIntegerField(
        default=100, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    batch_size = models.PositiveSmallIntegerField(
        default=10_000, validators=[MinValueValidator(1), MaxValueValidator(10_000)]
    )
    removal_limit = models.PositiveSmallIntegerField(
        "removal limit (%)",
        default=30,
        validators=[MaxValueValidator(100)],
        help_text="A run that would remove a larger part of a list waits for a person.",
    )
    settle_hours = models.PositiveSmallIntegerField(
        default=12,
        help_text="How long a lost answer counts as still being carried out.",
    )
    only_for = models.ManyToManyField(
        Group,
        verbose_name="only for",
        related_name="destinations",
        blank=True,
        help_text="Only people in one of these teams or roles, and admins, can choose it, change "
        "its attributes and launch to it. Empty: everyone who may launch.",
    )
    tested_at = models.DateTimeField(null=True, blank=True, editable=False)
    test_result = models.JSONField(default=dict, blank=True, editable=False)

    objects = DestinationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="destination_name_unique",
                violation_error_message="Another destination has this name.",
            ),
            models.CheckConstraint(
                condition=Q(batch_size__range=(1, 10_000)), name="destination_batch_size"
            ),
            models.CheckConstraint(
                condition=Q(requests_per_second__range=(1, 100)), name="destination_rate"
            ),
            models.CheckConstraint(
                condition=Q(removal_limit__range=(0, 100)), name="destination_removal_limit"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def only_words(self) -> str:
        """Who alone may use it, for somebody who may not."""
        names = ", ".join(group.name for group in self.only_for.all())
        return f"Only {names} may send to {self.name}."

    @property
    def state(self) -> str:
        """A key of core.badges: what stands between it and a launch."""
        if not self.enabled:
            return "off"
        if self.credential.refused_at:
            return "refused"
        if self.tested_at is None:
            return "not_tested"
        return "connected" if self.test_result.get("ok") else "down"


class DefaultAttributes(models.Model):
    """Which source feeds a destination where a campaign does not say otherwise.

    phone, email: "table.column". Exactly one of the two is sent: the identifier.
    """

    destination = models.OneToOneField(
        Destination, models.CASCADE, related_name="default_attributes"
    )
    identifier = models.CharField(max_length=5, choices=Identifier)
    phone = models.CharField(max_length=401, blank=True)
    email = models.CharField(max_length=401, blank=True)
    edited_at = models.DateTimeField(auto_now=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name_plural = "default attributes"
        constraints = [
            models.CheckConstraint(
                condition=(Q(identifier="phone") & ~Q(phone=""))
                | (Q(identifier="email") & ~Q(email="")),
                name="default_attributes_one_identifier",
                violation_error_message="Attentive takes a phone or an email for each person: "
                "choose one and its source.",
            )
        ]

    def __str__(self) -> str:
        return f"Default attributes of {self.destination}"

    @property
    def source(self) -> str:
        return self.phone if self.identifier == Identifier.PHONE else self.email
