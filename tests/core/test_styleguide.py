from pathlib import Path

import pytest

COMPONENTS = Path(__file__).parents[2] / "templates/components"


@pytest.fixture
def _development(settings):
    settings.DEBUG = True


@pytest.mark.usefixtures("_development")
def test_the_style_guide_shows_every_component(marketer_client):
    response = marketer_client.get("/styleguide/")
    components = {f"components/{path.name}" for path in COMPONENTS.glob("*.html")}
    shown = {template.name for template in response.templates}
    assert components - shown == {
        "components/dialog.html",  # extended by a page of its own, which a button opens
        "components/say.html",  # nobody sees it
    }


def test_the_style_guide_is_only_for_development(marketer_client):
    assert marketer_client.get("/styleguide/").status_code == 404
