"""Settings: the environment decides, then ``.env``; every default is safe.

The README lists each variable with its default; a test keeps that list true.
"""

import secrets
from pathlib import Path
from urllib.parse import quote

from cryptography.fernet import Fernet
from csp.constants import NONE, SELF
from kombu import Queue

from core import environment
from core.secrets import kept_secret

BASE_DIR = Path(__file__).resolve().parent.parent
env = environment.Environment()
env.read_env(BASE_DIR / ".env")

VAR_DIR = Path(env("VAR_DIR", default=BASE_DIR / "var")).resolve()
SECRETS_DIR = VAR_DIR / "secrets"
for folder in (VAR_DIR, VAR_DIR / "beat"):  # SQLite and beat do not make theirs
    for problem in environment.unwritable(folder):
        raise SystemExit(problem)

DEBUG = env("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret(
    SECRETS_DIR, "secret_key", lambda: secrets.token_urlsafe(64)
)
# The first key encrypts; all of them decrypt, so that a key can be rotated.
CREDENTIAL_KEYS = env("CREDENTIAL_KEYS", default=[]) or [
    kept_secret(SECRETS_DIR, "credential_key", lambda: Fernet.generate_key().decode())
]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
OUTBOUND_HOSTS = env.list(
    "OUTBOUND_HOSTS", default=["api.attentivemobile.com", "sftp.attentivemobile.com"]
)
DEFAULT_COUNTRY = env("DEFAULT_COUNTRY", default="US")

# The demo and the sandbox

PORT = env("PORT", default=8000)
SANDBOX_PORT = env("SANDBOX_PORT", default=9009)

# Applications

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "template_partials",
    "core",
    "accounts",
    "warehouse",
    "segments",
    "destinations",
    "campaigns",
    "runs",
    "manifests",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.refuse_nul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "warehouse.middleware.CancelledQueryMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "warehouse.context.data_age",
            ],
        },
    }
]

# Data

var_url = quote(str(VAR_DIR))  # its path may hold a "#"
database_url = env("DATABASE_URL", default=f"sqlite:///{var_url}/muster.sqlite3")
DATABASES = {"default": environment.database_parts(database_url)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a read that becomes a write never fails with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;"
            "PRAGMA mmap_size=134217728;PRAGMA cache_size=2000"
        ),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
WAREHOUSE_URL = env.str("WAREHOUSE_URL", default=f"duckdb://{var_url}/warehouse")
SQL_SEGMENT_SECONDS = env("SQL_SEGMENT_SECONDS", default=30)

# Counts and picklists, named by the data version: files are shared by web and workers, outlive
# a restart and never take the database's write lock. HTML named by all that it shows: each
# process keeps its own, as a file takes longer to read than a line of an editor to draw.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR_DIR / "cache",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
    "fragments": {
        "BACKEND": "django.core.cache.backends.dummy.DummyCache"
        if DEBUG
        else "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
}

# Workers

EMBEDDED_BROKER = "redis://127.0.0.1:6390/0"  # the one that `make demo` starts
REDIS_URL = env("REDIS_URL", default=EMBEDDED_BROKER)
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Only a hint for the broker: the reconciler, not redelivery, is what recovers a lost task.
    "visibility_timeout": 300,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 10.0,  # config.celery has shorter ones for those who only ask
    "socket_connect_timeout": 5.0,
    "socket_keepalive": True,
    "health_check_interval": 25,
}
CELERY_TASK_QUEUES = [Queue("build"), Queue("send"), Queue("follow")]
CELERY_TASK_DEFAULT_QUEUE = "follow"
CELERY_TASK_ROUTES = {
    "segments.tasks.count_segment": "build",
    "runs.tasks.build_run": "build",
    "runs.tasks.prepare_delivery": "build",
    "runs.tasks.finish_delivery": "build",
    "runs.tasks.send_batch": "send",
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat" / "schedule")
# Seconds between two looks for what is due and not moving, and seconds for which a worker
# may be silent before another takes its work over.
RECONCILE_SECONDS = env("RECONCILE_SECONDS", default=15.0)
LEASE_SECONDS = env("LEASE_SECONDS", default=60.0)
CELERY_BEAT_SCHEDULE = {
    "reconcile": {
        "task": "runs.tasks.reconcile",
        "schedule": RECONCILE_SECONDS,
        "options": {"expires": 2 * RECONCILE_SECONDS},
    },
    "prune-previews": {
        "task": "campaigns.tasks.prune_previews",
        "schedule": 3600.0,
        "options": {"expires": 3600.0},
    },
    "count-due-segments": {  # each once a day; hourly, so that a day's pause costs no day
        "task": "segments.tasks.count_due_segments",
        "schedule": 3600.0,
        "options": {"expires": 3600.0},
    },
}

# Log-in

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.RoleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# Browser

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # a criterion may hold a thousand values
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if env("HTTPS", default=False):
    # A proxy that ends TLS says so; where Muster ends it, a browser gains nothing by the header.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 365 * 86_400
# Not ours to promise: what else a brand serves under its domain.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Words

LANGUAGE_CODE = "en-us"
TIME_ZONE = env("TIME_ZONE", default="UTC")
USE_I18N = False  # it speaks English; looking a language up costs every number and address
USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
