"""Size over time, and who joined and left."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree

import pytest
import time_machine
from django.utils import timezone

from core.errors import MusterError
from segments import publishing
from segments.models import Segment, SegmentCount
from segments.numbers import tracking
from segments.sheets import overview
from segments.tasks import count_due_segments, count_segment
from tests.segments.factories import SegmentFactory, SegmentVersionFactory
from warehouse.catalogue import current

GOLD = {"attribute": "customer_360.tier", "operator": "is", "value": "Gold"}
MONDAY = datetime(2026, 3, 2, 12, tzinfo=timezone.get_default_timezone())


def tiers(**tier_of: str) -> dict[str, list[dict[str, str]]]:
    return {"customer_360": [{"customer_id": who, "tier": tier} for who, tier in tier_of.items()]}


@pytest.fixture
def gold(warehouse, settings) -> Segment:
    rmtree(Path(settings.VAR_DIR) / "segments", ignore_errors=True)
    warehouse(tiers(a="Gold", b="Gold", c="Silver"))
    return SegmentFactory(rule=GOLD)


def files(segment: Segment) -> list[Path]:
    return list(tracking._folder(segment.pk).iterdir())


def counted(segment: Segment, day: int) -> SegmentCount:
    with time_machine.travel(MONDAY + timedelta(days=day), tick=False):
        made = tracking.count(segment.pk)
    assert made is not None
    return made


def test_a_segment_is_counted_once_a_day_and_version(gold):
    assert counted(gold, 0).customers == 2
    with time_machine.travel(MONDAY + timedelta(hours=5), tick=False):
        assert tracking.due() == []
        count_segment(gold.pk)
        Segment.objects.update(version=2)
        assert tracking.due() == [gold.pk]
        count_segment(gold.pk)
    assert gold.counts.count() == len(files(gold)) == 2


def test_who_joined_and_left_between_two_counts(gold, warehouse):
    monday = counted(gold, 0)
    warehouse(tiers(a="Gold", c="Gold", d="Gold"))
    tuesday = counted(gold, 1)
    assert tracking.joined_left(gold, monday, tuesday) == tracking.Change(joined=2, left=1)
    assert tracking.kept(gold) == [tuesday, monday]


def test_files_go_after_a_while_and_sizes_stay(gold):
    days = [counted(gold, day) for day in (0, 1, 2, 20)]
    kept = [each.day for each in gold.counts.exclude(members="")]
    assert kept == [each.day for each in days[2:]]  # the newest two, however old
    assert gold.counts.count() == 4
    first = gold.counts.get(pk=days[0].pk)
    with pytest.raises(tracking.MembersGoneError, match="no longer kept"):
        tracking.joined_left(gold, first, days[3])


def test_a_file_that_was_lost_is_told_in_words(gold):
    monday, tuesday = counted(gold, 0), counted(gold, 1)
    for path in files(gold):
        path.unlink()
    with pytest.raises(tracking.MembersGoneError):
        tracking.joined_left(gold, monday, tuesday)


def test_a_segment_that_is_not_in_use_is_not_counted(gold):
    draft = SegmentFactory(rule=None, draft=GOLD)
    archived = SegmentFactory(rule=GOLD, archived=True)
    assert tracking.due() == [gold.pk]
    assert tracking.count(draft.pk) is tracking.count(archived.pk) is tracking.count(0) is None


def test_a_rule_that_no_longer_fits_stops_no_other(gold, caplog):
    broken = SegmentFactory(rule=GOLD | {"attribute": "customer_360.gone"})
    with pytest.raises(MusterError):
        tracking.count(broken.pk)
    count_segment(broken.pk)
    assert "was not counted" in caplog.text


def test_publishing_and_the_hour_ask_for_a_count(gold, django_capture_on_commit_callbacks, valkey):
    Segment.objects.update(draft=GOLD | {"value": "Silver"})
    gold.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        publishing.publish(gold, None, current())
    count_due_segments()
    asked = [json.loads(message)["headers"] for message in valkey.lrange("build", 0, -1)]
    assert [(each["task"], each["argsrepr"]) for each in asked] == [
        ("segments.tasks.count_segment", f"({gold.pk},)")
    ] * 2


def test_the_line_begins_with_the_second_day_and_marks_versions(gold):
    with time_machine.travel(MONDAY + timedelta(days=3)):
        counted(gold, 0)
        assert overview.size(gold)["line"] is None
        counted(gold, 2)
        SegmentVersionFactory(segment=gold, number=2)
        gold.versions.update(published_at=MONDAY + timedelta(days=1))
        shown = overview.size(gold)
    assert shown["finding"] == "2 customers on 4 Mar, 0 since 2 Mar."
    assert [(mark.at, mark.label) for mark in shown["line"].happened] == [("50", "v2")]
