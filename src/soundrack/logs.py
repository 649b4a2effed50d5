"""Structured logs: one event a line, with the request, job and account that it belongs to, never a secret.

What is logged through structlog and what libraries log through the standard library (uvicorn, SQLAlchemy, DBOS,
warnings) take the same way and end in the same form.
"""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import Processor

from soundrack import scrub

_COMMON: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure(*, json: bool) -> None:
    """Send every log line of the process to standard error, as key-value pairs or as JSON.

    Ours from level INFO, others' from WARNING. Tracebacks show code and never the values of variables.
    """
    ending: list[Processor] = [structlog.processors.format_exc_info, scrub.event, _renderer(json=json)]
    structlog.configure(
        processors=[*_COMMON, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_COMMON, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)


def _renderer(*, json: bool) -> Processor:
    if json:
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
