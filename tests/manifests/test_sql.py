"""Segments in SQL in a manifest."""

import pytest

from manifests.errors import ManifestError
from manifests.exporting import export
from segments.models import Segment

STAFF = """version: 1
segments:
  - name: Staff
    active: true
    sql: |
      SELECT customer_id
      FROM merged_customers
      WHERE email LIKE '%@example.org'
  - {name: Not staff, active: true, rule: {none: [{segment: Staff}]}}
"""


def test_a_segment_in_sql_is_applied_and_exported(apply):
    apply(STAFF)
    segment = Segment.objects.get(name="Staff")
    assert segment.rule["sql"].startswith("SELECT customer_id\nFROM")
    assert segment.versions.get().rule == segment.rule
    text = export().text
    assert "sql: " in text
    plan = apply(text)
    assert {step.action for step in plan.steps} == {"keep"}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "FROM merged_customers",
            "FROM merged_customer",
            'segments[0].sql: Line 2, column 6: There is no table "merged_customer". '
            'Did you mean "merged_customers"?',
        ),
        (
            "SELECT customer_id",
            "DELETE",
            "segments[0].sql: Line 1, column 1: DELETE is not allowed.",
        ),
        ("{segment: Staff}", "{sql: SELECT 1}", "segments[1].rule: SQL stands alone"),
        (
            "rule: {none: [{segment: Staff}]}",
            "sql: [1]",
            "segments[1].sql: Write a SELECT, not a list.",
        ),
    ],
)
def test_what_is_wrong_with_sql_is_told_with_its_place(apply, old, new, fault):
    with pytest.raises(ManifestError) as told:
        apply(STAFF.replace(old, new))
    assert fault in str(told.value)
    assert not Segment.objects.exists()
