import pytest


@pytest.fixture(autouse=True)
def _plain_static_files(settings):
    """No collected manifest is needed to render a page."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
