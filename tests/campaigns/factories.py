from __future__ import annotations

import factory
from factory.django import DjangoModelFactory

from campaigns.models import AttributeMapping, Campaign, SubAudience, TreatmentGroup


class CampaignFactory(DjangoModelFactory[Campaign]):
    class Meta:
        model = Campaign

    name = factory.Sequence(lambda n: f"Autumn coffee {2020 + n}")
    delivery = factory.LazyFunction(lambda: {"when": "now"})


class SubAudienceFactory(DjangoModelFactory[SubAudience]):
    class Meta:
        model = SubAudience

    campaign = factory.SubFactory(CampaignFactory)
    position = factory.Sequence(lambda n: n)
    name = factory.Sequence(lambda n: f"Tier {n}")


class RemainingFactory(SubAudienceFactory):
    name = ""
    remaining = True


class GroupFactory(DjangoModelFactory[TreatmentGroup]):
    """destinations=[...]: where it goes."""

    class Meta:
        model = TreatmentGroup
        skip_postgeneration_save = True

    sub_audience = factory.SubFactory(RemainingFactory)
    position = factory.Sequence(lambda n: n)
    name = factory.Sequence(lambda n: f"Everyone text {n}")
    split = 100

    @factory.post_generation
    def destinations(self, create, given, **kwargs):
        self.destinations.set(given or [])


class MappingFactory(DjangoModelFactory[AttributeMapping]):
    class Meta:
        model = AttributeMapping

    campaign = factory.SubFactory(CampaignFactory)
    identifier = "phone"
    phone = "merged_customers.phone"
