"""Structured logs: one event a line, with the request, job and account that it belongs to, never a secret.

What is logged through structlog and what libraries log through the standard library (uvicorn, SQLAlchemy, DBOS,
warnings) take the same way and end in the same form.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from soundrack import scrub

_about: ContextVar[dict[str, str] | None] = ContextVar("about", default=None)


@contextmanager
def about(**facts: str) -> Generator[None]:
    """Have every line that is logged in the block say what it is about: a request, say."""
    token = _about.set(facts)
    try:
        yield
    finally:
        _about.reset(token)


def also_about(**facts: str) -> None:
    """Have every further line of the innermost block say this too; without a block, nothing is said."""
    told = _about.get()
    if told is not None:
        told.update(facts)


def tell_about(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Add to a line what it is about. One variable for a request, since every request sets it and few are logged."""
    told = _about.get()
    return {**told, **event} if told else event


_COMMON: tuple[Processor, ...] = (
    tell_about,
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
