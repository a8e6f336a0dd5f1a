"""Log lines are events with keys, one JSON object a line, and never hold what a customer wrote."""

from __future__ import annotations

import logging
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer

_transform = ExceptionDictTransformer(show_locals=False)


def _frames(exc_info: Any) -> list[dict[str, Any]]:
    """Types and frames of an exception: local variables and messages may hold what a customer wrote."""
    return [{**stack, "exc_value": ""} for stack in _transform(exc_info)]


class _WithoutTraceback(logging.Filter):
    """The error is logged as `request.failed`; uvicorn would print it once more, with its text."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.exc_info is None


def configure(level: int = logging.INFO) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(_frames),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(_WithoutTraceback())
