"""Carried out: runs, deliveries, batches, the lists they fill; and who gets their tests."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from campaigns.models import Campaign
from core.fields import EncryptedJSONField
from destinations.models import Destination, Identifier
from runs.querysets import (
    BatchQuerySet,
    DeliveryQuerySet,
    ListQuerySet,
    PanelQuerySet,
    RunQuerySet,
)


class RunState(models.TextChoices):
    BUILDING = "building", "Building"
    SENDING = "sending", "Sending"
    PROCESSING = "processing", "Attentive is processing"
    WAITING = "waiting", "Waiting for you"
    COMPLETE = "complete", "Complete"
    PARTIAL = "partial", "Partly delivered"
    FAILED = "failed", "Failed"
    STOPPED = "stopped", "Stopped"


ENDED = (RunState.COMPLETE, RunState.PARTIAL, RunState.FAILED, RunState.STOPPED)


class Panel(models.Model):
    """People whom marketers name to get tests, whether or not they are customers."""

    name = models.CharField(max_length=100)
    edited_at = models.DateTimeField(auto_now=True)

    objects = PanelQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name")]
        verbose_name = "list of test people"
        verbose_name_plural = "lists of test people"
        constraints = [models.UniqueConstraint(Lower("name"), name="panel_name_unique")]

    def __str__(self) -> str:
        return self.name


class Panelist(models.Model):
    """contact: their "phone" and "email" as destinations know them, one of them at least."""

    panel = models.ForeignKey(Panel, models.CASCADE, related_name="people")
    name = models.CharField(max_length=100)
    contact = EncryptedJSONField(default=dict)

    class Meta:
        ordering = [Lower("name"), "pk"]
        verbose_name = "test person"
        verbose_name_plural = "test people"

    def __str__(self) -> str:
        return self.name


class List(models.Model):
    """A list at a destination: the Attentive segment that one treatment group fills.

    external_id: ours, deterministic; group: the treatment group's key. name: as the
    destination knows it. ledger: the Parquet file (relative to VAR_DIR) of what the
    list was known to hold when its last delivery ended, '' before the first one; what
    batches did since then is added to it by ``runs.ledger``. held, maybe: people in it.
    removal_due_at: of a test list, when its removal is tried next, null before somebody asked
    for it; problem: why that failed; removed_at: when it was removed. One whose removal was
    asked for is filled no more.
    """

    destination = models.ForeignKey(Destination, models.PROTECT, related_name="lists")
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="lists")
    group = models.CharField(max_length=32, blank=True)
    external_id = models.CharField(max_length=255)
    name = models.CharField(max_length=240)
    identifier = models.CharField(max_length=5, choices=Identifier)
    test = models.BooleanField(default=False)
    made_at = models.DateTimeField(null=True, blank=True)  # when the destination first had it
    ledger = models.CharField(max_length=300, blank=True)
    held = models.BigIntegerField(default=0)
    maybe = models.BigIntegerField(default=0)
    removal_due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    nudged_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)

    objects = ListQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["destination", "external_id"], name="list_external_id_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Run(models.Model):
    """One execution of a campaign, with its frozen definition.

    definition: campaigns.definition.Definition as JSON. moment: the "now" of every
    relative date in it. test_size, test_to: of a test, how many customers of the audience it
    goes to, or the name of the panel; test_groups: the keys of the treatment groups whose
    test lists it fills, [] for all. promised, promised_version: the number to send, and the
    data version that it was counted on, as whoever launched it was shown them; null where
    nobody was.
    most: how many people it may be sent to without another approval, null for any number.
    retry_of: the run whose audience it takes, to send only those who failed there. figures:
    campaigns.figures.Figures as JSON, null until split.
    snapshot, members, recipients: files, relative to VAR_DIR, '' until they are whole;
    each attempt writes its own, so that a late one changes nothing. The members of a test to
    a panel are written when it is launched.
    attempt and lease_until: who may take its next step. nudged_at: when a task for it
    was last enqueued by the reconciler.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="runs")
    number = models.PositiveIntegerField()
    test = models.BooleanField(default=False)
    test_size = models.PositiveSmallIntegerField(null=True, blank=True)
    test_to = models.CharField(max_length=100, blank=True)
    test_groups = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=12, choices=RunState, default=RunState.BUILDING)
    definition = models.JSONField()
    moment = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    retry_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="retries"
    )
    promised = models.BigIntegerField(null=True, blank=True)
    promised_version = models.CharField(max_length=64, blank=True)
    most = models.PositiveBigIntegerField(null=True, blank=True)
    data_version = models.CharField(max_length=64, blank=True)
    snapshot = models.CharField(max_length=300, blank=True)
    members = models.CharField(max_length=300, blank=True)
    recipients = models.CharField(max_length=300, blank=True)
    figures = models.JSONField(null=True, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField()
    built_at = models.DateTimeField(null=True, blank=True)
    split_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    nudged_at = models.DateTimeField(null=True, blank=True)
    stop_requested_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)  # what happened and what to do, for a person

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="run_number_unique"),
            models.UniqueConstraint(
                fields=["campaign", "due_at"],
                condition=Q(due_at__isnull=False),
                name="run_due_once",
            ),
            models.UniqueConstraint(
                fields=["campaign"],
                condition=~Q(state__in=["complete", "partial", "failed", "stopped"]),
                name="one_run_going",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign}, run {self.number}"


class DeliveryState(models.TextChoices):
    PREPARING = "preparing", "Preparing"
    WAITING = "waiting", "Waiting for you"
    SENDING = "sending", "Sending"
    PROCESSING = "processing", "Attentive is processing"
    COMPLETE = "complete", "Complete"
    PARTIAL = "partial", "Partly delivered"
    FAILED = "failed", "Failed"
    STOPPED = "stopped", "Stopped"


class Delivery(models.Model):
    """What one run sends for one treatment group to one destination.

    Counts are people; null until they are known. customers = filtered + no_identifier
    + invalid + duplicate + kept + added; added = accepted + unknown + failed
    + not_reported + waiting (computed). file: identifier, operation, row_group, position,
    relative to VAR_DIR, '' until its batches are stored.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="deliveries")
    list = models.ForeignKey(List, models.PROTECT, related_name="deliveries")
    destination = models.ForeignKey(Destination, models.PROTECT, related_name="deliveries")
    part = models.PositiveSmallIntegerField()  # index into the definition's parts
    group = models.PositiveSmallIntegerField()  # index into the part's groups
    sub_audience = models.CharField(max_length=100)
    treatment_group = models.CharField(max_length=100)
    segment_name = models.CharField(max_length=240)
    state = models.CharField(max_length=12, choices=DeliveryState, default=DeliveryState.PREPARING)
    customers = models.BigIntegerField(null=True)
    filtered = models.BigIntegerField(null=True)
    no_identifier = models.BigIntegerField(null=True)
    invalid = models.BigIntegerField(null=True)
    duplicate = models.BigIntegerField(null=True)
    kept = models.BigIntegerField(null=True)
    added = models.BigIntegerField(null=True)
    removed = models.BigIntegerField(null=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    removal_approved = models.BooleanField(null=True)  # false: keep them
    file = models.CharField(max_length=300, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField()
    nudged_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["part", "group", "destination_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "part", "group", "destination"], name="delivery_unique"
            ),
            models.UniqueConstraint(
                fields=["list"],
                condition=Q(state__in=["sending", "processing"]),
                name="one_delivery_a_list",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run}: {self.segment_name}"


class BatchState(models.TextChoices):
    READY = "ready", "Ready"
    SENDING = "sending", "Sending"  # the intent is stored; whether Attentive has it is unknown
    SENT = "sent", "Sent"  # Attentive took it; its job is followed
    DONE = "done", "Done"  # its job ended
    FAILED = "failed", "Failed"  # refused, or its job ended without success
    UNSENT = "unsent", "Not sent"  # the run ended before Attentive took it
    REPLACED = "replaced", "Replaced"  # too large; two halves took its place


class Batch(models.Model):
    """One request's worth of a delivery. Every attempt sends the same bytes.

    number: counted over additions and removals together. Its members are ``size``
    rows from ``offset`` on in row group ``row_group`` of the delivery's file.
    body_hash: SHA-256 of the request's body. begun: requests whose bytes may have
    left; answered: those of them whose answer is known, so that begun - answered
    requests may be carried out at any time. waits_until: not to begin before, as the
    opposite may still be going on. Result counts are null until the job's result was
    read; results: the file of those that it did not accept, relative to VAR_DIR.
    """

    class Operation(models.TextChoices):
        ADD = "add", "Add"
        REMOVE = "remove", "Remove"

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="batches")
    number = models.PositiveIntegerField()
    operation = models.CharField(max_length=6, choices=Operation)
    row_group = models.PositiveIntegerField()
    offset = models.PositiveIntegerField(default=0)
    size = models.PositiveIntegerField()
    body_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=BatchState, default=BatchState.READY)
    attempt = models.PositiveIntegerField(default=0)
    begun = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField()
    waits_until = models.DateTimeField(null=True, blank=True)
    nudged_at = models.DateTimeField(null=True, blank=True)
    job_id = models.CharField(max_length=100, blank=True)
    job_status = models.CharField(max_length=50, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    polls = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    results = models.CharField(max_length=300, blank=True)
    accepted = models.PositiveIntegerField(null=True)
    unknown = models.PositiveIntegerField(null=True)
    failed = models.PositiveIntegerField(null=True)
    not_reported = models.PositiveIntegerField(null=True)
    problem = models.TextField(blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(fields=["delivery", "state"], name="batch_of_state"),
            models.Index(fields=["state", "due_at"], name="batch_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="batch_unique"),
            models.CheckConstraint(condition=Q(size__range=(1, 10_000)), name="batch_size"),
            models.CheckConstraint(
                condition=Q(answered__lte=models.F("begun")), name="batch_answers"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery}, batch {self.number}"


class LogEntry(models.Model):
    """A line of a run's log: what happened, in words, without any personal data."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="log")
    at = models.DateTimeField()
    text = models.CharField(max_length=500)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text
