"""What the demo sets up once, and keeps."""

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.test import RequestFactory

from accounts import roles
from accounts.models import User
from campaigns.models import Campaign, Status
from demo import PASSWORD, prepare
from destinations.models import Destination
from segments.models import Segment


@pytest.fixture
def brand(warehouse):
    call_command("load_demo", customers=300)


def stage(port: int = 19009) -> None:
    prepare.set_the_stage(port, "a-token", lambda text: None)


def test_everybody_can_log_in_with_the_printed_password(db):
    prepare.add_people()
    prepare.add_people()
    for role, email, *_ in prepare.PEOPLE:
        user = authenticate(RequestFactory().post("/login/"), username=email, password=PASSWORD)
        assert isinstance(user, User)
        assert roles.role_of(user) == role


def test_the_first_start_sets_segments_and_drafts_up(brand):
    stage()
    assert Segment.objects.count() == 6
    assert {campaign.status for campaign in Campaign.objects.all()} == {Status.DRAFT}
    assert Campaign.objects.count() == 2
    assert Destination.objects.get().base_url == "http://127.0.0.1:19009"


def test_what_is_there_is_left_alone(brand):
    Segment.objects.create(name="Mine")
    stage()
    assert Segment.objects.count() == 1
    assert not Campaign.objects.exists()


def test_the_rehearsal_destination_follows_the_sandbox_to_another_port(brand):
    stage(19009)
    stage(19010)
    assert Destination.objects.get().base_url == "http://127.0.0.1:19010"


def test_a_destination_that_was_pointed_elsewhere_stays_there(brand):
    stage(19009)
    Destination.objects.update(base_url="https://api.attentivemobile.com")
    stage(19010)
    assert Destination.objects.get().base_url == "https://api.attentivemobile.com"
