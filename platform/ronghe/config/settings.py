"""The one settings module. What differs between hosts comes from the environment; `.env.example` lists it."""

import os
from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from ronghe.config.logs import logging_settings
from ronghe.runtime.embedded_redis import running_url

PROJECT_ROOT = Path(__file__).resolve().parents[3]
env = environ.Env()
environ.Env.read_env(PROJECT_ROOT / ".env")


def number(name: str, *, default: int) -> int:
    """A whole number from the environment; says which one is wrong."""
    try:
        value: int = env.int(name, default=default)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number.") from None
    return value


# --- Where things are -------------------------------------------------------------------------------------------------
VAR_DIR = Path(env.str("RONGHE_VAR_DIR", default=str(PROJECT_ROOT / "var")))
# Hosts that share the work on a run share this folder; on one host, a place of its own is enough.
INDEX_DIR = Path(env.str("INDEX_DIR", default=str(VAR_DIR / "index")))
# A folder that was chosen may be shared over a network, where a deleted file is gone for whoever still reads it.
INDEX_KEEP_SECONDS = number("INDEX_KEEP_SECONDS", default=86_400 if "INDEX_DIR" in os.environ else 0)
VECTOR_CACHE_DIR = VAR_DIR / "vectors"

# --- Security ---------------------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
# Empty means: `manage.py up` makes one and keeps it under VAR_DIR. A system check refuses to serve without one.
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY and (VAR_DIR / "secret_key").exists():
    SECRET_KEY = (VAR_DIR / "secret_key").read_text().strip()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", default=False)
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        # Charts and the admin set positions of elements through style attributes.
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
    # The admin's theme ships Alpine.js, which evaluates its attributes; it is behind curators' sign-in.
    "EXCLUDE_URL_PREFIXES": ["/admin/"],
}
MAX_BODY_BYTES = 2_621_440
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

# --- Rooms ------------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    # First, because its sign-in pages replace those of the libraries.
    "ronghe.common.pages",
    # Before the admin's theme, whose first page it replaces.
    "ronghe.portal",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "auditlog",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "oauth2_provider",
    "rest_framework",
    "ronghe.common",
    "ronghe.accounts",
    "ronghe.events",
    "consortia.disclosure",
    "consortia.organizations",
    "consortia.technologies",
    "consortia.evidence",
    "consortia.listings",
    "consortia.facilities",
    "consortia.imports",
    "matching",
    "ronghe.runtime",
    "ronghe.config",
]
MIDDLEWARE = [
    "ronghe.common.request_id.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "ronghe.common.pages.errors.DomainErrorMiddleware",
]
ROOT_URLCONF = "ronghe.config.urls"
WSGI_APPLICATION = "ronghe.config.wsgi.application"
FORM_RENDERER = "ronghe.common.pages.forms.ShellRenderer"
CSRF_FAILURE_VIEW = "ronghe.common.pages.errors.forged_request"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "ronghe.portal.navigation.navigation",
            ],
        },
    },
]

# --- Databases and brokers --------------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'ronghe.sqlite3'}")}
if DATABASES["default"]["ENGINE"] not in {"django.db.backends.sqlite3", "django.db.backends.postgresql"}:
    raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:/// or postgres://.")
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # A transaction that reads first and writes later would fail at once instead of waiting for its turn.
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=268435456; "
        "PRAGMA cache_size=-64000; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A server that does not answer is reported within seconds, not after the minutes TCP allows itself.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Empty means: the Redis of a running `manage.py up` on the same folder, so that its neighbours need no setting.
REDIS_URL = env.str("REDIS_URL", default="") or running_url(VAR_DIR)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "ronghe",
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    # A broker that is down must not hold up a request: one short attempt, and the beat finds the work later.
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "socket_keepalive": True,
    "max_retries": 0,
    "global_keyprefix": "ronghe:",
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# The logging settings below hold for workers as well.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "deliver-due-events": {"task": "events.deliver_due", "schedule": 5.0},
    "sweep-match-runs": {"task": "matching.sweep_runs", "schedule": 15.0},
    "recompute-all-matches": {
        "task": "matching.recompute_all",
        "schedule": number("RECOMPUTE_EVERY_SECONDS", default=86_400),
    },
    "expire-listings": {"task": "listings.expire_due", "schedule": 3600.0},
}

# --- People -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "ronghe.accounts.backends.CuratorBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:home"
LOGOUT_REDIRECT_URL = "portal:home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Ronghe <noreply@localhost>")

# --- Languages and time -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [PROJECT_ROOT / "platform" / "ronghe" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Shanghai")

# --- Filters ----------------------------------------------------------------------------------------------------------
FILTERS_EMPTY_CHOICE_LABEL = _("Any")

# --- Static files -----------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Served straight from the rooms, so that no collectstatic step can be forgotten.
WHITENOISE_USE_FINDERS = True

# --- API --------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "ronghe.accounts.authentication.ApiClientAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["ronghe.accounts.permissions.HasScopeOrSession"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["ronghe.common.api.parsing.TextSafeJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["ronghe.common.api.filtering.StrictFilters"],
    "DEFAULT_PAGINATION_CLASS": "ronghe.common.api.paging.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "ronghe.common.api.schema.ProblemAwareSchema",
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.NamespaceVersioning",
    "DEFAULT_VERSION": "v1",
    "ALLOWED_VERSIONS": ["v1"],
    "EXCEPTION_HANDLER": "ronghe.common.api.problems.handle",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env.str("API_RATE_ANONYMOUS", default="60/min"),
        "user": env.str("API_RATE_CLIENT", default="600/min"),
        "token": env.str("API_RATE_TOKEN", default="30/min"),
    },
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Ronghe API",
    "DESCRIPTION": "Organizations, technologies, needs, capabilities, facilities and explained matches.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v[0-9]+",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    # Several rooms have a field of the same name with choices of their own.
    "ENUM_NAME_OVERRIDES": {
        "OrganizationStatus": "consortia.organizations.models.Organization.Status",
        "OrganizationType": "consortia.organizations.models.Organization.Type",
        "MembershipRole": "consortia.organizations.models.Membership.Role",
        "ReviewStatus": "consortia.organizations.models.Claim.Status",
        "TechnologyStatus": "consortia.technologies.models.Technology.Status",
        "LabelKind": "consortia.technologies.models.TechnologyLabel.Kind",
        "RelationKind": "consortia.technologies.models.TechnologyRelation.Kind",
        "ProposalKind": "consortia.technologies.models.TaxonomyProposal.Kind",
        "EvidenceKind": "consortia.evidence.models.Evidence.Kind",
        "EvidenceStatus": "consortia.evidence.models.Evidence.Status",
        "ParticipationRole": "consortia.evidence.models.Participation.Role",
        "ListingSide": "consortia.listings.models.Listing.Side",
        "ListingStatus": "consortia.listings.models.Listing.Status",
        "NeedKind": "consortia.listings.models.Need.Kind",
        "CapabilityKind": "consortia.listings.models.Capability.Kind",
        "BookingStatus": "consortia.facilities.models.Booking.Status",
        "MatchSide": ["need", "organization"],
    },
}
OAUTH2_PROVIDER = {
    "SCOPES": {"read": "Read what the client's organizations may see", "write": "Change what they own"},
    "DEFAULT_SCOPES": ["read"],
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "PKCE_REQUIRED": True,
    # RFC 9700, best current practice for the security of OAuth 2: all of it, before any client hangs on less.
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
}

# --- Admin ------------------------------------------------------------------------------------------------------------
UNFOLD = {
    "SITE_TITLE": _("Ronghe administration"),
    "SITE_HEADER": _("Ronghe administration"),
    "SITE_ICON": "ronghe.portal.administration.site_icon",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": "ronghe.portal.administration.site_icon"},
    ],
    "SITE_URL": "/",
    "SHOW_LANGUAGES": True,
    "SIDEBAR": {"show_search": True, "navigation": "ronghe.portal.administration.sidebar"},
    "DASHBOARD_CALLBACK": "ronghe.portal.administration.dashboard",
    # The shell's accent.
    "COLORS": {
        "primary": {
            "50": "#effafa",
            "100": "#d5f1f1",
            "200": "#afe3e3",
            "300": "#7acfcf",
            "400": "#4cc2c2",
            "500": "#219a9a",
            "600": "#0b6e6e",
            "700": "#095a5a",
            "800": "#084848",
            "900": "#063a3a",
            "950": "#032525",
        }
    },
}

# --- Matching ---------------------------------------------------------------------------------------------------------
# Replaced by an importable name, or switched off by an empty value.
MATCHING_ENCODER = env.str("MATCHING_ENCODER", default="matching.engine.encoding.UniversalSentenceEncoder")
MATCHING_TOP_K = number("MATCHING_TOP_K", default=20)
MATCHING_BLOCK_SIZE = number("MATCHING_BLOCK_SIZE", default=100)
# A worker that gives no sign of life for so long loses what it was working on to another.
MATCHING_LEASE_SECONDS = number("MATCHING_LEASE_SECONDS", default=60)
# Sentence vectors that a host keeps, each a little over a kilobyte; those longest unused go first.
MATCHING_MOST_VECTORS = number("MATCHING_MOST_VECTORS", default=2_000_000)
MATCHING_RESPONSE_DAYS = number("MATCHING_RESPONSE_DAYS", default=14)
# Different texts, and near misses, that one person may search for within an hour: hidden things are not to be felt out.
MATCHING_SEARCHES_PER_HOUR = number("MATCHING_SEARCHES_PER_HOUR", default=200)
# Exposure, off by default: lists that one organization may be in (0 for any number), and the places of each list that
# go to organizations registered within so many days.
MATCHING_MOST_LISTS = number("MATCHING_MOST_LISTS", default=0)
MATCHING_NEWCOMER_PLACES = number("MATCHING_NEWCOMER_PLACES", default=0)
MATCHING_NEWCOMER_DAYS = number("MATCHING_NEWCOMER_DAYS", default=180)
# Units of CNY per unit, rounded: they only decide whether a price can lie within a budget, and are never shown.
MATCHING_REFERENCE_RATES = {
    "CNY": 1.0, "EUR": 8.0, "USD": 7.1, "GBP": 9.4, "JPY": 0.048, "KRW": 0.0052, "CHF": 8.6, "SGD": 5.4, "HKD": 0.91,
    "BRL": 1.3, "MYR": 1.6, "THB": 0.21, "AED": 1.9, "KES": 0.055, "INR": 0.084, "AUD": 4.7, "CAD": 5.2, "SEK": 0.74,
    "NOK": 0.7, "DKK": 1.07, "PLN": 1.9, "CZK": 0.33,
}  # fmt: skip

# --- Imports ----------------------------------------------------------------------------------------------------------
# What an archive may unpack to, in bytes, and how many times its own size: beyond it, it is taken for a bomb.
IMPORT_MAX_UNPACKED_BYTES = number("IMPORT_MAX_UNPACKED_BYTES", default=2_147_483_648)
IMPORT_MAX_COMPRESSION_RATIO = number("IMPORT_MAX_COMPRESSION_RATIO", default=100)

# --- Logging ----------------------------------------------------------------------------------------------------------
# "console" for people, "json" for a log collector: one object a line.
LOG_FORMAT = env.str("LOG_FORMAT", default="console")
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = logging_settings(level=LOG_LEVEL, style=LOG_FORMAT)
