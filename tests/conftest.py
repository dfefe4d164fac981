import pytest

pytest_plugins = [
    "tests.fixtures.attentive",
    "tests.fixtures.people",
    "tests.fixtures.services",
    "tests.fixtures.warehouse",
]


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """Hashing that takes its time is right for people and wrong for hundreds of tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _plain_static_files(settings):
    """No collected manifest is needed to render a page."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
