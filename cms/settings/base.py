"""What every way to run Sawt shares. Parts that differ are swapped by one environment variable each."""

from pathlib import Path

import environ
from django.utils.translation import gettext_lazy as _

from .logs import logging_config
from .parts import files
from .tasks import celery_settings

env = environ.Env()

ROOT = Path(__file__).resolve().parent.parent.parent
VAR = Path(env.str("SAWT_VAR", default=str(ROOT / "var")))

INSTALLED_APPS = [
    "permissions",
    "cms.entities",
    "cms.outbox",
    "cms.reports",
    "cms.gateways",
    "cms.notifications",
    "cms.content",
    "cms.portal",
    "cms.desk",
    "cms.demo",
    "cms.keeping",
    "graphql_api",
    "search",
    "guardian",
    "axes",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "phonenumber_field",
    "strawberry_django",
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "treebeard",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "cms.correlation.CorrelationMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # For who stands in front of no proxy that compresses: a phone pays for every kilobyte.
    "cms.compression.CompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "cms.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "cms.desk.sign_in.required.SecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cms.security.ContentSecurityPolicyMiddleware",
    "cms.content.views.MethodNotAllowedMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "cms.urls"
ASGI_APPLICATION = "cms.asgi.application"
WSGI_APPLICATION = "cms.wsgi.application"

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
                "cms.content.context.site",
            ],
        },
    },
]

AUTH_USER_MODEL = "permissions.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    # Before Django's, which asks two statements to answer that it does not know the codename.
    "permissions.backends.MembershipBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "wagtailadmin_login"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 1
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_CLIENT_IP_CALLABLE = "permissions.clients.client_address"

# allauth keeps the second factor and the sessions of staff; nobody signs up, and e-mail is not its business.
ACCOUNT_ADAPTER = "cms.desk.sign_in.adapters.AccountAdapter"
ACCOUNT_USER_DISPLAY = "permissions.models.known_as"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_AUTHENTICATED_LOGIN_REDIRECTS = False
# Axes locks a name that is guessed at; these slow codes (`key`) and whole offices behind one address (`ip`).
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "60/m/ip,8/5m/key"}
MFA_ADAPTER = "cms.desk.sign_in.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
# A phone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
# Production requires it of everybody who enters the admin.
SAWT_SECOND_FACTOR_REQUIRED = env.bool("SAWT_SECOND_FACTOR_REQUIRED", default=False)

# guardian would otherwise create a user named AnonymousUser; no permission of ours is anonymous.
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
# guardian's backend answers True for superusers and knows no validity: decisions are `permissions.policy`'s.
# SQLite knows no covering indexes: there the same indexes are made without what they would cover.
SILENCED_SYSTEM_CHECKS = ["guardian.W001", "models.W040"]

LANGUAGE_CODE = "ar"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("ar", _("Arabic")), ("en", _("English"))]
WAGTAILADMIN_PERMITTED_LANGUAGES = [("ar", "العربية"), ("en", "English")]
LOCALE_PATHS = [ROOT / "locale"]
FORMAT_MODULE_PATH = ["cms.formats"]
USE_I18N = True
WAGTAIL_I18N_ENABLED = True
TIME_ZONE = "Asia/Riyadh"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "frontend_static"]
STATIC_ROOT = VAR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR / "media"
STORAGES_PLAIN = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "attachments": files(MEDIA_ROOT),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STORAGES = STORAGES_PLAIN

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "cms.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
WAGTAIL_SITE_NAME = "صوت المواطن"
# One region, one clock; the browser knows no zone named after the machine.
WAGTAIL_USER_TIME_ZONES = ["Asia/Riyadh"]
WAGTAILADMIN_BASE_URL = env.str("SAWT_BASE_URL", default="http://127.0.0.1:8000")
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
# Wagtail 8 sends the autosave beside the publishing of the same page. One that read the page before and
# writes it after makes a published page a draft again, silently. Drafts are saved by their button.
WAGTAIL_AUTOSAVE_INTERVAL = 0
# Sent for translation, a page is a draft: what nobody has translated is not published in the other language.
WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE = False
# Wagtail's own jobs (reference index, page search) run where they arise; ours go through the outbox.
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_REFERRER_POLICY = "same-origin"

LOGGING = logging_config(json=False, level=env.str("LOG_LEVEL", default="WARNING"))

# --- Sawt's own -------------------------------------------------------------------------------

# How many proxies of ours stand before us, each appending to X-Forwarded-For; 0 trusts no header at all.
_proxies = env.str("SAWT_TRUSTED_PROXIES", default="0").strip()
SAWT_TRUSTED_PROXIES = int(_proxies) if _proxies.isdecimal() else 0
# The public address that links in messages lead to.
SAWT_BASE_URL = WAGTAILADMIN_BASE_URL
# The tenant's prefix of every reference.
SAWT_REFERENCE_PREFIX = "QS"
# Version → key. Secrets and stored hashes name the version they were made with; the highest makes new ones.
SAWT_SECRET_KEYS: dict[int, str] = {}
# Encrypts identity numbers at rest (Fernet keys, newest first).
SAWT_FIELD_KEYS: list[str] = []
# Called with (event, report) inside the action's transaction: they may write outbox rows and nothing else.
SAWT_EVENT_SUBSCRIBERS = ["cms.notifications.subscribers.on_report_event", "search.changes.on_report_event"]
# Reports are searched there, and in the database alone without it or while it is away:
# https://user:password@host:9200, with ?ca=/path/of/its/authority.pem where it has one of its own.
ELASTICSEARCH_URL = env.str("ELASTICSEARCH_URL", default="")
# What the names of its indices begin with: several installations may share a cluster.
SAWT_SEARCH_PREFIX = env.str("SAWT_SEARCH_PREFIX", default="sawt")
# Of an index that is built from now on (docs/decisions says how many for how many reports).
SAWT_SEARCH_SHARDS = env.int("SAWT_SEARCH_SHARDS", default=1)
# Who hears of a ladder's steps, and how (`cms.reports.escalating.Teller`).
SAWT_STEP_TELLER = "cms.notifications.steps.StepTeller"
# Called with a sender of whom nothing is kept any more, before the row goes (`cms.reports.forgetting`).
SAWT_SENDER_FORGOTTEN = [
    "cms.notifications.forgetting.forget_sender",
    "cms.portal.forgetting.forget_sender",
]
# True only under the embedded settings on loopback: demonstration accounts and the phone page.
SAWT_DEMO = False
SAWT_SENDING_HOURS = ("08:00", "21:00")
SAWT_PHONE_COUNTRIES = ["SA", "AE", "KW", "BH", "OM", "QA"]
# What "sends" while no gateway is configured, neither here nor in the admin.
SAWT_SMS_GATEWAY = "cms.notifications.gateways.ScreenGateway"
# To one number within an hour; codes, which have limits of their own, and what is urgent are not held.
SAWT_SMS_PER_NUMBER = env.int("SAWT_SMS_PER_NUMBER", default=20)
# After so long nobody keeps what a message said; that it was sent, when and how stays.
SAWT_MESSAGE_TEXTS_DAYS = 90
SAWT_SMS_URL = env.str("SAWT_SMS_URL", default="")
SAWT_SMS_TOKEN = env.str("SAWT_SMS_TOKEN", default="")
SAWT_SMS_SENDER = env.str("SAWT_SMS_SENDER", default="")
# True for a gateway inside one's own network; every other private address is refused.
SAWT_SMS_PRIVATE_NETWORK = env.bool("SAWT_SMS_PRIVATE_NETWORK", default=False)
# True where a webhook may lead into one's own network, and over plain http.
SAWT_WEBHOOK_PRIVATE_NETWORK = env.bool("SAWT_WEBHOOK_PRIVATE_NETWORK", default=False)
# Who may read /metrics: whoever brings this token; without one, this machine itself.
SAWT_METRICS_TOKEN = env.str("SAWT_METRICS_TOKEN", default="")
SAWT_METRICS_ON_LOOPBACK = True
SAWT_CODES_PER_DAY = 20_000
# Of one signed-in sender, or of one address where nobody is signed in: enough for a mosque's shared wifi.
SAWT_SUBMISSIONS_PER_HOUR = env.int("SAWT_SUBMISSIONS_PER_HOUR", default=30)
# Files of one signed-in sender, or of one address, taken in for submissions.
SAWT_UPLOADS_PER_HOUR = env.int("SAWT_UPLOADS_PER_HOUR", default=120)
# tcp://host:3310 of a ClamAV daemon; without it files are shown as not scanned.
SAWT_CLAMD_URL = env.str("CLAMD_URL", default="")
# A tile address for the map; empty draws the region's outline alone.
SAWT_MAP_TILES = env.str("SAWT_MAP_TILES", default="")
# A point farther than this from every place is refused. The land of the farthest place lies within it.
SAWT_REGION_MARGIN_KM = 100
# ٠–٩ instead of 0–9 on every page.
SAWT_ARABIC_DIGITS = False

globals().update(celery_settings())
CELERY_TIMEZONE = TIME_ZONE
