"""Light, dark, or as the system has it."""

import pytest


@pytest.fixture(autouse=True)
def _development(settings):
    settings.DEBUG = True


def html(client):
    return client.get("/styleguide/").text.partition("<head>")[0]


def test_without_a_choice_the_system_decides(marketer_client):
    assert "data-theme" not in html(marketer_client)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_choice_is_kept_and_rendered(marketer_client, theme):
    response = marketer_client.post("/theme/", {"theme": theme, "next": "/styleguide/"})
    assert response.url == "/styleguide/"
    assert f'data-theme="{theme}"' in html(marketer_client)


def test_the_choice_can_be_given_back_to_the_system(marketer_client):
    marketer_client.post("/theme/", {"theme": "dark"})
    marketer_client.post("/theme/", {"theme": "system"})
    assert "data-theme" not in html(marketer_client)


def test_a_forged_cookie_is_not_rendered(marketer_client):
    marketer_client.cookies["theme"] = '"><script>'
    assert "data-theme" not in html(marketer_client)


def test_the_admin_has_the_same_theme(admin_client_):
    admin_client_.post("/theme/", {"theme": "dark"})
    assert "theme-dark" in admin_client_.get("/admin/").text
