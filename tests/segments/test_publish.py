"""From draft to published, and what stands in the way of taking a segment out of use."""

import pytest

from core.edits import EditRefusedError
from segments import publishing, using
from segments.models import Segment
from tests.segments.factories import RULE, SegmentFactory
from warehouse.catalogue import current

SILVER = {"all": [{"attribute": "customer_360.tier", "operator": "is", "value": "Silver"}]}


@pytest.fixture(autouse=True)
def shop(warehouse):
    warehouse({"customer_360": [{"customer_id": "c1", "tier": "Gold"}]})


def test_publishing_makes_the_draft_the_rule_and_keeps_a_version(marketer):
    segment = SegmentFactory(rule=None, draft=RULE)
    version = publishing.publish(segment, marketer, current())
    segment.refresh_from_db()
    assert (segment.rule, segment.draft, segment.version) == (RULE, None, 1)
    assert (version.number, version.rule, version.author) == (1, RULE, marketer)


def test_publishing_again_makes_the_next_version(marketer):
    segment = SegmentFactory(rule=RULE, draft=SILVER)
    assert publishing.publish(segment, marketer, current()).number == 2
    assert publishing.publish(segment, marketer, current()) is None


def test_ids_and_incomplete_criteria_stay_in_the_draft(marketer):
    draft = {
        "id": "a",
        "all": [
            RULE["all"][0] | {"id": "b"},
            {"id": "c", "attribute": "customer_360.tier", "operator": "is_in", "value": []},
        ],
    }
    segment = SegmentFactory(rule=None, draft=draft)
    publishing.publish(segment, marketer, current())
    assert segment.rule == RULE


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": " "}, "Give the segment a name."),
        ({"draft": {"all": []}}, "Add at least one complete criterion"),
        ({"draft": {"all": [RULE["all"][0] | {"off": True}]}}, "Add at least one complete"),
        ({"draft": {"all": [{"segment": "Gone"}]}}, 'There is no segment "Gone".'),
    ],
)
def test_what_is_not_ready_is_not_published(marketer, fields, words):
    segment = SegmentFactory(**{"name": "Gold", "rule": None, "draft": RULE, **fields})
    with pytest.raises(publishing.PublishError, match=words):
        publishing.publish(segment, marketer, current())
    assert Segment.objects.get().rule is None


def test_a_circle_is_refused_when_it_would_close(marketer):
    SegmentFactory(name="B", rule={"all": [{"segment": "A"}]})
    segment = SegmentFactory(name="A", rule=RULE, draft={"all": [{"segment": "B"}]})
    with pytest.raises(publishing.PublishError, match="A -> B -> A"):
        publishing.publish(segment, marketer, current())


def test_a_draft_changed_meanwhile_is_not_published(marketer):
    segment = SegmentFactory(rule=None, draft=RULE)
    Segment.objects.update(revision=7)
    with pytest.raises(publishing.StaleError):
        publishing.publish(segment, marketer, current())


def test_what_is_used_can_neither_be_archived_nor_deleted():
    segment = SegmentFactory(name="Gold")
    other = SegmentFactory(name="Outer", rule={"none": [{"segment": "Gold"}]})
    campaign = segment.excluded_in.create(name="Autumn")
    used = using.usage(segment)
    assert used.segments == ((other.pk, "Outer"),)
    assert used.campaigns == ((campaign.pk, "Autumn"),)
    for step in (publishing.archive, publishing.delete):
        with pytest.raises(publishing.InUseError, match="used in Autumn, Outer"):
            step(segment, None)


def test_what_is_not_used_can_be_archived_and_deleted():
    segment = SegmentFactory()
    publishing.archive(segment, None)
    assert not Segment.objects.active().exists()
    publishing.delete(segment, None)
    assert not Segment.objects.exists()


def test_rules_follow_a_new_name():
    segment = SegmentFactory(name="Gold")
    other = SegmentFactory(rule={"any": [{"segment": "Gold"}]}, draft={"segment": "Gold"})
    publishing.rename(segment, " Golden ")
    other.refresh_from_db()
    assert segment.name == "Golden"
    assert other.rule == {"any": [{"segment": "Golden"}]}
    assert other.draft == {"segment": "Golden"}


def test_rules_that_rest_follow_a_new_name_too():
    segment = SegmentFactory(name="Gold")
    off = SegmentFactory(rule={"all": [RULE, {"segment": "Gold", "off": True}]})
    archived = SegmentFactory(rule={"none": [{"segment": "Gold"}]}, archived=True)
    publishing.rename(segment, "Golden")
    off.refresh_from_db()
    archived.refresh_from_db()
    assert off.rule["all"][1] == {"segment": "Golden", "off": True}
    assert archived.rule == {"none": [{"segment": "Golden"}]}


def test_what_is_left_out_of_every_campaign_can_neither_be_archived_nor_deleted():
    segment = SegmentFactory(name="Staff", left_out_by_default=True)
    for step in (publishing.archive, publishing.delete):
        with pytest.raises(publishing.AlwaysLeftOutError, match="Staff is left out of every"):
            step(segment, None)
    assert Segment.objects.active().get() == segment


def test_a_name_is_given_once():
    SegmentFactory(name="Gold")
    with pytest.raises(EditRefusedError, match='called "GOLD"'):
        publishing.rename(SegmentFactory(), "GOLD")
