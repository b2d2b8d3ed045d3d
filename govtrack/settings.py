"""One settings module, driven by the environment; every name is listed in docs/operations.md."""

import os
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from govtrack import env

os.environ["OPENPYXL_LXML"] = "False"
"""openpyxl takes lxml where it is installed (pikepdf brings it), which expands entities: defusedxml instead."""

BASE_DIR = Path(__file__).resolve().parent.parent
env.load_local_env(BASE_DIR)

DEMO = env.env_bool("DEMO", default=False)
DEBUG = env.env_bool("DEBUG", default=False)
SEPARATE_ADMINS = env.env_bool("SEPARATE_ADMINS", default=False)
SECRET_KEY = env.required_secret("SECRET_KEY", demo=DEMO)
PERSONAL_DATA_KEYS = env.required_keys("PERSONAL_DATA_KEYS", demo=DEMO)
METRICS_TOKEN = env.optional_secret("METRICS_TOKEN", demo=DEMO)
PUBLIC_URL = env.env_str("PUBLIC_URL", default=f"http://127.0.0.1:{env.env_int('PORT', 8000)}").rstrip("/")
TRUSTED_PROXIES = env.env_int("TRUSTED_PROXIES", default=0)
OUTBOUND_NETWORKS = env.env_networks("OUTBOUND_NETWORKS")
ALLOWED_HOSTS = env.env_list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.env_list("CSRF_TRUSTED_ORIGINS", default=[])

_public = urlsplit(PUBLIC_URL)
if not DEMO and _public.scheme != "https" and _public.hostname not in ("127.0.0.1", "localhost", "::1"):
    raise ImproperlyConfigured("PUBLIC_URL must be https outside demo mode (or a loopback address).")
if _public.hostname and _public.hostname not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(_public.hostname)

INSTALLED_APPS = [
    "offices",
    "privacy",
    "door",
    "ledger",
    "meetings",
    "proposals",
    "leaders",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_prometheus",
    "common",
    "journal",
    "accounts",
    "communities",
    "files",
    "deadlines",
    "commitments",
    "papers",
    "issues",
    "reminders",
    "api",
    "govtrack",
    *(app for app in ("seeds", "devhouse") if find_spec(app)),
]
"""``offices`` comes first: its ``createsuperuser`` goes before Django's. The last are only where their code is: the
image of an office holds none of them (docs/operations.md)."""

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "govtrack.middleware.HeadersMiddleware",
    "govtrack.middleware.BackMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "govtrack.middleware.CompressMiddleware",
    "govtrack.middleware.OwnSessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "govtrack.csrf.CsrfMiddleware",
    "govtrack.middleware.NulMiddleware",
    "govtrack.middleware.LeftBehindMiddleware",
    "accounts.middleware.AccountMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "govtrack.middleware.UrlPermissionMiddleware",
    "govtrack.middleware.ContentionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "govtrack.middleware.DraftMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

SITE = {
    "name": env.env_str("SITE_NAME"),
    "host": env.env_str("SITE_HOST"),
    "icp": env.env_str("SITE_ICP"),
    "police": env.env_str("SITE_POLICE"),
}

ROOT_URLCONF = "govtrack.urls"
WSGI_APPLICATION = "govtrack.wsgi.application"

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
                "govtrack.context_processors.nav",
                "govtrack.context_processors.preferences",
                "govtrack.context_processors.site",
                "console.context_processors.scheduler",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "common.templatetags.govtrack",
                "common.templatetags.constants",
            ],
        },
    }
]

DATABASES = {"default": environ.Env.db_url_config(env.required_url("DATABASE_URL"))}
if env.env_str("DATABASE_OWNER_URL"):
    DATABASES["owner"] = environ.Env.db_url_config(env.required_url("DATABASE_OWNER_URL"))
for _database in DATABASES.values():
    _database.update(
        CONN_MAX_AGE=env.env_int("CONN_MAX_AGE", default=60),
        CONN_HEALTH_CHECKS=True,
        DISABLE_SERVER_SIDE_CURSORS=True,
        ATOMIC_REQUESTS=False,
    )
    _database.setdefault("OPTIONS", {})["options"] = "-c statement_timeout=60000 -c lock_timeout=10000"
REDIS_URL = env.required_url("REDIS_URL")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "govtrack",
        "OPTIONS": {"socket_timeout": 0.3, "socket_connect_timeout": 0.3},
    }
}
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SEAL_TO = env.env_str("SEAL_TO")
JOURNAL_KEY = env.env_str("JOURNAL_KEY")
SESSION_IDLE_MINUTES = env.env_int("SESSION_IDLE_MINUTES", 30)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "govtrack.error_pages.csrf_failure"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.AccountBackend", "django.contrib.auth.backends.ModelBackend"]
"""The first decides; the second only keeps sessions that began with it."""
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "display_name", "email")},
    },
    {"NAME": "accounts.validators.NotOfOwnNames"},
    {"NAME": "accounts.validators.NotUsedBefore"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "console-inbox"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "files": env.files_storage(BASE_DIR),
    "staticfiles": {"BACKEND": env.env_str("STATICFILES_BACKEND", default="govtrack.static_files.HashedStaticFiles")},
}

HTTPS = _public.scheme == "https"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and env.env_bool("HSTS_SUBDOMAINS", default=True)
SECURE_SSL_REDIRECT = HTTPS and TRUSTED_PROXIES > 0
SECURE_SSL_HOST = _public.netloc
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
"""They are asked beside the proxy, by http."""
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
PUBLIC_FORMS_GUARDED = True
"""Whether forms without an account ask for their challenge (phone.guard): no environment switches that off."""
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.ApiTokenAuthentication",
        "api.authentication.ApiSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttling.ApiThrottle"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.errors.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "GovTrack API",
    "DESCRIPTION": "Issues of a sub-district: report, list, read, act. Conventions, limits and examples: docs/api.md.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["api.openapi.describe"],
}

EMAIL_CONFIG = environ.Env.email_url_config(env.env_str("EMAIL_URL", default="consolemail://"))
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.env_str("DEFAULT_FROM_EMAIL", default="GovTrack <no-reply@localhost>")

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
}
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

LOG_FORMAT = env.env_str("LOG_FORMAT", default="text")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "common.logs.JsonFormatter"},
    },
    "filters": {"secrets": {"()": "common.logs.WithoutSecrets"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["secrets"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "WARNING"},
    },
}
