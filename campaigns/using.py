"""The rules of campaigns that name a segment: of sub-audiences, and of who is sent at all."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from django.db.models import F

from campaigns.models import AttributeMapping, SubAudience
from segments import drafts
from segments.rules import segment_names


def users(names: Set[str], **about: Any) -> dict[str, dict[int, str]]:
    """The campaigns (id: name) whose rules name each segment: ``segments.using.asked``.

    Archived campaigns do not count, nor do rules that nothing is read from: of a
    sub-audience that has segments, of a destination that no group is sent to.
    """
    parts = SubAudience.objects.filter(
        campaign__archived=False, rule__isnull=False, remaining=False, segments=None
    )
    mappings = AttributeMapping.objects.filter(
        campaign__archived=False,
        only_where__isnull=False,
        destination__groups__control=False,
        destination__groups__sub_audience__campaign=F("campaign"),
    )
    rules = [
        *parts.values_list("rule", "campaign_id", "campaign__name"),
        *mappings.values_list("only_where", "campaign_id", "campaign__name"),
    ]
    found: dict[str, dict[int, str]] = {}
    for rule, pk, called in rules:
        for name in names & segment_names(rule):
            found.setdefault(name, {})[pk] = called
    return found


def follow(old: str, new: str, **about: Any) -> None:
    """A segment was renamed: ``segments.publishing.renamed``."""
    for part in SubAudience.objects.filter(rule__isnull=False):
        if (rule := drafts.naming(part.rule, old, new)) != part.rule:
            part.rule = rule
            part.save(update_fields=["rule"])
    for mapping in AttributeMapping.objects.filter(only_where__isnull=False):
        if (rule := drafts.naming(mapping.only_where, old, new)) != mapping.only_where:
            mapping.only_where = rule
            mapping.save(update_fields=["only_where"])
