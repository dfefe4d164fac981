"""Every address, for every role and method, in one table. A page without a line here fails."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from runs.launch import launch
from runs.models import Panel, Panelist, Run
from segments.models import Segment
from tests.fixtures.people import logged_in
from tests.runs import brand
from tests.runs.world import World, destination

HTMX = {"HX-Request": "true"}
METHODS = ("get", "post", "put", "delete", "options")

# Name of the address -> who may, by method. "all": viewers too; "work": marketers and admins;
# "admin": admins alone; "open": strangers too; "stranger": they alone.
# A method that is not named is answered 405.
PAGES: dict[str, dict[str, str]] = {
    "home": dict.fromkeys(["get", "post", "put", "delete", "options"], "all"),  # a redirection
    "login": {"get": "open", "post": "open"},
    "login_dialog": {"post": "open"},
    "logout": {"post": "all", "options": "all"},
    "admin_login": {"get": "stranger"},  # who has come in and comes here lacks the right
    "theme": {"post": "all"},
    "core:styleguide": {"get": "nobody"},
    "core:styleguide_options": {"get": "nobody"},
    "core:styleguide_draft": {"post": "nobody"},
    "core:styleguide_dialog": {"get": "nobody", "post": "nobody"},
    "segments:list": {"get": "all"},
    "segments:counts": {"get": "all"},
    "segments:bulk": {"get": "work", "post": "work"},
    "segments:undo": {"post": "work"},
    "segments:folders": {"get": "work"},
    "segments:folder": {"get": "work", "post": "work"},
    "segments:folder_delete": {"post": "work"},
    "segments:compare": {"get": "all"},
    "segments:compare_figures": {"get": "all"},
    "segments:compare_apart": {"get": "all"},
    "segments:compare_people": {"get": "all"},
    "segments:compare_part": {"get": "all"},
    "segments:compare_build": {"post": "work"},
    "segments:records": {"post": "all"},
    "segments:choices": {"get": "work"},
    "segments:values": {"get": "work"},
    "segments:missing": {"post": "work"},
    "segments:paste": {"get": "work", "post": "work"},
    "segments:new": {"get": "work"},
    "segments:new_ops": {"post": "work"},
    "segments:detail": {"get": "all"},
    "segments:figures": {"get": "all"},
    "segments:figure_sql": {"get": "all"},
    "segments:cards": {"get": "all", "post": "all"},
    "segments:people": {"get": "all"},
    "segments:breakdown": {"get": "all"},
    "segments:bars": {"get": "all"},
    "segments:narrow": {"post": "work"},
    "segments:metrics": {"get": "work", "post": "work"},
    "segments:metric_remove": {"post": "work"},
    "segments:edit": {"get": "work"},
    "segments:ops": {"post": "work"},
    "segments:draft_figures": {"get": "work"},
    "segments:watch": {"get": "work"},
    "segments:draft_worth": {"get": "work"},
    "segments:draft_stop": {"post": "work"},
    "segments:publish": {"get": "work", "post": "work"},
    "segments:publish_figures": {"get": "work"},
    "segments:history": {"get": "all"},
    "segments:version": {"get": "all"},
    "segments:joined_left": {"get": "all"},
    "segments:changed_people": {"get": "all"},
    "segments:version_figures": {"get": "all"},
    "segments:restore_version": {"post": "work"},
    "segments:diff": {"get": "all"},
    "segments:diff_figures": {"get": "all"},
    "segments:why": {"get": "all", "post": "all"},
    "segments:customers": {"get": "all"},
    "segments:customer_rows": {"get": "all"},
    "segments:customers_search": {"post": "all"},
    "segments:customers_export": {"post": "admin"},  # and whom an admin gave the right
    "segments:sql": {"get": "all"},
    "segments:sql_new": {"get": "admin"},  # and whom an admin gave the right, as all of these
    "segments:sql_new_ops": {"post": "admin"},
    "segments:sql_edit": {"get": "admin"},
    "segments:sql_ops": {"post": "admin"},
    "segments:sql_figures": {"get": "admin"},
    "segments:sql_convert": {"post": "admin"},
    "segments:sql_back": {"post": "admin"},
    "segments:copy": {"post": "work"},
    "segments:save_as": {"get": "work", "post": "work"},
    "segments:archive": {"post": "work"},
    "segments:restore": {"post": "work"},
    "campaigns:list": {"get": "all"},
    "campaigns:new": {"get": "work", "post": "work"},
    "campaigns:undo": {"post": "work"},
    "runs:going": {"get": "all"},
    "runs:stop_campaign": {"get": "work"},
    "campaigns:bulk": {"get": "work", "post": "work"},
    "campaigns:followers": {"get": "all"},
    "campaigns:detail": {"get": "all"},
    "campaigns:why": {"get": "all", "post": "all"},
    "campaigns:balance": {"get": "all"},
    "campaigns:people": {"get": "all"},
    "campaigns:edit": {"get": "work"},
    "campaigns:history": {"get": "all"},
    "campaigns:restore_revision": {"post": "work"},
    "campaigns:segments": {"get": "work"},
    "campaigns:zones": {"get": "work"},
    "campaigns:ops": {"post": "work"},
    "campaigns:timing_ops": {"post": "work"},
    "campaigns:rule_ops": {"post": "work"},
    "campaigns:figures": {"get": "work"},
    "campaigns:attributes": {"get": "work"},
    "campaigns:attributes_ops": {"post": "work"},
    "campaigns:attributes_figures": {"get": "work"},
    "campaigns:approval": {"get": "all"},
    "campaigns:approval_ask": {"post": "work"},
    "campaigns:approval_answer": {"post": "admin"},  # and approvers
    "campaigns:copy": {"post": "work"},
    "campaigns:archive": {"post": "work"},
    "campaigns:restore": {"post": "work"},
    "campaigns:unschedule": {"post": "work"},
    "campaigns:delete": {"post": "work"},
    "destinations:list": {"get": "all"},
    "destinations:test": {"post": "admin"},
    "destinations:default_attributes": {"get": "all"},
    "destinations:attributes": {"get": "all"},
    "destinations:shares": {"get": "all"},
    "destinations:edit_defaults": {"get": "all", "post": "work"},
    "destinations:remove_defaults": {"post": "work"},
    "warehouse:data": {"get": "all"},
    "warehouse:columns": {"get": "all"},
    "warehouse:rows": {"get": "all"},
    "runs:activity": {"get": "all"},
    "runs:of_campaign": {"get": "all"},
    "runs:results": {"get": "all"},
    "runs:results_figures": {"get": "all"},
    "runs:results_download": {"get": "work"},
    "runs:moves": {"get": "all"},
    "runs:launch": {"get": "work", "post": "work"},
    "runs:test": {"get": "work", "post": "work"},
    "runs:test_told": {"get": "work"},
    "runs:panels": {"get": "work", "post": "work"},
    "runs:panel": {"get": "work", "post": "work"},
    "runs:remove_panel": {"post": "work"},
    "runs:add_panelist": {"get": "work", "post": "work"},
    "runs:edit_panelist": {"get": "work", "post": "work"},
    "runs:remove_panelist": {"post": "work"},
    "runs:detail": {"get": "all"},
    "runs:definition": {"get": "all"},
    "runs:live": {"get": "all"},
    "runs:why": {"get": "all", "post": "all"},
    "runs:stop": {"get": "work", "post": "work"},
    "runs:remove_lists": {"post": "work"},
    "runs:retry": {"post": "work"},
    "runs:decide": {"post": "work"},
    "runs:recipients": {"get": "admin", "post": "admin"},  # and whom an admin gave the right
}
KEYS: dict[str, int | str] = {
    **dict.fromkeys(("campaigns", "segments", "destinations", "runs"), 1),
    **dict.fromkeys(("destination_id", "delivery_id", "part", "number", "panel", "person"), 1),
    "action": "move",
    "name": "gone",
}
# Addresses of runs that begin with a campaign's.
OF_CAMPAIGNS = {
    *("runs:of_campaign", "runs:moves", "runs:launch", "runs:test", "runs:test_told"),
    "runs:stop_campaign",
    *("runs:results", "runs:results_figures", "runs:results_download"),
}
QUERIES = {  # what they have nothing to say without
    "segments:figure_sql": "?of=customers",
    "segments:values": "?column=customer_360.tier",
    "warehouse:columns": "?table=customer_360",
    "warehouse:rows": "?table=customer_360",
    "destinations:attributes": "?identifier=phone&phone_table=customer_360",
}
ROLES = {
    "stranger": {"stranger"},
    "open": {"stranger", "viewer", "marketer", "admin"},
    "all": {"viewer", "marketer", "admin"},
    "work": {"marketer", "admin"},
    "admin": {"admin"},
    "nobody": set(),
}


def named(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    """The names of all addresses but those of Django's admin."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":
                inner = f"{pattern.namespace}:" if pattern.namespace else ""
                yield from named(pattern.url_patterns, space + inner)
        else:
            yield f"{space}{pattern.name}"


def rows() -> dict[str, int]:
    """How many rows each table has, and how often the drafts were edited."""
    counted = {
        model._meta.label: model.objects.count()
        for model in apps.get_models()
        if model._meta.label not in ("sessions.Session", "accounts.AuditEntry")  # of downloads
    }
    campaign, segment = apps.get_model("campaigns.Campaign"), Segment
    for model in (campaign, segment):
        counted[f"{model._meta.label} revisions"] = sum(
            model.objects.values_list("revision", flat=True)
        )
    return counted


@pytest.fixture
def world(transactional_db, attentive, warehouse) -> World:
    warehouse(brand.tables(30))
    return World(destination(attentive.url, attentive.token))


@pytest.fixture
def keys(world) -> dict[str, int | str]:
    """Something to see behind each part of an address."""
    campaign = brand.campaign(world.destination)
    run = world.finish(launch(campaign, tools=world.tools))
    campaign.include.get().versions.create(number=1, rule=brand.GOLD)
    panel = Panel.objects.create(name="Marketing team")
    person = Panelist.objects.create(panel=panel, name="Ann", contact={"phone": "+14155550143"})
    return KEYS | {
        "panel": panel.pk,
        "person": person.pk,
        "campaigns": campaign.pk,
        "segments": campaign.include.get().pk,
        "destinations": world.destination.pk,
        "runs": run.pk,
        "destination_id": world.destination.pk,
        "delivery_id": run.deliveries.get().pk if run.deliveries.count() == 1 else 0,
        "part": campaign.sub_audiences.get(remaining=False).pk,
    }


@pytest.fixture
def clients(marketer, viewer, admin) -> dict[str, Client]:
    people = {"viewer": viewer, "marketer": marketer, "admin": admin}
    return {"stranger": Client()} | {role: logged_in(who) for role, who in people.items()}


def address(name: str, keys: dict[str, int | str]) -> str:
    found = get_resolver()
    for part in name.split(":")[:-1]:
        found = found.namespace_dict[part][1]
    (possible,) = (each for each in found.reverse_dict.getlist(name.rpartition(":")[2]))
    parameters = possible[0][0][1]
    own = "campaigns" if name in OF_CAMPAIGNS else None
    values = {
        each: keys[own or name.split(":")[0]] if each == "pk" else keys[each] for each in parameters
    }
    return reverse(name, kwargs=values) + QUERIES.get(name, "")


def test_every_address_has_its_line():
    assert sorted(named(get_resolver().url_patterns)) == sorted(PAGES)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_each_role_gets_what_its_line_says(keys, clients, headers):
    wrong = []
    for name, methods in PAGES.items():
        for role, client in clients.items():
            for method in METHODS:
                allowed = ROLES[methods.get(method, "nobody")]
                if role in allowed and (method == "post" or name in ("logout", "login")):
                    continue  # what it does is told where its page is tested
                response = getattr(client, method)(address(name, keys), headers=headers)
                if role in allowed:
                    fits = response.status_code in {200, 204, 302}
                elif role == "stranger" and not {"open", "stranger"} & set(methods.values()):
                    fits = asks_for_log_in(response)
                elif method in methods:
                    fits = response.status_code in {403, 404}
                else:
                    fits = response.status_code == 405
                if not fits:
                    wrong.append(f"{method} {name} as {role}: {response.status_code}")
    assert wrong == []


def asks_for_log_in(response) -> bool:
    if response.status_code == 302:
        return response["Location"].startswith("/login/?next=/")
    return response.status_code == 401 and "dialog" in response.content.decode()


def test_looking_changes_no_row(keys, clients):
    before = rows()
    for name in PAGES:
        for headers in ({}, HTMX):
            clients["admin"].get(address(name, keys), headers=headers)
    assert rows() == before


def test_a_refused_post_changes_no_row(keys, clients):
    before = rows()
    for name, methods in PAGES.items():
        for role, client in clients.items():
            if role not in ROLES[methods.get("post", "nobody")]:
                client.post(address(name, keys))
    assert rows() == before
    assert Run.objects.count() == 1


def test_a_post_without_the_token_of_its_page_is_refused(keys, marketer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(marketer)
    for name, methods in PAGES.items():
        if "post" in methods and name != "home":
            response = client.post(address(name, keys))
            assert response.status_code == 403, name


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example/",
        "\\\\elsewhere.example",
        "javascript:alert(1)",
        "https:elsewhere.example",
        "/\t/elsewhere.example",
        "http:///elsewhere.example",
        "elsewhere",
        '"x":[',
    ],
)
def test_nobody_is_led_elsewhere(clients, elsewhere):
    url = reverse("login")
    for response in (
        clients["marketer"].get(url, {"next": elsewhere}),
        clients["marketer"].post(reverse("theme"), {"next": elsewhere, "theme": "dark"}),
        clients["stranger"].post(
            url,
            {"username": "ana@example.com", "password": "correct horse battery", "next": elsewhere},
        ),
    ):
        assert response.status_code == 302
        assert response["Location"] == "/"


def test_another_host_is_not_answered(clients):
    response = clients["marketer"].get("/", headers={"Host": "elsewhere.example"})
    assert response.status_code == 400
    assert not re.search("elsewhere", response.content.decode())


@pytest.mark.parametrize("name", PAGES)
def test_a_character_that_no_database_holds_is_refused_in_our_words(name):
    url = address(name, KEYS)
    joint = "&" if "?" in url else "?"
    form = "multipart/form-data; boundary=b"
    upload = b'--b\r\nContent-Disposition: form-data; name="a%s"; filename="x"\r\n\r\n\r\n--b--\r\n'
    stained = Client()
    stained.cookies.load(r'sessionid="a\000b"')
    for response in (
        Client().get(f"{url}{joint}q=a%00b"),
        Client().get(f"{url}{joint}%00=a"),
        Client().post(url, {"value": ["a", "b\0"]}, headers=HTMX),
        Client().post(url, data=upload % b"\0", content_type=form),
        stained.get(url),
    ):
        assert response.status_code == 400
        assert "did not understand" in response.content.decode()
