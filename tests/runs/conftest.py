import pytest

from campaigns.models import Campaign
from tests.runs.world import Audience, World, destination


@pytest.fixture
def world(transactional_db, attentive) -> World:
    return World(destination(attentive.url, attentive.token, batch_size=10))


@pytest.fixture
def audience(world) -> Audience:
    return Audience(world, Campaign.objects.create(name="Autumn coffee"))
