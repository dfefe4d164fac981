"""Test lists are removed from Attentive when a person asks, whatever happens meanwhile."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from runs import clearing
from runs.launch import launch
from runs.models import List, RunState
from runs.trial import Trial
from tests.runs import brand

HTMX = {"HX-Request": "true"}


@pytest.fixture
def tested(world, warehouse):
    """A campaign and its first test, which has ended."""
    warehouse(brand.tables(30))
    campaign = brand.campaign(world.destination)
    run = world.finish(launch(campaign, test=Trial(4), tools=world.tools))
    assert run.state == RunState.COMPLETE
    return run


def lists(attentive) -> set[str]:
    return {each["name"] for each in attentive.segments().values() if not each["archived"]}


def test_they_are_removed_and_the_next_test_makes_new_ones(world, tested, attentive):
    made = lists(attentive)
    assert made
    clearing.remove_tests(tested.campaign, tools=world.tools)
    world.work()
    assert not lists(attentive)
    assert not List.objects.filter(removed_at=None).exists()
    with pytest.raises(clearing.NoTestListsError):
        clearing.remove_tests(tested.campaign, tools=world.tools)
    again = world.finish(launch(tested.campaign, test=Trial(4), tools=world.tools))
    assert again.state == RunState.COMPLETE
    assert lists(attentive) == made


def test_an_attentive_that_is_away_is_asked_again(world, tested, attentive):
    attentive.fault("status", method="DELETE", status=503, times=3)
    clearing.remove_tests(tested.campaign, tools=world.tools)
    world.bag.clear()  # the broker lost the messages
    world.tick()
    world.work()
    told = clearing.words(list(List.objects.all()))
    assert re.match(r"Its test lists are being removed from Attentive\. \S", told)
    for _ in range(4):
        world.tick(61)
        world.work()
    assert not lists(attentive)
    assert clearing.words(list(List.objects.all())) == "Its test lists are removed from Attentive."


def test_the_lists_of_a_real_run_stay(world, tested, attentive):
    world.finish(launch(tested.campaign, tools=world.tools))
    clearing.remove_tests(tested.campaign, tools=world.tools)
    world.work()
    assert lists(attentive)
    assert not [each for each in lists(attentive) if each.startswith("TEST_")]


def test_while_a_test_is_going_nothing_is_removed(world, tested):
    launch(tested.campaign, test=Trial(4), tools=world.tools)
    with pytest.raises(clearing.TestGoingError):
        clearing.remove_tests(tested.campaign, tools=world.tools)


def test_the_page_of_a_test_offers_it_and_tells_what_becomes_of_it(
    world, tested, marketer_client, viewer_client
):
    page = reverse("runs:detail", args=[tested.pk])
    assert "Remove test lists" in marketer_client.get(page).content.decode()
    assert "Remove test lists" not in viewer_client.get(page).content.decode()
    url = reverse("runs:remove_lists", args=[tested.pk])
    shown = marketer_client.post(url, headers=HTMX).content.decode()
    assert "Its test lists are being removed from Attentive." in shown
    assert "Remove test lists" not in shown
    world.clock = timezone.now()
    world.tick()
    world.work()
    assert "Its test lists are removed" in viewer_client.get(page).content.decode()
