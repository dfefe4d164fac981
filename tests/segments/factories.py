"""Segments for tests."""

import factory

from segments.models import Segment, SegmentVersion

RULE = {"all": [{"attribute": "customer_360.tier", "operator": "is", "value": "Gold"}]}


class SegmentFactory(factory.django.DjangoModelFactory):
    """A published segment; draft=RULE, rule=None for one that never was."""

    class Meta:
        model = Segment

    name = factory.Sequence(lambda n: f"Gold customers {n}")
    rule = factory.LazyFunction(lambda: RULE)
    version = factory.LazyAttribute(lambda segment: 0 if segment.rule is None else 1)


class SegmentVersionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SegmentVersion

    segment = factory.SubFactory(SegmentFactory)
    number = 1
    rule = factory.LazyFunction(lambda: RULE)
