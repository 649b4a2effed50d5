"""Examples of BlackLab's bodies: those of its document, and what the document would have printed for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soundrack.services.blacklab.errors import MEANINGS
from soundrack.services.description import Examples

_QUEUED = {
    "id": "job_abc123def456",
    "status": "queued",
    "preset": "balanced",
    "format": "wav",
    "sample_rate": 44100,
    "estimated_seconds": 120,
    "credits_charged": 1,
    "created_at": "2025-01-15T10:30:00Z",
    "output_url": None,
}
_COMPLETED = {
    "id": "job_abc123def456",
    "status": "completed",
    "preset": "balanced",
    "format": "wav",
    "sample_rate": 44100,
    "credits_charged": 1,
    "created_at": "2025-01-15T10:30:00Z",
    "completed_at": "2025-01-15T10:32:04Z",
    "output_url": "https://cdn.blacklab.studio/output/job_abc123def456.wav",
    "output_expires_at": "2025-01-16T10:32:04Z",
}
_ENDED = {name: value for name, value in _QUEUED.items() if name != "estimated_seconds"}
_FAILED = _ENDED | {
    "status": "failed",
    "error": {
        "code": "unsupported_format",
        "message": "The file is not audio in one of these formats: WAV, FLAC, AIFF, MP3.",
    },
}

_NO_CLIENT: Examples = {
    "invalid_client": {
        "value": {"error": "invalid_client", "error_description": "The client is unknown, or its secret is wrong."}
    }
}

REQUESTS: Mapping[str, Examples] = {
    "create_upload_url": {
        "song": {
            "summary": "A song of four minutes",
            "value": {"filename": "my-track.wav", "content_type": "audio/wav", "size_bytes": 42336044},
        }
    },
    "create_job": {
        "full": {
            "summary": "With every choice made",
            "value": {
                "input_url": "https://storage.example.com/my-track.wav",
                "preset": "balanced",
                "format": "wav",
                "sample_rate": 44100,
                "webhook_url": "https://myapp.com/webhooks/blacklab",
            },
        },
        "shortest": {
            "summary": "With none: balanced, WAV, at the song's own rate",
            "value": {"input_url": "https://storage.example.com/my-track.wav"},
        },
        "reference": {
            "summary": "Towards a record",
            "value": {
                "input_url": "https://storage.example.com/my-track.wav",
                "reference_url": "https://storage.example.com/a-record-i-like.flac",
                "preset": "warm",
                "format": "flac",
            },
        },
    },
    "create_token": {
        "code": {
            "summary": "A code for tokens",
            "value": {
                "grant_type": "authorization_code",
                "client_id": "app_1a2b3c4d5e6f",
                "code": "sac_example",
                "redirect_uri": "https://mixdown.example/back",
                "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            },
        },
        "refresh": {
            "summary": "A refresh token for new ones",
            "value": {
                "grant_type": "refresh_token",
                "client_id": "app_1a2b3c4d5e6f",
                "refresh_token": "srt_example",
            },
        },
        "client": {
            "summary": "The application's own account",
            "value": {
                "grant_type": "client_credentials",
                "client_id": "app_1a2b3c4d5e6f",
                "client_secret": "secret_example",
                "scope": "mastering:read mastering:write",
            },
        },
    },
    "revoke_token": {
        "refresh": {
            "summary": "A refresh token, and with it all that followed from the same consent",
            "value": {"token": "srt_example", "token_type_hint": "refresh_token", "client_id": "app_1a2b3c4d5e6f"},
        }
    },
}

ANSWERS: Mapping[tuple[str, int], Examples] = {
    ("create_upload_url", 200): {
        "upload": {
            "value": {
                "upload_url": "https://storage.blacklab.studio/uploads/...",
                "asset_url": "https://storage.blacklab.studio/assets/asset_xyz789.wav",
                "expires_at": "2025-01-15T11:00:00Z",
            }
        }
    },
    ("create_job", 201): {"queued": {"value": _QUEUED}},
    ("get_job", 200): {
        "completed": {"summary": "Done", "value": _COMPLETED},
        "processing": {"summary": "Under way", "value": _QUEUED | {"status": "processing", "estimated_seconds": 41}},
        "failed": {"summary": "Failed, and refunded", "value": _FAILED},
        "cancelled": {"summary": "Cancelled, and refunded", "value": _ENDED | {"status": "cancelled"}},
    },
    ("list_jobs", 200): {
        "page": {"value": {"data": [_QUEUED | {"id": "job_m4q8x0z2k6ta"}, _COMPLETED], "has_more": False}}
    },
    ("get_account", 200): {
        "account": {
            "value": {
                "id": "acc_5h1n9c3w7e2r",
                "email": "you@example.com",
                "tier": "pro",
                "credits": {"balance": 287, "low_threshold": 5},
            }
        }
    },
    ("create_token", 200): {
        "tokens": {
            "value": {
                "access_token": "sat_example",
                "token_type": "Bearer",
                "expires_in": 3600,
                "refresh_token": "srt_example",
                "scope": "mastering:read mastering:write",
            }
        }
    },
    ("create_token", 400): {
        "invalid_grant": {
            "value": {"error": "invalid_grant", "error_description": "The code is unknown, expired or used."}
        }
    },
    ("revoke_token", 400): {
        "invalid_request": {"value": {"error": "invalid_request", "error_description": "The token is missing."}}
    },
    ("create_token", 401): _NO_CLIENT,
    ("revoke_token", 401): _NO_CLIENT,
}

EVENTS: Mapping[str, dict[str, Any]] = {
    "job.done": {"event": "job.done", "timestamp": "2025-01-15T10:32:04Z", "data": _COMPLETED},
    "job.failed": {"event": "job.failed", "timestamp": "2025-01-15T10:32:04Z", "data": _FAILED},
    "credits.low": {
        "event": "credits.low",
        "timestamp": "2025-01-15T10:32:04Z",
        "data": {"balance": 3, "threshold": 5},
    },
}

_REFUSALS = {
    "authentication_required": (401, "The API key is not valid.", None),
    "forbidden": (403, "The access token does not carry the scope {scope}.", None),
    "not_found": (404, "No such job.", None),
    "insufficient_credits": (402, "Your account does not have enough credits for this operation.", None),
    "rate_limited": (
        429,
        "Too many requests: at most 300 a minute and 50 in one second. Try again in 12 s.",
        None,
    ),
    "idempotency_conflict": (409, "A request with this Idempotency-Key is being carried out.", "Idempotency-Key"),
    "conflict": (409, "The job has ended: it is completed.", None),
    "unsupported_format": (415, "The file is not audio in one of these formats: WAV, FLAC, AIFF, MP3.", "input_url"),
    "internal_error": (500, "An unexpected error happened. It has been logged.", None),
}
_OF_ONE: Mapping[tuple[str, int], Mapping[str, tuple[str, str | None]]] = {
    ("create_upload_url", 413): {
        "file_too_large": ("The file exceeds the limit of 200 MB (209715200 bytes).", "size_bytes")
    },
    ("create_upload_url", 415): {
        "unsupported_format": (
            "content_type must be one of audio/wav, audio/flac, audio/mpeg, audio/aiff.",
            "content_type",
        )
    },
    ("create_upload_url", 422): {
        "validation_error": ("size_bytes: Input should be greater than or equal to 1.", "size_bytes")
    },
    ("create_job", 413): {"file_too_large": ("The request body is larger than 1048576 bytes.", None)},
    ("create_job", 422): {
        "validation_error": ("preset: Input should be 'balanced', 'warm', 'bright' or 'loud'.", "preset")
    },
    ("list_jobs", 422): {"validation_error": ("limit: Input should be less than or equal to 100.", "limit")},
}
_BY_OPERATION = {"conflict": {"cancel_job"}, "idempotency_conflict": {"create_job", "create_upload_url"}}
"""Codes that share their status with another, and where each can happen."""


def refusal(name: str, status: int, scope: str, docs_url: str) -> dict[str, Any]:
    """Return the examples of what an operation answers with a status that is an error, by code."""
    own = _OF_ONE.get((name, status))
    if own is None and status == 400:
        own = {"validation_error": ("The request body is not valid JSON.", None)}
    if own is None:
        own = {
            code: (message, param)
            for code, (its_status, message, param) in _REFUSALS.items()
            if its_status == status and name in _BY_OPERATION.get(code, {name})
        }
    return {
        code: {
            "summary": MEANINGS[code].partition(":")[0].partition(".")[0],
            "value": {
                "error": {
                    "code": code,
                    "message": message.format(scope=scope),
                    "param": param,
                    "doc_url": f"{docs_url}#err-{code.replace('_', '-')}",
                }
            },
        }
        for code, (message, param) in own.items()
    }
