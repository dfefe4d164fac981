import pytest


@pytest.fixture
def _development(settings):
    settings.DEBUG = True


@pytest.mark.usefixtures("_development")
def test_the_style_guide_shows_every_component(marketer_client):
    response = marketer_client.get("/styleguide/")
    assert response.status_code == 200


def test_the_style_guide_is_only_for_development(marketer_client):
    assert marketer_client.get("/styleguide/").status_code == 404
