import pytest
from django.db.models.signals import post_migrate

pytest_plugins = [
    "tests.fixtures.attentive",
    "tests.fixtures.people",
    "tests.fixtures.services",
    "tests.fixtures.warehouse",
]


@pytest.fixture(scope="session")
def _audit_can_be_emptied():
    """What a test commits is taken away after it; the audit's triggers would refuse that."""
    from accounts import signals

    post_migrate.disconnect(signals.guarded)


@pytest.fixture(scope="session")
def django_db_setup(_audit_can_be_emptied, django_db_setup):
    """Migrated without those triggers."""


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
