"""A segment that a campaign's rules name is in use."""

import pytest

from segments import publishing, using
from tests.campaigns.factories import GroupFactory, MappingFactory, SubAudienceFactory
from tests.destinations.factories import DestinationFactory
from tests.segments.factories import SegmentFactory

pytestmark = pytest.mark.django_db


def test_a_campaign_uses_the_segments_that_its_rules_name():
    segment = SegmentFactory(name="Gold")
    in_rule = SubAudienceFactory(rule={"none": [{"segment": "Gold"}]}).campaign
    sent = DestinationFactory()
    in_mapping = MappingFactory(destination=sent, only_where={"segment": "Gold"}).campaign
    GroupFactory(sub_audience__campaign=in_mapping, destinations=[sent])
    assert dict(using.usage(segment).campaigns) == {
        in_rule.pk: in_rule.name,
        in_mapping.pk: in_mapping.name,
    }
    for step in (publishing.archive, publishing.delete):
        with pytest.raises(publishing.InUseError, match=in_rule.name):
            step(segment, None)


def test_rules_that_nobody_reads_use_no_segment():
    segment = SegmentFactory(name="Gold")
    SubAudienceFactory(rule={"segment": "Gold"}, campaign__archived=True)
    SubAudienceFactory(rule={"segment": "Gold"}).segments.add(SegmentFactory())
    MappingFactory(destination=DestinationFactory(), only_where={"segment": "Gold"})
    assert not using.usage(segment)
