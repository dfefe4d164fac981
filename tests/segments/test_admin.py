"""Admins say which segments are left out of every campaign."""

import pytest
from django.urls import reverse

from tests.segments.factories import SegmentFactory

pytestmark = pytest.mark.django_db


def change(client, segment, **values):
    return client.post(reverse("admin:segments_segment_change", args=[segment.pk]), values)


def test_an_admin_leaves_a_segment_out_of_every_campaign_and_takes_it_back(admin_client_):
    segment = SegmentFactory(name="Staff")
    edited_at = segment.edited_at
    assert change(admin_client_, segment, left_out_by_default="on").status_code == 302
    segment.refresh_from_db()
    assert segment.left_out_by_default
    assert (segment.name, segment.edited_at) == ("Staff", edited_at)
    change(admin_client_, segment)
    segment.refresh_from_db()
    assert not segment.left_out_by_default


def test_a_draft_is_not_left_out_by_default_but_can_be_taken_back(admin_client_):
    draft = SegmentFactory(rule=None)
    answer = change(admin_client_, draft, left_out_by_default="on")
    assert "Only an active segment can be left out" in answer.content.decode()
    told = SegmentFactory(rule=None, left_out_by_default=True)
    change(admin_client_, told)
    told.refresh_from_db()
    assert not told.left_out_by_default


def test_the_segments_page_leads_an_admin_there(admin_client_, marketer_client):
    segment = SegmentFactory(name="Staff", left_out_by_default=True)
    page = reverse("segments:detail", args=[segment.pk])
    there = reverse("admin:segments_segment_change", args=[segment.pk])
    assert "It is left out of every campaign." in marketer_client.get(page).content.decode()
    assert there not in marketer_client.get(page).content.decode()
    assert there in admin_client_.get(page).content.decode()
    assert admin_client_.get(reverse("admin:segments_segment_changelist")).status_code == 200
    assert marketer_client.get(there).status_code == 302
