"""The whole job of a marketer, from an empty segment to the lists at Attentive, and the same
campaign again as a manifest on an empty installation."""

import json
import re
from collections.abc import Callable

import pytest
from django.core.management import call_command
from playwright.sync_api import Locator, Page, expect

from campaigns.models import Campaign
from destinations.models import Credential, DefaultAttributes, Destination
from manifests.exporting import export
from runs.models import List, Run
from segments.models import Segment, SegmentVersion
from tests.browser import shop
from tests.browser.test_campaign import launch, name_group, send_group_to
from tests.destinations.factories import DestinationFactory

WANTED = shop.members(3, "50-74K")


@pytest.fixture
def stage(attentive, warehouse):
    warehouse(shop.tables())
    attentive.settings(job_seconds=1)
    destination = DestinationFactory(name="Attentive", base_url=attentive.url)
    DefaultAttributes.objects.create(
        destination=destination, identifier="phone", phone="merged_customers.phone"
    )
    return destination


def test_soft_drink_buyers_are_found_split_sent_and_sent_again_from_a_manifest(
    at_work, stage, attentive, worker, complaints, monkeypatch, tmp_path, capsys
):
    build_segment(at_work)
    build_campaign(at_work)
    people = launch(at_work)
    expect(at_work.get_by_text("Complete. The lists can be used")).to_be_visible(timeout=60_000)
    first = lists(attentive)
    assert sorted(first) == ["Summer drinks_A dollar off", "Summer drinks_Two for one"]
    together = set.union(*first.values())
    assert together <= {shop.phone(n) for n in WANTED if n % 9}
    assert sum(map(len, first.values())) == len(together) == people
    at_sandbox(at_work, attentive, first)
    assert complaints == []

    manifest = tmp_path / "muster.yaml"
    manifest.write_text(export().text)
    empty_installation()
    attentive.reset()
    attentive.settings(job_seconds=1)
    monkeypatch.setenv("ATTENTIVE_TOKEN", attentive.token)
    variable = re.search(r"env: (\w+)", manifest.read_text())[1]
    monkeypatch.setenv(variable, attentive.token)
    call_command("apply", str(manifest))
    capsys.readouterr()
    call_command("launch", "Summer drinks", "--wait", "--json")
    assert json.loads(capsys.readouterr().out)["state"] == "complete"
    assert lists(attentive) == first


def build_segment(page: Page) -> None:
    page.get_by_role("link", name="Segments").click()
    page.get_by_role("link", name="Create segment").first.click()
    look_up(page, "Criterion", "bought orders", "Bought")
    page.wait_for_url("**/edit/")
    look_up(page, "Condition", "categ", "Category")
    bought = page.get_by_role("article").first
    look_up(page, "Values", "soft", "Soft drinks", bought)
    saved(page, lambda: page.get_by_label("Times", exact=True).fill("3"))
    saved(page, lambda: page.get_by_label("Window", exact=True).select_option("in the last"))
    saved(page, lambda: page.get_by_label("Window length").fill("90"))
    look_up(page, "Criterion", "household", "Household income")
    income = page.get_by_role("article", name=re.compile("Household income"))
    look_up(page, "Values", "50-74", "50-74K", income)
    sentence = page.locator("#sentence")
    expect(sentence).to_contain_text("bought Soft drinks at least 3 times in the last 90 days")
    expect(sentence).to_contain_text("household income 50-74K")
    saved(page, lambda: page.get_by_label("Name", exact=True).fill("Soft drink fans"))
    expect(page.get_by_role("region", name="Numbers")).to_contain_text(f"{len(WANTED)} ")
    activate = f"Activate for {len(WANTED)} customers"
    page.get_by_role("button", name=activate).click()
    page.get_by_role("dialog").get_by_role("button", name=activate).click()
    page.wait_for_url(re.compile(r"/segments/\d+/$"))


def build_campaign(page: Page) -> None:
    """A tenth held out, two treatments to Attentive by phone."""
    page.get_by_role("link", name="Use in a campaign").click()
    page.get_by_label("Name", exact=True).fill("Summer drinks")
    page.get_by_role("button", name="Create campaign").click()
    page.wait_for_url("**/edit/")
    saved(page, lambda: page.get_by_role("button", name="Group", exact=True).click())
    name_group(page, 1, "Held out")
    saved(page, lambda: page.get_by_label("Held out is a control group").check())
    saved(page, lambda: page.get_by_label("Split of Held out").fill("10"))
    name_group(page, 2, "Two for one")
    name_group(page, 3, "A dollar off")
    saved(page, lambda: page.get_by_role("button", name="Even out").click())
    expect(page.get_by_label("Split of Two for one")).to_have_value("45")
    send_group_to(page, "Two for one", "Attentive")
    send_group_to(page, "A dollar off", "Attentive")
    expect(page.get_by_text("Nothing stops a launch.")).to_be_visible()


def saved(page: Page, act: Callable[[], object]) -> None:
    """Do something and wait until it is stored."""
    with page.expect_response(re.compile("/ops/")):
        act()


def look_up(
    page: Page, label: str, typed: str, option: str, where: Page | Locator | None = None
) -> None:
    (where or page).get_by_role("combobox", name=label, exact=True).click()
    page.keyboard.type(typed)
    found = page.locator("[role=option]:visible").filter(has_text=option).first
    saved(page, found.click)
    page.keyboard.press("Escape")


def lists(attentive) -> dict[str, set[str]]:
    """Name -> members, as Attentive has them."""
    return {each["name"]: attentive.members(key) for key, each in attentive.segments().items()}


def at_sandbox(page: Page, attentive, expected: dict[str, set[str]]) -> None:
    """The sandbox's own pages show the lists with their members."""
    for name, members in expected.items():
        page.goto(attentive.url)
        row = page.get_by_role("row", name=name)
        expect(row).to_contain_text(str(len(members)))
        row.get_by_role("link").first.click()
        for phone in members:
            expect(page.get_by_text(phone)).to_be_visible()


def empty_installation() -> None:
    """As though it were set up today, on the same tables."""
    for model in (Run, List, Campaign, SegmentVersion, Segment, Destination, Credential):
        model.objects.all().delete()
