"""How large segments were, day by day, and who joined and left between two counts.

Each count keeps the customer ids that it found in a file below VAR_DIR/segments, which the
count's row names. Files go after a few days, the sizes stay.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.errors import MusterError
from core.files import replacing
from segments.compile import members, to_query
from segments.models import Segment, SegmentCount
from segments.numbers import counting
from warehouse.engines import engine
from warehouse.scratch import scratch

FILES_KEPT = timedelta(days=9)  # so that a week ago can still be looked at
COUNTS_KEPT = timedelta(days=400)
NEWEST = 2  # files that are kept, however old


class MembersGoneError(MusterError):
    def __init__(self, day: date):
        super().__init__(day)
        self.day = day

    def __str__(self) -> str:
        return f"Who was in the segment on {self.day} is no longer kept."


@dataclass(frozen=True, slots=True)
class Change:
    """Customers between two counts."""

    joined: int
    left: int


def due(now: Any = None) -> list[int]:
    """The active segments whose version was not counted yet today, in the brand's zone."""
    today = timezone.localdate(now)
    counted = set(SegmentCount.objects.filter(day=today).values_list("segment_id", "version"))
    active = Segment.objects.active().order_by("pk").values_list("pk", "version")
    return [pk for pk, version in active if (pk, version) not in counted]


def count(segment_id: int) -> SegmentCount | None:
    """Count the published rule and keep who is in it; once a day and version.

    None when that was done already, or the segment is not in use. Raises RuleError,
    WarehouseError.
    """
    segment = Segment.objects.active().filter(pk=segment_id).first()
    context = counting.context()
    day = timezone.localdate(context.moment)
    if segment is None or segment.counts.filter(day=day, version=segment.version).exists():
        return None
    source = engine()
    version = source.version()
    name = f"{day.isoformat()}-{uuid.uuid4().hex[:8]}.parquet"
    path = _folder(segment.pk) / name
    customers = _write(path, to_query(members(segment.rule, context), context, source.dialect))
    try:
        with transaction.atomic():
            made = SegmentCount.objects.create(
                segment=segment,
                version=segment.version,
                day=day,
                counted_at=context.moment,
                customers=customers,
                data_version=version,
                members=name,
            )
    except IntegrityError:  # another worker was quicker, or the segment is gone
        path.unlink(missing_ok=True)
        return None
    forget(segment)
    return made


def _write(path: Path, query: Any) -> int:
    """The ids that the query finds, as a file; how many there are."""
    customers = 0
    with replacing(path) as rough:
        writer = None
        for batch in engine().stream(query):
            writer = writer or pq.ParquetWriter(rough, batch.schema)
            writer.write_batch(batch)
            customers += batch.num_rows
        if writer:
            writer.close()
    return customers


def forget(segment: Segment) -> None:
    """Let go of files and counts past their time, and of files that no count names."""
    now = timezone.now()
    segment.counts.filter(counted_at__lt=now - COUNTS_KEPT).delete()
    with_files = segment.counts.exclude(members="").order_by("-counted_at")
    old = [each.pk for each in with_files[NEWEST:] if each.counted_at < now - FILES_KEPT]
    segment.counts.filter(pk__in=old).update(members="")
    kept = set(segment.counts.exclude(members="").values_list("members", flat=True))
    for path in _folder(segment.pk).glob("*.parquet"):
        if path.name not in kept and _is_old(path, now):
            path.unlink(missing_ok=True)


def _is_old(path: Path, now: Any) -> bool:
    """Is no worker about to store the row that names it?"""
    return bool(path.stat().st_mtime < (now - timedelta(hours=1)).timestamp())


def joined_left(segment: Segment, earlier: SegmentCount, later: SegmentCount) -> Change:
    """How many customers joined and left between two counts of a segment.

    Raises MembersGoneError when one of the files is no longer kept.
    """
    before, after = (str(members_file(segment, each)) for each in (earlier, later))
    with scratch() as connection:
        ((joined, left),) = connection.execute(
            "SELECT count(*) FILTER (earlier.customer_id IS NULL), "
            "count(*) FILTER (later.customer_id IS NULL) "
            "FROM read_parquet($before) earlier FULL JOIN read_parquet($after) later "
            "USING (customer_id)",
            {"before": before, "after": after},
        ).fetchall()
    return Change(joined, left)


def new_in(
    segment: Segment, earlier: SegmentCount, later: SegmentCount, after: str, before: str, most: int
) -> list[str]:
    """The customers of one count whom another lacks, in the order of their ids from behind
    ``after`` on, or down from in front of ``before``; at most so many.

    Raises MembersGoneError when one of the files is no longer kept.
    """
    with scratch() as connection:
        found = connection.execute(
            "SELECT later.customer_id FROM read_parquet($later) later "
            "ANTI JOIN read_parquet($earlier) earlier USING (customer_id) "
            "WHERE later.customer_id > $after "
            "AND ($before = '' OR later.customer_id < $before) "
            "ORDER BY CASE WHEN $before = '' THEN later.customer_id END, later.customer_id DESC "
            "LIMIT $most",
            {
                "earlier": str(members_file(segment, earlier)),
                "later": str(members_file(segment, later)),
                "after": "" if before else after,
                "before": before,
                "most": most,
            },
        ).fetchall()
    return [str(id) for (id,) in found]


def members_file(segment: Segment, count: SegmentCount) -> Path:
    """The Parquet file of a count's members (column customer_id). Raises MembersGoneError."""
    path = _folder(segment.pk) / count.members
    if not count.members or not path.exists():
        raise MembersGoneError(count.day)
    return path


def kept(segment: Segment) -> list[SegmentCount]:
    """The counts whose members can still be read, newest first."""
    return list(segment.counts.exclude(members="").order_by("-counted_at"))


def week_before(counts: list[SegmentCount]) -> SegmentCount:
    """Of at least two counts, newest first: the newest that is a week older than the first, or
    the oldest."""
    newest, *others = counts
    older = [each for each in others if each.day <= newest.day - timedelta(days=7)]
    return older[0] if older else others[-1]


def _folder(segment_id: int) -> Path:
    return Path(settings.VAR_DIR) / "segments" / str(segment_id)
