"""Who: saved rules, their versions, and uploaded lists of values."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from core.filing import Filed
from core.revisions import Revision
from segments.querysets import SegmentQuerySet


class Segment(Filed):
    """A saved rule: a draft beside the published version.

    rule: the published rule as in the rule language, null until it is first
    activated; draft: the rule being edited, null when it equals the published one.
    revision: grows with every stored edit; an edit names the one it was made on.
    """

    name = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    rule = models.JSONField(null=True, blank=True)
    draft = models.JSONField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    revision = models.PositiveIntegerField(default=0, editable=False)
    archived = models.BooleanField(default=False)
    left_out_by_default = models.BooleanField(
        default=False, help_text="Left out of every campaign."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    edited_at = models.DateTimeField(auto_now=True)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        ordering = ["-edited_at", "-pk"]
        permissions = [("use_sql", "Can write segments in SQL")]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                condition=~models.Q(name=""),
                name="segment_name_unique",
                violation_error_message="Another segment has this name.",
            )
        ]

    def __str__(self) -> str:
        return self.name or "Draft without a name"

    @property
    def active(self) -> bool:
        return self.rule is not None and not self.archived

    @property
    def current_rule(self) -> Any:
        """What the editor shows: the draft, without one the published rule."""
        return self.draft if self.draft is not None else self.rule


class Folder(models.Model):
    """A folder that a person made, empty or not. path: the names to it, as "Brand/Autumn"."""

    path = models.CharField(max_length=200)

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(
                Lower("path"),
                name="folder_path_unique",
                violation_error_message="Another folder has this name.",
            )
        ]

    def __str__(self) -> str:
        return self.path


class SegmentVersion(models.Model):
    """A rule as it was published."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    rule = models.JSONField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint("segment", "number", name="segment_version_unique")]

    def __str__(self) -> str:
        return f"{self.segment} v{self.number}"


class SegmentRevision(Revision):
    """What the editor showed after an edit. state: the rule, whole, each node with its id."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="revisions")

    class Meta(Revision.Meta):
        constraints = [models.UniqueConstraint("segment", "number", name="segment_revision_unique")]

    def __str__(self) -> str:
        return f"{self.segment} revision {self.number}"


class SegmentCount(models.Model):
    """How large a segment was: one a day and version, so that a size over time can be drawn.

    members: the file with the customer ids below VAR_DIR/segments, '' once it is no longer
    kept. day: the calendar day of the count in the brand's zone.
    """

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="counts")
    version = models.PositiveIntegerField()
    day = models.DateField()
    counted_at = models.DateTimeField()
    customers = models.PositiveBigIntegerField()
    data_version = models.CharField(max_length=64, blank=True)
    members = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["counted_at", "pk"]
        constraints = [
            models.UniqueConstraint("segment", "day", "version", name="segment_count_unique")
        ]

    def __str__(self) -> str:
        return f"{self.segment}, {self.day}: {self.customers:,}"


class Metric(models.Model):
    """A figure of the brand's own, told of every segment.

    measured: {"attribute": "table.column"}, or an event in the words of the rule language
    (event, where, period, measure, of) without operator and value. unit: words behind the
    number; a bar chart has neither unit nor format.
    """

    class Aggregate(models.TextChoices):
        AVERAGE = "average", "Average"
        TOTAL = "total", "Total"
        LOWEST = "lowest", "Lowest"
        HIGHEST = "highest", "Highest"
        SHARE = "share", "Share that is yes"
        COUNT = "count", "How many have a value"
        BARS = "bars", "Bar chart of its values"

    class Format(models.TextChoices):
        NUMBER = "number", "Number"
        INTEGER = "integer", "Whole number"
        MONEY = "money", "Money"
        PERCENT = "percent", "Percent"

    name = models.CharField(max_length=60)
    measured = models.JSONField()
    aggregate = models.CharField(max_length=10, choices=Aggregate)
    format = models.CharField(max_length=10, choices=Format, default=Format.NUMBER)
    unit = models.CharField(max_length=20, blank=True)
    position = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="metric_name_unique",
                violation_error_message="Another metric has this name.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class CustomerList(models.Model):
    """A file of customer ids, emails or phones; its values lie in VAR_DIR/lists/DIGEST.parquet.

    digest: SHA-256 of the values, sorted, without doubles; the file is never changed.
    """

    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="list_name_unique",
                violation_error_message="Another list has this name.",
            )
        ]

    def __str__(self) -> str:
        return self.name
