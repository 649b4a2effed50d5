"""Examples of Masterify's bodies: those of its document, and what the document would have printed for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soundrack.services.description import Examples
from soundrack.services.languages import Language
from soundrack.services.masterify.errors import MEANINGS, STATUSES
from soundrack.services.masterify.messages import Failure, Message

_JOB_ID = "550e8400-e29b-41d4-a716-446655440000"
_LINK = "https://api.masterify.net/storage/output/{platform}.wav?expires=1700086400&signature=..."


def _result(platform: str, lufs: float, true_peak_db: float) -> dict[str, Any]:
    return {
        "platform": platform,
        "lufs": lufs,
        "true_peak_db": true_peak_db,
        "format": "wav",
        "download_url": _LINK.format(platform=platform),
    }


_RESULTS = [_result("spotify", -14.0, -1.1), _result("apple_music", -16.0, -1.2)]
_JOB = {
    "job_id": _JOB_ID,
    "status": "queued",
    "progress": 0,
    "platforms": ["spotify", "apple_music"],
    "genre": "kpop",
    "ai_service": "suno",
    "tier": "standard",
    "credits_used": 1,
    "created_at": "2025-01-15T10:30:00Z",
    "completed_at": None,
    "results": [],
    "error_message": None,
}

REQUESTS: Mapping[str, Examples] = {
    "create_job": {
        "shortest": {
            "summary": "A song for one platform",
            "value": {"file": "@track.mp3", "platforms": "spotify"},
        },
        "full": {
            "summary": "With every choice made",
            "value": {
                "file": "@track.wav",
                "platforms": "spotify,apple_music",
                "genre": "kpop",
                "ai_service": "suno",
                "tier": "premium",
                "webhook_url": "https://example.com/webhooks/masterify",
                "reference_file": "@a-record-i-like.flac",
            },
        },
    }
}

ANSWERS: Mapping[tuple[str, int], Examples] = {
    ("create_job", 201): {
        "queued": {
            "value": {
                "job_id": _JOB_ID,
                "status": "queued",
                "platforms": ["spotify", "apple_music"],
                "credits_used": 1,
                "credits_remaining": 19,
            }
        }
    },
    ("get_job", 200): {
        "done": {
            "summary": "Done",
            "value": _JOB
            | {"status": "done", "progress": 100, "completed_at": "2025-01-15T10:30:41Z", "results": _RESULTS},
        },
        "processing": {"summary": "Under way", "value": _JOB | {"status": "processing", "progress": 62}},
        "failed": {
            "summary": "Failed, and refunded",
            "value": _JOB | {"status": "failed", "error_message": Failure.UNSUPPORTED_FORMAT.said(Language.KOREAN)},
        },
    },
}

EVENTS: Mapping[str, dict[str, Any]] = {
    "job.completed": {"event": "job.completed", "job_id": _JOB_ID, "status": "done", "results": _RESULTS},
    "job.failed": {
        "event": "job.failed",
        "job_id": _JOB_ID,
        "status": "failed",
        "error_message": Failure.UNSUPPORTED_FORMAT.said(Language.ENGLISH),
    },
}

_VALUES = {
    "field": "file",
    "limit": "50",
    "value": "tidal",
    "choices": "spotify, apple_music, youtube, melon, soundcloud",
    "seconds": 12,
}
_SAID = {
    "FILE_TOO_LONG": (Message.FILE_TOO_LONG, {"limit": "10"}),
    "INVALID_API_KEY": (Message.INVALID_API_KEY, {}),
    "INVALID_REQUEST": (Message.MISSING_FIELD, {}),
}
"""Codes whose first sentence, or its usual values, would be a poor example."""


def refusals(codes: list[str]) -> dict[str, Any]:
    """Return the examples of answers with these codes, by code."""
    return {
        code: {"summary": MEANINGS[code].partition(":")[0].partition(".")[0], "value": _error(code)} for code in codes
    }


def _error(code: str) -> dict[str, Any]:
    message, values = _SAID.get(code, (next(one for one in Message if one.code == code), {}))
    return {"error": {"code": code, "message": message.said(Language.KOREAN, **(_VALUES | values))}}


def codes_with(status: int) -> list[str]:
    """Return the codes that come with a status."""
    return [code for code, its_status in STATUSES.items() if its_status == status]
