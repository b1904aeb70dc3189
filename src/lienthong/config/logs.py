"""Structured logs, one JSON object a line, without personal data: people's numbers are masked."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# A run of 9 or 12 digits may be a person's number; letters of a dossier number around it make it none.
_PERSON = re.compile(r"(?<![\w.-])(\d{3})\d{6}(\d{3})(?![\w.-])|(?<![\w.-])(\d{2})\d{5}(\d{2})(?![\w.-])")
_SECRET = {"password", "token", "secret", "otp", "cookie", "authorization", "sessionid"}


def mask(text: str) -> str:
    return _PERSON.sub(lambda m: f"{m[1] or m[3]}…{m[2] or m[4]}", text)


def _without_personal_data(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key.lower() in _SECRET:
            event[key] = "…"
        elif isinstance(value, str):
            event[key] = mask(value)
    return event


def configure(*, level: str) -> None:
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
        structlog.processors.format_exc_info,
        _without_personal_data,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("procrastinate", "httpx", "httpcore", "fontTools", "pyhanko", "psycopg.pool", "_granian"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
