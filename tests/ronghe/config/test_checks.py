"""Every system check speaks up for its own fault, with an id and a hint, and is silent otherwise."""

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from ronghe.config import checks
from ronghe.config.logs import logging_settings


def ids(check, **options) -> list[str]:
    messages = list(check(**options))
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


def test_the_settings_of_the_suite_are_sound():
    assert [message for message in run_checks() if message.id and message.id.startswith("ronghe.")] == []


@pytest.mark.parametrize(
    ("check", "wrong", "expected"),
    [
        (checks.check_secret_key, {"SECRET_KEY": ""}, "ronghe.E001"),
        (checks.check_debug_stays_home, {"DEBUG": True, "ALLOWED_HOSTS": ["ronghe.example"]}, "ronghe.E002"),
        (checks.check_debug_stays_home, {"DEBUG": True, "ALLOWED_HOSTS": ["*"]}, "ronghe.E002"),
        (checks.check_redis, {"REDIS_URL": ""}, "ronghe.E003"),
        (checks.check_encoder, {"MATCHING_ENCODER": "matching.engine.encoding.Nothing"}, "ronghe.E004"),
        (checks.check_encoder, {"MATCHING_ENCODER": "no_dots"}, "ronghe.E004"),
        (checks.check_positive_numbers, {"MATCHING_TOP_K": 0}, "ronghe.E006"),
        (checks.check_positive_numbers, {"MATCHING_BLOCK_SIZE": -1}, "ronghe.E006"),
        (checks.check_positive_numbers, {"MATCHING_LEASE_SECONDS": 0}, "ronghe.E006"),
        (checks.check_mail, {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, "ronghe.W007"),
    ],
)
def test_a_fault_is_named(settings, check, wrong, expected):
    for name, value in wrong.items():
        setattr(settings, name, value)
    assert ids(check) == [expected]


@pytest.mark.parametrize(
    ("check", "sound"),
    [
        (checks.check_debug_stays_home, {"DEBUG": True, "ALLOWED_HOSTS": ["localhost", "127.0.0.1"]}),
        (checks.check_debug_stays_home, {"DEBUG": False, "ALLOWED_HOSTS": ["ronghe.example"]}),
        (checks.check_encoder, {"MATCHING_ENCODER": ""}),
        (checks.check_mail, {"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend"}),
    ],
)
def test_what_is_sound_passes(settings, check, sound):
    for name, value in sound.items():
        setattr(settings, name, value)
    assert ids(check) == []


def test_a_var_folder_that_cannot_be_made_is_named(settings, tmp_path):
    (tmp_path / "file").write_text("in the way")
    settings.VAR_DIR = tmp_path / "file" / "var"
    assert ids(checks.check_var_folder) == ["ronghe.E005"]
    settings.VAR_DIR = tmp_path / "not" / "yet"
    assert ids(checks.check_var_folder) == []


@pytest.mark.parametrize(("level", "style"), [("LOUD", "console"), ("INFO", "xml")])
def test_logging_refuses_what_it_does_not_know(level, style):
    with pytest.raises(ImproperlyConfigured, match="give one of"):
        logging_settings(level=level, style=style)
