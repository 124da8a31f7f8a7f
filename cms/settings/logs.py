"""Structured logs through structlog, in which nobody's phone number can be read."""

import logging
import re
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

# A mobile or any international number, in Western or Arabic digits, with the usual separators. Bounded on
# both sides, so that a reference, a time or an id of fewer digits stays readable.
_DIGIT = "[0-9٠-٩]"
_PHONE = re.compile(
    rf"(?<![0-9٠-٩A-Za-z.:-])(?:\+|00)?{_DIGIT}(?:[ \-()]?{_DIGIT}){{8,14}}(?![0-9٠-٩A-Za-z])"
)
# A tracking link or a code in an address opens somebody's report.
_TOKEN = re.compile(r"(/t/)[^\s/?\"']+")


def mask(text: str) -> str:
    """The text with all but the last two digits of each number that could be a phone's hidden."""
    text = _PHONE.sub(lambda found: f"•••{found.group()[-2:]}", text)
    return _TOKEN.sub(r"\1•••", text)


def _masked(value: Any) -> Any:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, dict):
        return {key: _masked(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(one) for one in value]
    text = str(value)
    hidden = mask(text)
    return value if hidden == text and isinstance(value, int) else hidden


def mask_phone_numbers(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Last before rendering, so that the message, its arguments and a traceback are all seen."""
    for key, value in event.items():
        if key not in ("timestamp", "level", "logger"):
            event[key] = _masked(value)
    return event


# Refusals that anybody can provoke.
PROVOKED = ("DisallowedHost", "RequestDataTooBig", "TooManyFieldsSent", "TooManyFilesSent")


class OneLine(logging.Filter):
    """Django logs each request with a foreign Host as an error with its traceback; it is nobody's bug."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.exc_info = record.exc_text = record.stack_info = None
        return True


def logging_config(*, json: bool, level: str = "INFO") -> dict[str, Any]:
    """Django's LOGGING: everything, third parties included, goes masked to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
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
            "masked": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    mask_phone_numbers,
                    renderer,
                ],
            }
        },
        "filters": {"one_line": {"()": OneLine}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "masked"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django gives its own logger handlers before this is read; they would print everything twice.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            # Django warns at every 404 and refused form; visitors make those, and no operator needs to act.
            "django.request": {"level": "ERROR"},
            **{f"django.security.{name}": {"filters": ["one_line"]} for name in PROVOKED},
            "celery": {"level": "WARNING"},
            "axes": {"level": "ERROR"},
            # It warns that the memory transport has no host name.
            "kombu": {"level": "ERROR"},
        },
    }
