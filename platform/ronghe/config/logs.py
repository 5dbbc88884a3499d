"""Logging: structlog's events and the standard library's records leave through one formatter."""

import logging
from collections.abc import Mapping
from typing import Any, Final

import structlog
from django.core.exceptions import ImproperlyConfigured
from structlog.typing import Processor

STYLES: Final = ("console", "json")


def logging_settings(*, level: str, style: str) -> Mapping[str, Any]:
    """Configure structlog and return what Django's LOGGING setting takes.

    Args:
        level: the least severe level that is written, such as INFO.
        style: "console" for people or "json" for a log collector.

    Raises:
        ImproperlyConfigured: the level or the style is unknown.
    """
    if style not in STYLES:
        raise ImproperlyConfigured(f"LOG_FORMAT is {style!r}; give one of {', '.join(STYLES)}.")
    if level not in logging.getLevelNamesMapping():
        raise ImproperlyConfigured(f"LOG_LEVEL is {level!r}; give one of {', '.join(logging.getLevelNamesMapping())}.")
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "rendered": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(style)],
                "foreign_pre_chain": shared,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "rendered"}},
        "root": {"handlers": ["stderr"], "level": level},
    }


def _rendering(style: str) -> list[Processor]:
    if style == "json":
        return [
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ]
    return [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
