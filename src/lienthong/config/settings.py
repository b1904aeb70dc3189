"""Settings, each from one environment variable with a default that suits a laptop.

Every LIENTHONG_* variable is listed in docs/reference/settings.md; a test compares the two.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from csp.constants import NONE, SELF
from psycopg.conninfo import conninfo_to_dict

from lienthong.config import logs, postgres

PACKAGE = Path(__file__).resolve().parents[1]
ROOT = PACKAGE.parents[1]


def _path(name: str, default: Path) -> Path:
    return Path(os.environ.get(name) or default).resolve()


def _flag(name: str, *, default: bool) -> bool:
    return os.environ.get(name, str(int(default))) not in {"0", "", "false", "no"}


LIENTHONG_VAR = _path("LIENTHONG_VAR", ROOT / "var")
LIENTHONG_KEYS = _path("LIENTHONG_KEYS", LIENTHONG_VAR / "keys")
LIENTHONG_FILES = _path("LIENTHONG_FILES", LIENTHONG_VAR / "files")
LIENTHONG_CONTENT = _path(
    "LIENTHONG_CONTENT", ROOT / "content" if (ROOT / "content").is_dir() else PACKAGE / "content"
)
LIENTHONG_INSTANCE = os.environ.get("LIENTHONG_INSTANCE", "VN")
LIENTHONG_URL = os.environ.get("LIENTHONG_URL", "http://127.0.0.1:8000")
LIENTHONG_BANK_URL = os.environ.get("LIENTHONG_BANK_URL", "http://127.0.0.1:8001")
LIENTHONG_NOTICES_URL = os.environ.get("LIENTHONG_NOTICES_URL", "http://127.0.0.1:8002")
LIENTHONG_SMTP = os.environ.get("LIENTHONG_SMTP", "127.0.0.1:8025")
LIENTHONG_MAIL_FROM = os.environ.get("LIENTHONG_MAIL_FROM", "Liên thông <no-reply@lienthong.example>")
LIENTHONG_GATEWAY = os.environ.get("LIENTHONG_GATEWAY", "")
LIENTHONG_GATEWAY_TLS = os.environ.get("LIENTHONG_GATEWAY_TLS", "")
LIENTHONG_CONFIGURATION = os.environ.get("LIENTHONG_CONFIGURATION", "")
LIENTHONG_SANDBOX_GATEWAY = os.environ.get("LIENTHONG_SANDBOX_GATEWAY", "")
LIENTHONG_SANDBOX_URL = os.environ.get("LIENTHONG_SANDBOX_URL", "http://127.0.0.1:8080")
LIENTHONG_UPLOAD_LIMIT_MIB = int(os.environ.get("LIENTHONG_UPLOAD_LIMIT_MIB", "20"))
LIENTHONG_PRODUCTION = _flag("LIENTHONG_PRODUCTION", default=False)
LIENTHONG_KEEP_CONNECTIONS = _flag("LIENTHONG_KEEP_CONNECTIONS", default=True)


def _secret_key() -> str:
    if given := os.environ.get("LIENTHONG_SECRET_KEY"):
        return given
    path = LIENTHONG_KEYS / "django-secret"
    if not path.exists():
        LIENTHONG_KEYS.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = path.with_name(f"django-secret.{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(48))
        made.rename(path)
    return path.read_text()


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("LIENTHONG_HOSTS", "127.0.0.1,localhost,testserver").split(",")

_blocks = ["trust", "access", "registry", "exchange", "ledger", "casework", "insight"]
_hosted = os.environ.get("LIENTHONG_SYSTEMS", "")
_rooms = sorted(path.parent.name for path in (PACKAGE / "systems").glob("*/apps.py"))
LIENTHONG_SYSTEMS = [room for room in _rooms if not _hosted or room in _hosted.split(",")]
_named = ["citizen", "officer", "console", "api"]
_channels = [name for name in _named if (PACKAGE / "channels" / name / "apps.py").exists()]

INSTALLED_APPS = [
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "lienthong.config",
    *[f"lienthong.blocks.{name}" for name in _blocks if (PACKAGE / "blocks" / name / "apps.py").exists()],
    *[f"lienthong.systems.{name}" for name in LIENTHONG_SYSTEMS],
    "lienthong.kit",
    *[f"lienthong.channels.{name}" for name in _channels],
]

MIDDLEWARE = [
    "lienthong.config.middleware.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # masked tokens and random padding: BREACH learns nothing
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "lienthong.kit.middleware.LanguageMiddleware",
    "lienthong.blocks.access.middleware.AccessMiddleware",
    "lienthong.config.middleware.ProblemPages",
]

ROOT_URLCONF = "lienthong.config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["lienthong.kit.templatetags.kit"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csrf",
                "lienthong.kit.context.layout",
            ],
        },
    }
]

LIENTHONG_DATABASE_URL = os.environ.get("LIENTHONG_DATABASE_URL") or postgres.url(LIENTHONG_VAR / "pg")

PREPARE_FROM = 5
"""The use of a statement from which on a connection keeps its plan (psycopg's own default)."""


def _database(url: str) -> dict[str, object]:
    parts = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    # Values travel beside the statement, which is planned once a connection: a quarter less work for PostgreSQL.
    options: dict[str, object] = {"server_side_binding": True, "prepare_threshold": PREPARE_FROM}
    # A server whose machine is gone says nothing: it is given up after a minute.
    options |= {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {
        "ENGINE": "lienthong.config.database",
        **{names[key]: value for key, value in parts.items() if key in names},
        "CONN_MAX_AGE": None if LIENTHONG_KEEP_CONNECTIONS else 0,  # by thread
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


DATABASES = {"default": _database(LIENTHONG_DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "vi"
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
USE_I18N = False  # every string stands in both languages where it is used (docs/decisions)

STATIC_URL = "/static/"
STATIC_ROOT = LIENTHONG_VAR / "static"
STATICFILES_DIRS = [path for path in [PACKAGE / "channels" / "static" / "built"] if path.is_dir()]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(LIENTHONG_FILES)},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

FILE_UPLOAD_HANDLERS = [
    "lienthong.kit.uploads.LimitedUpload",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 300

SESSION_COOKIE_NAME = "lienthong"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LIENTHONG_PRODUCTION
SECURE_SSL_REDIRECT = False
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "lienthong.config.views.csrf_failure"
ACCESS_REFUSAL_VIEW = "lienthong.config.middleware.problem_response"
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008", "security.W012", "security.W016"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF, LIENTHONG_BANK_URL],
    }
}

PROCRASTINATE_ON_APP_READY = "lienthong.config.jobs.on_app_ready"
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"

LOGGING_CONFIG = None
logs.configure(level=os.environ.get("LIENTHONG_LOG_LEVEL", "INFO"))
