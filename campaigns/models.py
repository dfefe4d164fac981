"""What and when: campaigns, their sub-audiences, treatment groups and attribute mappings."""

from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from campaigns import schedule
from campaigns.querysets import CampaignQuerySet
from core.filing import Filed
from core.formats import counted, moment
from core.revisions import Revision
from destinations.models import Destination, Identifier
from segments.models import Segment


def new_key() -> str:
    return uuid.uuid4().hex


def new_seed() -> str:
    return secrets.token_hex(8)


class Status(models.TextChoices):
    """Draft and scheduled are the campaign's own; the others are those of its last run."""

    DRAFT = "draft", "Draft"
    SCHEDULED = "scheduled", "Scheduled"
    RUNNING = "running", "Running"
    WAITING = "waiting", "Waiting for you"
    DELIVERED = "delivered", "Delivered"
    PARTLY_DELIVERED = "partly_delivered", "Partly delivered"
    ERROR = "error", "Error"
    STOPPED = "stopped", "Stopped"


class Campaign(Filed):
    """Segments to include and leave out, split into groups, each sent to destinations.

    delivery: when, as in the manifest ({"when": "now"} and its like).
    next_due_at: when its schedule comes due next, null without one that is going; for
    ``after_load`` the moment from which it is due once the data is no longer ``loaded``,
    the data version that its schedule last saw. scheduled_runs: those that it has started.
    missed_at: the due time that came while nobody could start a run, until a run starts.
    revision: grows with every stored edit; an edit names the one it was made on.
    """

    key = models.CharField(max_length=32, default=new_key, editable=False, unique=True)
    name = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT)
    archived = models.BooleanField(default=False)
    include = models.ManyToManyField(Segment, related_name="included_in", blank=True)
    exclude = models.ManyToManyField(Segment, related_name="excluded_in", blank=True)
    first_match_only = models.BooleanField("assign to first match only", default=True)
    delivery = models.JSONField(default=dict, blank=True)
    messages_from = models.JSONField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0, editable=False)
    people = models.BigIntegerField(
        null=True, editable=False, help_text="To send, when last counted."
    )
    last_run_at = models.DateTimeField(null=True, editable=False)
    next_due_at = models.DateTimeField(null=True, editable=False, db_index=True)
    scheduled_runs = models.PositiveIntegerField(default=0, editable=False)
    missed_at = models.DateTimeField(null=True, editable=False)
    loaded = models.CharField(max_length=64, blank=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    edited_at = models.DateTimeField(auto_now=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-edited_at", "-pk"]
        permissions = [
            ("launch_campaign", "Can launch and stop campaigns"),
            ("approve_campaign", "Can approve launches of others"),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                condition=~Q(name="") & Q(archived=False),
                name="campaign_name_unique",
                violation_error_message="Another campaign has this name.",
            )
        ]

    def __str__(self) -> str:
        return self.name or "Draft without a name"

    @property
    def timing(self) -> str:
        """When it runs, in words."""
        return schedule.sentence(self.delivery)

    @property
    def missed(self) -> str:
        """What a person must decide after a due time was missed; '' when nothing."""
        if self.missed_at is None:
            return ""
        due = moment(self.missed_at, self.delivery.get("time_zone"))
        left_alone = (
            f"Otherwise it runs next on {self.due_next}."
            if self.due_next
            else "Otherwise it does not run."
        )
        return f"Missed: it was due on {due}, and no worker was there. Press Run now. {left_alone}"

    @property
    def due_next(self) -> str:
        """Its next due time, in words; '' without one that is known."""
        if self.next_due_at is None or schedule.after_load(self.delivery):
            return ""
        return moment(self.next_due_at, self.delivery.get("time_zone"))


class ApprovalRule(models.Model):
    """Above how many people a launch needs another person's approval; at most one row."""

    above = models.PositiveBigIntegerField(
        "needs approval above",
        null=True,
        blank=True,
        help_text="People to send. A launch or schedule for more of them waits until an approver "
        "agrees who neither asked nor edited the campaign since its last run. 0: every launch. "
        "Empty: none needs approval.",
    )

    class Meta:
        verbose_name_plural = "approval rule"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_approval_rule")]

    def __str__(self) -> str:
        if self.above is None:
            return "No launch needs approval"
        return f"Launches to more than {self.above:,} people need approval"


class Approval(models.Model):
    """The question whether a campaign may be launched, as it stood, and the answer.

    revision, definition: what was asked about: the campaign's revision, and the SHA-256 of
    its frozen definition, in which the rules of its segments are. people: to send, when it
    was asked. words: why it is asked. answer: the approver's words.
    """

    class State(models.TextChoices):
        ASKED = "asked", "Waiting for approval"
        APPROVED = "approved", "Approved"
        DECLINED = "declined", "Declined"
        REPLACED = "replaced", "Replaced by a later one"

    MARGIN = 10  # percent of people more that an approval covers: data moves each day

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="approvals")
    revision = models.PositiveIntegerField()
    definition = models.CharField(max_length=64)
    people = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    words = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(state="asked"), name="one_approval_asked"
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=models.F("asked_by")),
                name="approval_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.get_state_display()}"

    @property
    def question(self) -> str:
        people = counted(self.people, "person,people")
        return f"{self.asked_by or 'Somebody'} asks for approval to send it to {people}."

    @property
    def up_to(self) -> int:
        """As many people as it covers."""
        return self.people + self.people * self.MARGIN // 100


class SubAudience(models.Model):
    """A named part of the audience, in order; the remaining audience members come last.

    A customer belongs to it by its own rule, or by any of its segments. The rule is kept as
    the editor shows it: its nodes with ids, and criteria that are not finished among them.
    seed: with the customer id it decides the treatment group, the same in every run.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="sub_audiences")
    key = models.CharField(max_length=32, default=new_key, editable=False, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=100, blank=True)
    remaining = models.BooleanField(default=False, editable=False)
    rule = models.JSONField(null=True, blank=True)
    segments = models.ManyToManyField(Segment, related_name="sub_audiences", blank=True)
    seed = models.CharField(max_length=64, default=new_seed)

    class Meta:
        ordering = ["remaining", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                "campaign",
                Lower("name"),
                condition=~Q(name=""),
                name="sub_audience_name_unique",
                violation_error_message="Another sub-audience here has this name.",
            ),
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(remaining=True), name="one_remaining"
            ),
        ]

    def __str__(self) -> str:
        return "Remaining audience members" if self.remaining else self.name


class TreatmentGroup(models.Model):
    """A percentage slice of a sub-audience. A control group is held out: nothing is sent."""

    sub_audience = models.ForeignKey(SubAudience, models.CASCADE, related_name="groups")
    key = models.CharField(max_length=32, default=new_key, editable=False, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=100, blank=True)
    split = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(100)])
    control = models.BooleanField(default=False)
    destinations = models.ManyToManyField(Destination, related_name="groups", blank=True)
    sent_to: list[Destination]  # the same, of a campaign loaded with ``with_groups``

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                "sub_audience",
                Lower("name"),
                condition=~Q(name=""),
                name="group_name_unique",
                violation_error_message="Another group here has this name.",
            ),
            models.CheckConstraint(condition=Q(split__range=(0, 100)), name="group_split_percent"),
        ]

    def __str__(self) -> str:
        return self.name or "(no name yet)"


class AttributeMapping(models.Model):
    """Edit attributes: what one campaign sends to one destination instead of its defaults.

    phone, email: "table.column"; identifier: the one of the two that is sent,
    empty until it is chosen. only_where: a rule node, e.g. a consent attribute.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="mappings")
    destination = models.ForeignKey(Destination, models.CASCADE, related_name="mappings")
    identifier = models.CharField(max_length=5, choices=Identifier, blank=True)
    phone = models.CharField(max_length=401, blank=True)
    email = models.CharField(max_length=401, blank=True)
    only_where = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "destination"], name="mapping_unique"),
            models.CheckConstraint(
                condition=Q(identifier="")
                | (Q(identifier="phone") & ~Q(phone=""))
                | (Q(identifier="email") & ~Q(email="")),
                name="mapping_one_identifier",
                violation_error_message="Attentive takes a phone or an email for each person: "
                "choose one and its source.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.destination}"

    @property
    def source(self) -> str:
        return {"phone": self.phone, "email": self.email}.get(self.identifier, "")


class CampaignRevision(Revision):
    """A campaign after an edit. state: as ``campaigns.states`` reads and writes it.

    sitting: whether it is the last of what somebody did in one go, which history keeps.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="revisions")
    sitting = models.BooleanField(default=False)

    class Meta(Revision.Meta):
        constraints = [
            models.UniqueConstraint("campaign", "number", name="campaign_revision_unique")
        ]

    def __str__(self) -> str:
        return f"{self.campaign} revision {self.number}"
