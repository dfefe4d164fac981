"""The sandbox's settings; ``process.environment`` writes them."""

import os
import secrets
from pathlib import Path

SANDBOX_STATE = Path(os.environ.get("SANDBOX_STATE", "var/sandbox"))
SANDBOX_TOKENS = os.environ.get("SANDBOX_TOKENS", "").split()
SANDBOX_JOB_SECONDS = float(os.environ.get("SANDBOX_JOB_SECONDS", "5"))
SANDBOX_UNKNOWN_SHARE = float(os.environ.get("SANDBOX_UNKNOWN_SHARE", "0"))
SANDBOX_CHECKS = os.environ.get("SANDBOX_CHECKS", "on") == "on"
SANDBOX_HOST = os.environ.get("SANDBOX_HOST", "127.0.0.1")

SECRET_KEY = secrets.token_urlsafe(32)
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", SANDBOX_HOST]
ROOT_URLCONF = "destinations.attentive.sandbox.urls"
APPEND_SLASH = False
INSTALLED_APPS: list[str] = []
MIDDLEWARE = [
    "destinations.attentive.sandbox.record.recorded",
    "destinations.attentive.sandbox.pages.secured",
    "django.middleware.common.CommonMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).resolve().parents[3] / "templates"],
        "OPTIONS": {"builtins": ["django.contrib.humanize.templatetags.humanize"]},
    }
]
DATABASES: dict[str, dict[str, str]] = {}
DATA_UPLOAD_MAX_MEMORY_SIZE = None  # the sandbox has its own limit, and answers 413
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # A status above 399 is what tests ask for; only a fault of ours is worth a line.
    "filters": {
        "broken": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: bool(record.exc_info),
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["broken"]}},
    "loggers": {"django.request": {"handlers": ["console"]}},
}
