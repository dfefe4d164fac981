"""The segments page: finding segments, and what is done with several at once."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from segments import folders, labels, using
from segments.models import Folder, Segment, SegmentCount
from tests.campaigns.factories import CampaignFactory, SubAudienceFactory
from tests.segments.factories import SegmentFactory

HTMX = {"HX-Request": "true"}
GOLD = {"all": [{"attribute": "customer_360.tier", "operator": "is", "value": "Gold"}]}
RICH = {"attribute": "customer_360.household_income", "operator": "is_in", "value": ["75-99K"]}
INDEX = "/segments/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(marketer_client):
    """The names of the rows that a filtered list shows, in their order."""

    def names(**query):
        rows = marketer_client.get(INDEX, query, headers=HTMX).text
        return re.findall(r'class="main"><a href="[^"]+">([^<]+)<', rows)

    return names


def bulk(action):
    return reverse("segments:bulk", args=[action])


def test_a_search_looks_into_names_labels_folders_and_rules(found):
    SegmentFactory(name="Golden", rule=GOLD)
    SegmentFactory(name="Wealthy", rule=None, draft={"all": [RICH]}, labels=["autumn-26"])
    SegmentFactory(name="Café", rule={**RICH, "value": ["Zürich"]}, folder="Brand/Spring")
    assert found(q="gold") == ["Golden"]
    assert found(q="household income 75-99") == ["Wealthy"]
    assert found(q="autumn-26") == ["Wealthy"]
    assert found(q="spring") == ["Café"]
    assert found(q="Zürich") == ["Café"]
    assert found(q="operator") == []


def test_a_search_knows_what_the_catalogue_calls_a_column(found, warehouse):
    warehouse({"customer_360": [{"customer_id": "c1", "tier": "Gold"}]})
    from warehouse.models import Attribute

    Attribute.objects.filter(name="tier").update(label="Loyalty level")
    SegmentFactory(name="Golden", rule=GOLD)
    SegmentFactory(name="Wealthy", rule=RICH)
    assert found(q="loyalty") == ["Golden"]


def test_filters_narrow_the_list_together(found, marketer, admin):
    SegmentFactory(name="A", folder="Brand", labels=["vip"], created_by=marketer)
    SegmentFactory(name="B", folder="Brand/Autumn", labels=["vip-2"], edited_by=admin)
    SegmentFactory(name="C", folder="Brands", created_by=admin)
    old = SegmentFactory(name="D")
    Segment.objects.filter(pk=old.pk).update(edited_at=timezone.now() - timedelta(days=100))
    assert found(folder="Brand") == ["B", "A"]
    assert found(label="vip") == ["A"]
    assert found(owner=admin.pk) == ["C"]
    assert found(editor=admin.pk) == ["B"]
    assert found(edited="-90") == ["D"]
    assert found(edited="7", folder="Brand", owner=marketer.pk) == ["A"]


def test_the_numbers_say_how_a_segment_changed_in_a_week(marketer_client, warehouse):
    warehouse({"customer_360": [{"customer_id": f"c{n}", "tier": "Gold"} for n in range(5)]})
    counted, new = SegmentFactory(rule=GOLD), SegmentFactory(rule=GOLD)
    today = timezone.localdate()
    for segment, ago, customers in ((counted, 9, 1), (counted, 7, 2), (counted, 1, 4), (new, 1, 4)):
        day = today - timedelta(days=ago)
        SegmentCount.objects.create(
            segment=segment,
            version=1,
            day=day,
            counted_at=timezone.now() - timedelta(days=ago),
            customers=customers,
        )
    asked = f"{reverse('segments:counts')}?ids={counted.pk},{new.pk}"
    answer = marketer_client.get(asked, headers=HTMX).text
    assert re.search(rf'id="week-{counted.pk}"[^>]*><span class="delta ">\+3<', answer)
    assert re.search(rf'id="week-{new.pk}"[^>]*><span class="delta ">-<', answer)


def test_the_list_is_sorted_by_name_and_says_so(found, marketer_client):
    for name in ("beta", "Alpha", "gamma"):
        SegmentFactory(name=name)
    assert found(sort="name") == ["Alpha", "beta", "gamma"]
    page = marketer_client.get(INDEX, {"sort": "-name"}).text
    assert re.search(r'aria-sort="descending"><a class="sort" href="\?sort=name">Name', page)


def test_the_list_is_sorted_by_status(found):
    for name, more in (("A", {"archived": True}), ("D", {"rule": None}), ("B", {"rule": GOLD})):
        SegmentFactory(name=name, **more)
    assert found(sort="status") == ["B", "D"]
    assert found(sort="-status") == ["D", "B"]


def test_several_labels_find_those_that_have_any_of_them(found):
    for label in ("vip", "vip-2", "autumn"):
        SegmentFactory(name=label, labels=[label])
    assert found(label=["vip", "autumn"], sort="name") == ["autumn", "vip"]
    assert found(label="vip,autumn", sort="-name") == ["vip", "autumn"]


def test_a_segment_is_renamed_by_its_menu(marketer_client):
    segment, other = SegmentFactory(name="Golden"), SegmentFactory(name="Wealthy")
    follower = SegmentFactory(rule={"segment": "Golden"})
    dialog = marketer_client.get(f"{bulk('rename')}?s={segment.pk}", headers=HTMX).text
    assert 'value="Golden"' in dialog
    for name in ("", other.name):
        answer = marketer_client.post(bulk("rename"), {"s": segment.pk, "name": name}, headers=HTMX)
        assert answer.status_code == 422
    marketer_client.post(bulk("rename"), {"s": segment.pk, "name": "Gold tier"}, headers=HTMX)
    for each in (segment, follower):
        each.refresh_from_db()
    assert segment.name == "Gold tier"
    assert follower.rule == {"segment": "Gold tier"}


@pytest.mark.parametrize(
    ("action", "typed"),
    [("archive", {}), ("move", {"new": "Autumn"}), ("label", {"put_on": "new", "take_off": "vip"})],
)
def test_what_was_done_with_segments_is_undone(marketer_client, action, typed):
    before = {"archived": False, "folder": "", "labels": ["vip"]}
    picked = [SegmentFactory(name=name, labels=["vip"]).pk for name in ("A", "B")]

    def now():
        return list(Segment.objects.filter(pk__in=picked).values(*before))

    marketer_client.post(bulk(action), {"s": picked, **typed}, headers=HTMX)
    assert before not in now()
    undo = re.search(r'hx-post="(/segments/undo/[^"]+)"', marketer_client.get(INDEX).text)[1]
    for _ in range(2):
        marketer_client.post(undo, headers=HTMX)
        assert now() == [before, before]
    assert "no longer be undone" in marketer_client.get(INDEX).text


def test_used_in_counts_what_stands_in_the_way_of_deleting(marketer_client):
    segment, other = SegmentFactory(name="Golden"), SegmentFactory(name="Unused")
    both = CampaignFactory(name="Takes and leaves out")
    both.include.add(segment)
    both.exclude.add(segment)
    part = SubAudienceFactory()
    part.segments.add(segment)
    SubAudienceFactory(rule={"segment": "Golden"})
    CampaignFactory(archived=True).include.add(segment)
    SegmentFactory(name="Names it", draft={"none": [{"segment": "Golden"}]})
    used = using.usages([segment, other])
    assert used[segment.pk] == using.usage(segment)
    assert len(used[segment.pk].campaigns) == 3
    assert not used[other.pk]
    page = marketer_client.get(INDEX).text
    assert f'<a href="/segments/{segment.pk}/#used-title">' in page
    assert re.search(r"3 campaigns\s+and\s+1 segment", page)


def test_picked_segments_are_deleted_but_those_in_use(marketer_client):
    used, free = SegmentFactory(name="Used"), SegmentFactory(name="Free")
    CampaignFactory(name="Autumn").include.add(used)
    asked = marketer_client.get(bulk("delete"), {"s": [used.pk, free.pk]}, headers=HTMX).text
    assert "Delete 1 segment" in asked
    assert re.search(r"Used: Used in\s+1 campaign", asked)
    answer = marketer_client.post(bulk("delete"), {"s": [used.pk, free.pk]}, follow=True).text
    assert "“Free” is deleted." in answer
    assert "Used is used in Autumn" in answer
    assert [*Segment.objects.all()] == [used]


def test_picked_segments_are_archived_and_restored(marketer_client, found):
    picked = {"s": [each.pk for each in SegmentFactory.create_batch(2)]}
    said = marketer_client.post(bulk("archive"), picked, follow=True).text
    assert "2 segments are archived." in said
    assert len(found(status="archived")) == 2
    marketer_client.post(bulk("restore"), picked)
    assert len(found()) == 2


def test_an_action_leads_back_to_the_list_as_it_was_filtered(marketer_client):
    headers = HTMX | {"HX-Current-URL": "http://testserver/segments/?folder=Brand"}
    answer = marketer_client.post(bulk("archive"), {"s": SegmentFactory().pk}, headers=headers)
    assert answer.headers["HX-Redirect"] == "/segments/?folder=Brand"


def test_picked_segments_are_labelled(marketer_client):
    one, other = SegmentFactory(labels=["old", "kept"]), SegmentFactory()
    sent = {"s": [one.pk, other.pk], "put_on": ["vip", "Kept"], "take_off": ["old"]}
    marketer_client.post(bulk("label"), sent)
    assert [Segment.objects.get(pk=each.pk).labels for each in (one, other)] == [
        ["kept", "vip"],
        ["vip", "Kept"],
    ]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("two words", "cannot be a label"),
        ("a" * 36, "at most 35 characters"),
        ("tenth", "would have 11 labels. It takes 10 at most."),
    ],
)
def test_a_label_that_cannot_be_is_told_in_the_dialog(marketer_client, typed, why):
    segment = SegmentFactory(labels=[f"label-{n}" for n in range(10)])
    answer = marketer_client.post(bulk("label"), {"s": segment.pk, "put_on": typed}, headers=HTMX)
    assert answer.status_code == 422
    assert why in answer.text
    assert len(Segment.objects.get().labels) == 10
    assert labels.known(Segment) == sorted(segment.labels)


def test_picked_segments_move_into_a_new_folder(marketer_client):
    folders.create("Brand")
    segment = SegmentFactory()
    sent = {"s": segment.pk, "folder": "Brand", "new": "Autumn"}
    marketer_client.post(bulk("move"), sent)
    assert Segment.objects.get().folder == "Brand/Autumn"
    answer = marketer_client.post(bulk("move"), sent | {"new": "brand"}, headers=HTMX)
    assert answer.status_code == 422
    assert "There is a folder “Brand” already" in answer.text


def test_folders_are_three_levels_deep_and_each_name_is_there_once():
    path = folders.create("Autumn", folders.create("Coffee", folders.create("Brand")))
    assert path == "Brand/Coffee/Autumn"
    for name, inside in (("More", path), ("coffee", ""), ("a/b", ""), (" ", ""), ("x", "Gone")):
        with pytest.raises(folders.FolderError):
            folders.create(name, inside)
    assert [each.level for each in folders.tree()] == [1, 2, 3]


def test_a_folder_takes_what_is_in_it_along():
    folders.create("Autumn", folders.create("Brand"))
    SegmentFactory(folder="Brand/Autumn", archived=True)
    SegmentFactory(folder="Seasons")
    assert folders.rename("Brand", "House") == "House"
    assert folders.move("House", "Seasons") == "Seasons/House"
    assert Segment.objects.filter(folder="Seasons/House/Autumn").count() == 1
    assert [(each.path, each.segments) for each in folders.tree()] == [
        ("Seasons", 2),
        ("Seasons/House", 1),
        ("Seasons/House/Autumn", 1),
    ]
    for refused in (
        lambda: folders.move("Seasons", "Seasons/House"),
        lambda: folders.rename("Seasons", "autumn"),
        lambda: folders.rename("Gone", "x"),
    ):
        with pytest.raises(folders.FolderError):
            refused()


def test_a_folder_that_holds_something_is_not_deleted(marketer_client):
    folders.create("Autumn", folders.create("Brand"))
    segment = SegmentFactory(folder="Brand/Autumn")
    delete = reverse("segments:folder_delete")
    said = marketer_client.post(f"{delete}?path=Brand", follow=True).text
    assert "still holds 1 folder and 1 segment. Move them elsewhere first." in said
    segment.delete()
    for path in ("Brand/Autumn", "Brand"):
        marketer_client.post(f"{delete}?path={path}")
    assert not Folder.objects.exists()


def test_a_segment_is_created_in_a_folder_from_its_menu(marketer_client):
    Folder.objects.create(path="Brand/Autumn")
    page = marketer_client.get(reverse("segments:folders")).text
    address = reverse("segments:new", query={"folder": "Brand/Autumn"})
    assert f'href="{address}"' in page
    new = marketer_client.get(address).text
    assert '<option value="Brand/Autumn" selected>' in new
    assert not Segment.objects.exists()
    ops = re.search(r'data-ops="([^"]+)"', new)[1]
    edit = {"op": "name", "node": "", "value": "Fans", "base": 0}
    marketer_client.post(ops, edit, headers={"HX-Request": "true"})
    assert Segment.objects.get().folder == "Brand/Autumn"


def test_folders_are_made_renamed_and_moved_on_their_page(marketer_client):
    def do(action, path, value):
        address = f"{reverse('segments:folder', args=[action])}?path={path}"
        assert marketer_client.get(address, headers=HTMX).status_code == 200
        return marketer_client.post(address, {"value": value}, headers=HTMX)

    do("create", "", "Brand")
    do("create", "Brand", "Autumn")
    do("rename", "Brand", "House")
    do("move", "House/Autumn", "")
    assert [each.path for each in folders.tree()] == ["Autumn", "House"]
    refused = do("create", "", "house")
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    assert "House" in marketer_client.get(reverse("segments:folders")).text


def test_a_number_opens_those_it_counts_and_a_menu_the_history(marketer_client):
    active = SegmentFactory(name="Golden", rule=GOLD)
    draft = SegmentFactory(name="Sketch", rule=None, draft=GOLD)
    page = marketer_client.get(INDEX).text
    assert f'href="{reverse("segments:customers", args=[active.pk])}"' in page
    assert f'href="{reverse("segments:history", args=[active.pk])}"' in page
    assert reverse("segments:customers", args=[draft.pk]) not in page
    assert reverse("segments:history", args=[draft.pk]) not in page
