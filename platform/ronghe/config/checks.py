"""System checks of the settings; each has an id and a hint. `ronghe.E...` stops commands, `ronghe.W...` does not."""

import os
from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.utils.module_loading import import_string

from ronghe.runtime.preflight import has_secret_key

LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "[::1]", "testserver"})
POSITIVE_SETTINGS: Final = (
    "MATCHING_TOP_K",
    "MATCHING_BLOCK_SIZE",
    "MATCHING_LEASE_SECONDS",
    "MATCHING_MOST_VECTORS",
    "MATCHING_RESPONSE_DAYS",
    "MATCHING_SEARCHES_PER_HOUR",
    "MATCHING_NEWCOMER_DAYS",
    "IMPORT_MAX_UNPACKED_BYTES",
    "IMPORT_MAX_COMPRESSION_RATIO",
)
LOCAL_MAIL_BACKENDS: Final = ("console", "dummy", "filebased", "locmem")


@register(Tags.security)
def check_secret_key(**_options: Any) -> Iterable[CheckMessage]:
    """Sessions and links are signed with it, so there must be one."""
    if not has_secret_key():
        yield Error(
            "SECRET_KEY is not set.",
            hint="Set it in the environment, or run `manage.py up` once: it makes one and keeps it in the var folder.",
            id="ronghe.E001",
        )


@register(Tags.security)
def check_debug_stays_home(**_options: Any) -> Iterable[CheckMessage]:
    """Error pages of DEBUG show settings and data to whoever asks."""
    public = sorted(set(settings.ALLOWED_HOSTS) - LOOPBACK_HOSTS)
    if settings.DEBUG and public:
        yield Error(
            f"DEBUG is on while the platform answers as {', '.join(public)}.",
            hint="Set DEBUG=False, or leave only localhost in ALLOWED_HOSTS.",
            id="ronghe.E002",
        )


@register(Tags.caches, deploy=True)
def check_redis(**_options: Any) -> Iterable[CheckMessage]:
    """Workers on several hosts, throttles and idempotency keys all meet in one Redis."""
    if not settings.REDIS_URL:
        yield Error(
            "REDIS_URL is not set: no worker gets tasks, and every process counts requests for itself.",
            hint="Set REDIS_URL=redis://host:6379/0, or run everything with `manage.py up`.",
            id="ronghe.E003",
        )


@register()
def check_encoder(**_options: Any) -> Iterable[CheckMessage]:
    """A misspelt encoder would otherwise show only when the first index is built."""
    if not settings.MATCHING_ENCODER:
        return
    try:
        import_string(settings.MATCHING_ENCODER)
    except ImportError as error:
        yield Error(
            f"MATCHING_ENCODER cannot be imported: {error}",
            hint="Give the dotted name of an encoder class, or an empty value to match by words alone.",
            id="ronghe.E004",
        )


@register()
def check_var_folder(**_options: Any) -> Iterable[CheckMessage]:
    """The database, the index and the vectors are kept there."""
    folder = settings.VAR_DIR
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
        yield Error(
            f"{settings.VAR_DIR} cannot be written to.",
            hint=f"Make {folder} a folder that this user may write to, or name another one in RONGHE_VAR_DIR.",
            id="ronghe.E005",
        )


@register()
def check_positive_numbers(**_options: Any) -> Iterable[CheckMessage]:
    """None of these makes sense at zero: empty lists, leases that end at once, archives that never fit."""
    for name in POSITIVE_SETTINGS:
        if getattr(settings, name) < 1:
            yield Error(f"{name} must be 1 or more.", hint="Correct it, or leave it out.", id="ronghe.E006")


@register(deploy=True)
def check_mail(**_options: Any) -> Iterable[CheckMessage]:
    """Invitations and forgotten passwords depend on mail that arrives."""
    if any(name in settings.EMAIL_BACKEND for name in LOCAL_MAIL_BACKENDS):
        yield checks.Warning(
            "Mail is not sent anywhere.",
            hint="Set EMAIL_URL, for example smtp+tls://user:password@host:587.",
            id="ronghe.W007",
        )
