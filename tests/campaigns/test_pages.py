"""The campaign pages as a browser asks for them."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import AttributeMapping, Campaign, Status
from tests.campaigns.factories import (
    CampaignFactory,
    GroupFactory,
    MappingFactory,
    RemainingFactory,
)
from tests.destinations.factories import DefaultAttributesFactory, DestinationFactory
from tests.runs import brand

HTMX = {"HX-Request": "true"}


@pytest.fixture
def campaign(warehouse) -> Campaign:
    warehouse(brand.tables())
    return brand.campaign(DestinationFactory())


def ops(client, campaign, op, node="", value="", base=None):
    return client.post(
        reverse("campaigns:ops", args=[campaign.pk]),
        {
            "op": op,
            "node": node,
            "value": value,
            "base": campaign.revision if base is None else base,
        },
        headers=HTMX,
    )


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_default_attributes_stands_right_before_create_campaign(marketer_client, warehouse):
    page = marketer_client.get(reverse("campaigns:list")).content.decode()
    links = re.findall(r"<a [^>]*>([^<]+)</a>", page)
    place = links.index("Default attributes")
    assert links[place + 1] == "Create campaign"


def test_the_list_is_filtered_by_its_url(marketer_client, db):
    CampaignFactory(name="Autumn coffee")
    CampaignFactory(name="Winter tea", status=Status.DELIVERED)
    url = reverse("campaigns:list")
    assert "Winter tea" not in text(marketer_client.get(url, {"q": "coffee"}))
    assert "Autumn coffee" not in text(marketer_client.get(url, {"status": "delivered"}))
    assert "No campaigns match" in text(marketer_client.get(url, {"q": "cocoa"}))


def test_the_list_asks_the_database_as_often_for_30_campaigns_as_for_3(
    marketer_client, db, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    CampaignFactory.create_batch(3)
    with CaptureQueriesContext(
        connection,
    ) as few:
        marketer_client.get(reverse("campaigns:list"))
    CampaignFactory.create_batch(27)
    with django_assert_num_queries(len(few)):
        marketer_client.get(reverse("campaigns:list"))


def test_a_viewer_sees_no_edit_control(viewer_client, campaign):
    listing = viewer_client.get(reverse("campaigns:list")).content.decode()
    detail = viewer_client.get(reverse("campaigns:detail", args=[campaign.pk])).content.decode()
    assert "Create campaign" not in listing
    assert "Review and launch" not in detail
    assert "You can view this campaign." in detail
    assert viewer_client.get(reverse("campaigns:edit", args=[campaign.pk])).status_code == 403
    assert ops(viewer_client, campaign, "name", value="Mine").status_code == 403


def test_a_draft_is_made_from_a_name_and_segments(marketer_client, campaign):
    segment = campaign.include.get()
    response = marketer_client.post(
        reverse("campaigns:new"), {"name": "Winter tea", "include": [segment.pk]}
    )
    made = Campaign.objects.get(name="Winter tea")
    assert response.url == reverse("campaigns:edit", args=[made.pk])
    assert list(made.include.all()) == [segment]


def test_a_taken_name_loses_nothing_typed(marketer_client, campaign):
    segment = campaign.include.get()
    response = marketer_client.post(
        reverse("campaigns:new"), {"name": campaign.name, "include": [segment.pk]}
    )
    assert response.status_code == 422
    page = response.content.decode()
    assert "Another campaign has this name" in page
    assert f'value="{campaign.name}"' in page
    assert f'<option value="{segment.pk}" selected>' in page


def test_a_default_group_name_is_told_beside_it_with_a_suggestion(marketer_client, campaign):
    group = campaign.sub_audiences.get(remaining=True).groups.get()
    response = ops(marketer_client, campaign, "group_name", group.key, "recipient  1")
    assert response.status_code == 200
    assert "tells nobody at Attentive what this list is" in text(response)
    assert "Use “Everyone else 100%”" in text(response)


def test_the_lists_that_groups_fill_are_named(marketer_client, campaign):
    page = marketer_client.get(reverse("campaigns:edit", args=[campaign.pk]))
    assert "fills “Autumn coffee_Gold early access”" in text(page)


def test_a_refused_edit_keeps_what_was_typed(marketer_client, campaign):
    group = campaign.sub_audiences.get(remaining=True).groups.get()
    response = ops(marketer_client, campaign, "split", group.key, "lots")
    assert response.status_code == 422
    assert "Enter a whole number" in text(response)
    assert 'value="lots"' in response.content.decode()
    group.refresh_from_db()
    assert group.split == 100


def test_an_edit_of_what_is_gone_is_told(marketer_client, campaign):
    assert "This group is gone." in text(ops(marketer_client, campaign, "split", "gone", "5"))
    line = in_rule(marketer_client, campaign, "value", "gone", "Silver")
    assert "This line is gone." in text(line)


def test_a_stale_edit_of_the_same_asks_whose_stays(marketer_client, admin_client_, campaign):
    ops(admin_client_, campaign, "name", value="Winter tea")
    response = ops(marketer_client, campaign, "name", value="Spring tea")
    assert response.status_code == 409
    told = text(response)
    assert "Bo has changed the name meanwhile. Stored now Winter tea Yours Spring tea" in told
    assert "Bo is editing too" in told
    mine = marketer_client.post(
        reverse("campaigns:ops", args=[campaign.pk]),
        {"op": "name", "value": "Spring tea", "base": "0", "insists": "1"},
        headers=HTMX,
    )
    assert mine.status_code == 200
    assert "Undone" in text(ops(marketer_client, campaign, "undo", base=2))
    campaign.refresh_from_db()
    assert campaign.name == "Winter tea"


def test_splits_that_do_not_add_up_are_told(marketer_client, campaign):
    group = campaign.sub_audiences.get(remaining=True).groups.get()
    page = ops(marketer_client, campaign, "split", group.key, "95")
    assert "Splits add up to 95%. Bring them to 100%." in text(page)


def test_the_editors_numbers_add_up(marketer_client, campaign):
    url = reverse("campaigns:figures", args=[campaign.pk])
    page = marketer_client.get(url, headers=HTMX).content.decode()

    def cell(name):
        return int(re.search(rf'id="{name}"[^>]*value="(-?\d+)"', page)[1])

    assert cell("n-included") == 120
    assert cell("n-left-out") == -5
    assert cell("n-audience") == 115
    parts = campaign.sub_audiences.all()
    assert sum(cell(f"n-part-{part.key}") for part in parts) == 115


def test_numbers_that_were_counted_stand_on_the_page_at_once(marketer_client, campaign):
    edit = reverse("campaigns:edit", args=[campaign.pk])
    assert 'id="n-audience" value=""' in marketer_client.get(edit).content.decode()
    marketer_client.get(reverse("campaigns:figures", args=[campaign.pk]), headers=HTMX)
    assert 'id="n-audience" value="115"' in marketer_client.get(edit).content.decode()


def test_the_page_itself_asks_the_warehouse_nothing(marketer_client, campaign, settings, tmp_path):
    settings.WAREHOUSE_URL = f"duckdb://{tmp_path}/nowhere"
    response = marketer_client.get(reverse("campaigns:edit", args=[campaign.pk]))
    assert response.status_code == 200


def test_a_warehouse_that_does_not_answer_is_told_and_nothing_is_lost(
    marketer_client, campaign, settings
):
    settings.WAREHOUSE_URL = "postgres://nobody@127.0.0.1:1/nothing"
    url = reverse("campaigns:figures", args=[campaign.pk])
    page = text(marketer_client.get(url, headers=HTMX))
    assert "Could not count" in page
    assert "Your campaign is saved." in page


# The own rule of a sub-audience


def in_rule(client, campaign, op, node, *values):
    campaign.refresh_from_db()
    part = campaign.sub_audiences.get(name="Gold")
    return client.post(
        reverse("campaigns:rule_ops", args=[campaign.pk, part.key]),
        {"op": op, "node": node, "value": values, "base": campaign.revision},
        headers=HTMX,
    )


def of_gold(client, campaign):
    """How many customers the editor counts for it."""
    url = reverse("campaigns:figures", args=[campaign.pk])
    part = campaign.sub_audiences.get(name="Gold")
    page = client.get(url, headers=HTMX).content.decode()
    return int(re.search(rf'id="n-part-{part.key}"[^>]*value="(-?\d+)"', page)[1])


def test_the_rule_of_a_sub_audience_is_edited_line_by_line(marketer_client, campaign):
    root = f"rule-{campaign.sub_audiences.get(name='Gold').key}"
    before = of_gold(marketer_client, campaign)
    assert f'id="line-{root}-0"' in in_rule(marketer_client, campaign, "match", root, "all").text
    in_rule(marketer_client, campaign, "value", f"{root}-0", "Silver")
    assert of_gold(marketer_client, campaign) == 115 - before
    in_rule(marketer_client, campaign, "remove", f"{root}-0", "")
    assert campaign.sub_audiences.get(name="Gold").rule is None


def test_a_line_that_is_not_finished_counts_for_nothing_and_stops_a_launch(
    marketer_client, campaign
):
    root = f"rule-{campaign.sub_audiences.get(name='Gold').key}"
    before = of_gold(marketer_client, campaign)
    page = in_rule(marketer_client, campaign, "add", root, "attribute:customer_360.tier")
    assert "A line of its rule is not finished. Pick a value, or take the line out." in text(page)
    assert of_gold(marketer_client, campaign) == before
    review = marketer_client.get(reverse("runs:launch", args=[campaign.pk]), headers=HTMX)
    assert "Not ready to launch" in text(review)


# Timing


def timed(client, campaign, **fields):
    campaign.refresh_from_db()
    return client.post(
        reverse("campaigns:timing_ops", args=[campaign.pk]),
        {"op": "timing", "node": "", "base": campaign.revision, **fields},
        headers=HTMX,
    )


def test_a_campaign_is_given_a_schedule_and_its_launch_sets_it_going(marketer_client, campaign):
    timed(marketer_client, campaign, kind="week")
    page = timed(
        marketer_client,
        campaign,
        kind="week",
        on=["mon", "thu"],
        clock="08:30",
        zone="America/New_York",
        ends="runs",
        going="wait",
    )
    assert "Every Monday and Thursday at 08:30, New York, 5 runs. It waits" in text(page)
    assert re.search(r"Next: (Mon|Thu) \d+ \w+( \d{4})? 08:30, ", text(page))
    review = text(marketer_client.get(reverse("runs:launch", args=[campaign.pk]), headers=HTMX))
    assert re.search(r"Schedule for \d+ \w+( \d{4})? 08:30, New York", review)


def test_a_time_that_is_not_one_stays_typed_and_changes_nothing(marketer_client, campaign):
    timed(marketer_client, campaign, kind="cron")
    refused = timed(marketer_client, campaign, kind="cron", cron="0 25 * * *", zone="UTC")
    assert refused.status_code == 422
    assert "is no hour" in text(refused)
    assert 'value="0 25 * * *"' in refused.text
    timed(marketer_client, campaign, kind="at")
    past = timed(marketer_client, campaign, kind="at", day="2020-02-02", clock="09:00", zone="UTC")
    assert "This time has passed. Choose a later one." in text(past)
    campaign.refresh_from_db()
    assert campaign.delivery["at"] > "2026"


# Edit attributes


def attributes(client, campaign, op, *values):
    campaign.refresh_from_db()
    destination = campaign.sub_audiences.get(remaining=True).groups.get().destinations.get()
    return client.post(
        reverse("campaigns:attributes_ops", args=[campaign.pk, destination.pk]),
        {"op": op, "value": values, "base": campaign.revision},
        headers=HTMX,
    )


def test_choosing_email_releases_phone_visibly_with_undo(marketer_client, campaign):
    page = text(attributes(marketer_client, campaign, "identifier", "email"))
    assert "Now email. Phone is no longer sent." in page
    assert "Undo" in page
    mapping = AttributeMapping.objects.get()
    assert (mapping.identifier, mapping.phone) == ("email", "merged_customers.phone")
    attributes(marketer_client, campaign, "identifier", "phone")
    mapping.refresh_from_db()
    assert mapping.identifier == "phone"


@pytest.mark.parametrize("values", [["phone", "email"], [""], []])
def test_both_or_none_is_refused_and_nothing_changes(marketer_client, campaign, values):
    response = attributes(marketer_client, campaign, "identifier", *values)
    assert response.status_code == 422
    assert "exactly one" in text(response)
    assert not AttributeMapping.objects.exists()


def test_an_email_column_for_phone_is_refused_naming_the_share(marketer_client, campaign):
    response = attributes(marketer_client, campaign, "phone", "merged_customers.email")
    assert response.status_code == 422
    assert "100% of email are emails" in text(response)
    assert not AttributeMapping.objects.exists()


def test_a_table_is_chosen_with_the_column_that_is_meant_in_it(
    marketer_client, campaign, warehouse
):
    rows = [{"customer_id": f"c{n:03}", "phone": brand.given(n)} for n in range(120)]
    warehouse({"contacts": rows})
    attributes(marketer_client, campaign, "phone_table", "contacts")
    assert AttributeMapping.objects.get().phone == "contacts.phone"


def test_a_table_without_one_offers_its_columns_and_changes_nothing(marketer_client, campaign):
    response = attributes(marketer_client, campaign, "phone_table", "customer_360")
    assert "Still Merged Customers: Phone, until you choose one here." in text(response)
    assert re.search(r'<option value="customer_360" selected', response.text)
    assert 'value="customer_360.tier"' in response.text
    assert not AttributeMapping.objects.exists()


def test_what_differs_from_the_defaults_is_marked(marketer_client, campaign):
    page = text(attributes(marketer_client, campaign, "identifier", "email"))
    assert "Default: not sent" in page
    assert "Default: sent" in page
    attributes(marketer_client, campaign, "reset")
    destination = campaign.sub_audiences.get(remaining=True).groups.get().destinations.get()
    address = reverse("campaigns:attributes", args=[campaign.pk, destination.pk])
    assert "Default:" not in text(marketer_client.get(address))


def test_reset_follows_the_defaults_again(marketer_client, campaign):
    attributes(marketer_client, campaign, "identifier", "email")
    page = text(attributes(marketer_client, campaign, "reset"))
    assert "follows the default attributes" in page
    assert not AttributeMapping.objects.exists()


def test_each_choice_says_how_many_people_it_reaches(marketer_client, campaign):
    destination = campaign.sub_audiences.get(remaining=True).groups.get().destinations.get()
    url = reverse("campaigns:attributes_figures", args=[campaign.pk, destination.pk])
    page = text(marketer_client.get(url, headers=HTMX))
    assert re.search(r"With phone \d+ people , with email \d+ people", page)


# Who follows the default attributes


def followers(client, destination):
    url = reverse("campaigns:followers", args=[destination.pk])
    return text(client.get(url, headers=HTMX))


@pytest.fixture
def defaults(db):
    return DefaultAttributesFactory(destination__name="Attentive")


def sender(destination, own=False, **fields):
    part = RemainingFactory(campaign=CampaignFactory(**fields))
    GroupFactory(sub_audience=part, destinations=[destination])
    if own:
        MappingFactory(campaign=part.campaign, destination=destination)
    return part.campaign


def test_a_viewer_sees_who_follows_the_defaults_and_who_overrides_them(viewer_client, defaults):
    due = {"status": Status.SCHEDULED, "next_due_at": timezone.now()}
    sender(defaults.destination, name="Autumn coffee", **due)
    sender(defaults.destination, name="Win-back", own=True)
    sender(defaults.destination, name="Long gone", archived=True)
    sender(DestinationFactory(name="Elsewhere"), name="Not here")
    page = followers(viewer_client, defaults.destination)
    assert "Autumn coffee Scheduled At its next run" in page
    assert "Win-back Draft Never: it has attributes of its own" in page
    assert "Long gone" not in page
    assert "Not here" not in page


def test_nobody_is_touched_while_no_campaign_sends_there(viewer_client, defaults):
    page = followers(viewer_client, defaults.destination)
    assert "No campaign sends to Attentive yet." in page


def test_many_followers_are_named_in_part_and_counted(
    viewer_client, defaults, django_assert_max_num_queries
):
    for number in range(23):
        sender(defaults.destination, name=f"Coffee {number}")
    with django_assert_max_num_queries(10):
        page = followers(viewer_client, defaults.destination)
    assert page.count("When it is launched") == 20
    assert "3 more campaigns send to Attentive." in page


def test_the_defaults_page_shows_them_before_it_saves(viewer_client, defaults):
    url = reverse("campaigns:followers", args=[defaults.destination.pk])
    edit = reverse("destinations:edit_defaults", args=[defaults.destination.pk])
    assert f'hx-get="{url}"' in viewer_client.get(edit).content.decode()
    assert viewer_client.get(url).url == edit


def test_an_archived_segment_that_is_chosen_is_seen_and_taken_out(marketer_client, campaign):
    old, new = campaign.include.get(), brand.segment("Newcomers", brand.EVERYONE)
    type(old).objects.filter(pk=old.pk).update(archived=True)
    page = marketer_client.get(reverse("campaigns:edit", args=[campaign.pk])).content.decode()
    include = page.split('id="include"')[1].split("</select>")[0]
    assert f'<option value="{old.pk}" selected data-note="Archived">' in include
    url = reverse("campaigns:ops", args=[campaign.pk])
    picked = {"op": "include", "node": "", "base": campaign.revision, "value": [old.pk, new.pk]}
    marketer_client.post(url, picked, headers=HTMX)
    assert set(campaign.include.all()) == {old, new}
    campaign.refresh_from_db()
    assert ops(marketer_client, campaign, "include", value=new.pk).status_code == 200
    assert list(campaign.include.all()) == [new]


def test_an_archived_segment_cannot_be_chosen_anew(marketer_client, campaign):
    gone = brand.segment("Old tier", brand.EVERYONE)
    type(gone).objects.filter(pk=gone.pk).update(archived=True)
    ops(marketer_client, campaign, "exclude", value=gone.pk)
    assert gone not in campaign.exclude.all()


def test_the_day_of_the_messages_is_set_beside_that_of_the_lists(marketer_client, campaign):
    today = timezone.localdate().isoformat()
    fields = {"op": "timing", "kind": "now", "launch": today, "base": campaign.revision}
    url = reverse("campaigns:timing_ops", args=[campaign.pk])
    page = marketer_client.post(url, fields, headers=HTMX)
    campaign.refresh_from_db()
    assert campaign.messages_from == today
    assert "Attentive can take 24 hours to show the lists" in text(page)
    assert f'name="launch" value="{today}"' in page.content.decode()
    refused = marketer_client.post(
        url, fields | {"launch": "2020-01-01", "base": campaign.revision}, headers=HTMX
    )
    assert refused.status_code == 422
    assert "Messages cannot go out before the lists are filled" in text(refused)
    assert 'name="launch" value="2020-01-01"' in refused.content.decode()


def test_the_list_is_filtered_by_folder_label_and_owner(marketer_client, marketer):
    CampaignFactory(name="Spring tea", folder="Teas/Green", labels=["season"], owner=marketer)
    CampaignFactory(name="Win-back", folder="Teasers", labels=["seasonal"])
    url = reverse("campaigns:list")
    for asked in ({"folder": "Teas"}, {"label": "season"}, {"owner": marketer.pk}):
        page = text(marketer_client.get(url, asked, headers=HTMX))
        assert ("Spring tea" in page, "Win-back" in page) == (True, False), asked
    assert "Win-back" in text(marketer_client.get(url, {"q": "seasonal"}, headers=HTMX))


def test_a_scheduled_campaign_shows_its_cadence_and_next_time_and_can_be_unscheduled(
    marketer_client, viewer_client, db
):
    due = timezone.now().replace(year=2031, month=3, day=3, hour=9, minute=0)
    daily = {"every": "day", "at": "09:00", "time_zone": "UTC"}
    made = CampaignFactory(status=Status.SCHEDULED, next_due_at=due, delivery=daily)
    page = marketer_client.get(reverse("campaigns:list"))
    assert "Every day at 09:00, UTC. 3 Mar 2031 09:00, UTC" in text(page)
    assert reverse("campaigns:unschedule", args=[made.pk]) in page.content.decode()
    assert reverse("runs:launch", args=[made.pk]) in page.content.decode()
    viewed = viewer_client.get(reverse("campaigns:list")).content.decode()
    assert reverse("campaigns:unschedule", args=[made.pk]) not in viewed
