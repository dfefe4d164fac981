from __future__ import annotations

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from destinations.models import Credential, DefaultAttributes, Destination
from tests.fixtures.attentive import TOKEN


class CredentialFactory(DjangoModelFactory[Credential]):
    """A credential whose token the sandbox of the tests takes."""

    class Meta:
        model = Credential

    name = factory.Sequence(lambda n: f"Credential {n}")
    secret = factory.LazyFunction(lambda: {"token": TOKEN})
    set_at = factory.LazyFunction(timezone.now)


class DestinationFactory(DjangoModelFactory[Destination]):
    """Give base_url=attentive.url where it is really called."""

    class Meta:
        model = Destination

    name = factory.Sequence(lambda n: f"Attentive {n}")
    credential = factory.SubFactory(CredentialFactory)


class DefaultAttributesFactory(DjangoModelFactory[DefaultAttributes]):
    class Meta:
        model = DefaultAttributes

    destination = factory.SubFactory(DestinationFactory)
    identifier = "phone"
    phone = "merged_customers.phone"
