"""Examples of Soundpiece's bodies: those of its document, and what the document would have printed for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soundrack.services.description import Examples
from soundrack.services.soundpiece import errors
from soundrack.services.soundpiece.actions import ACTIONS, STEMS, Action, Delivery

OPERATION_ID = "op_01h7k3v9q2m1x7ab4c5d6e7f8g"
_KEY = "550e8400-e29b-41d4-a716-446655440000"
_CREATED_AT = "2026-05-20T12:34:56Z"
_CALLBACK = "https://your-app.com/hooks/soundpiece"
_LYRICS = "[Verse]\nCity lights are fading slow\n[Chorus]\nTake me where the rivers go"
_ASKED: Mapping[str, Any] = {
    "lyrics": _LYRICS,
    "prompt": "Synthwave, melancholic, mid-tempo",
    "reference": None,
    "source": {"url": "https://example.com/song.flac"},
    "duration": 8.0,
    "loopable": False,
    "n_variations": 2,
    "target_duration": 30.0,
}
_PROMPTS = {"create.new_sample": "Warm Rhodes chords, lo-fi, 84 bpm", "create.new_fx": "Heavy wooden door closing"}
_REFERENCE = {"url": "https://example.com/reference.mp3"}
_FAILURE = errors.failure("unreachable")


def asked(action: Action) -> dict[str, Any]:
    """Return what an action is asked with, as it is echoed."""
    found = {name: _ASKED[name] for name in action.echoed}
    return found | ({"prompt": _PROMPTS[action.route]} if action.route in _PROMPTS else {})


def _request(action: Action) -> dict[str, Any]:
    given = {name: value for name, value in asked(action).items() if value is not None}
    return {"idempotency_key": _KEY, **given, "callback_url": _CALLBACK}


def _output(name: str, duration: float) -> dict[str, Any]:
    return {
        "url": f"https://cdn.soundpiece.co/{name}.flac?expires=1779281421&signature=...",
        "expires_at": "2026-05-20T12:50:21Z",
        "duration": duration,
    }


def _results(action: Action) -> Any:
    match action.delivery:
        case Delivery.ONE:
            return _output(OPERATION_ID, 30.2 if action.recording else 8.0)
        case Delivery.STEMS:
            return [_output(name, 87.4) | {"kind": name} for name in STEMS]
    return [_output(f"{OPERATION_ID}-{number}", duration) for number, duration in ((1, 87.4), (2, 91.0))]


def operation(action: Action, status: str) -> dict[str, Any]:
    """Return an operation of invented values, without its wrapper."""
    return {
        "id": OPERATION_ID,
        "status": status,
        "created_at": _CREATED_AT,
        "idempotency_key": _KEY,
        **asked(action),
        action.field: _results(action) if status == "ready" else None,
        "error": dict(_FAILURE) if status == "failed" else None,
    }


def _wrapped(action: Action, status: str, summary: str) -> dict[str, Any]:
    return {"summary": summary, "value": {action.wrapper: operation(action, status)}}


def _requests(action: Action) -> Examples:
    whole = _request(action)
    found = {"full": {"summary": "With every choice made", "value": whole}}
    if action.recording == "reference":
        by_reference = {name: value for name, value in whole.items() if name != "prompt"}
        found["reference"] = {
            "summary": "In the manner of a recording",
            "value": by_reference | {"reference": _REFERENCE},
        }
    return found


REQUESTS: Mapping[str, Examples] = {f"submit_{action.name}": _requests(action) for action in ACTIONS}

ANSWERS: Mapping[tuple[str, int], Examples] = {
    **{
        (f"submit_{action.name}", 200): {"processing": _wrapped(action, "processing", "Accepted")} for action in ACTIONS
    },
    **{
        (f"poll_{action.name}", 200): {
            "ready": _wrapped(action, "ready", "Ready"),
            "processing": _wrapped(action, "processing", "Under way"),
            "failed": _wrapped(action, "failed", "Failed, and refunded"),
        }
        for action in ACTIONS
    },
}

EVENTS: Mapping[str, dict[str, Any]] = {
    f"{action.route}.{status}": {"type": f"{action.route}.{status}", "data": operation(action, status)}
    for action in ACTIONS
    for status in ("ready", "failed")
}

_DETAILS: Mapping[int, str] = {
    400: "The request body is not valid JSON.",
    401: errors.NO_KEY,
    403: "The plan Standard does not include the API.",
    409: "This idempotency key was used for another request. Use a new one.",
    413: "The request body is larger than 1048576 bytes.",
    429: "Rate limit exceeded; retry in 17 seconds",
    500: "An unexpected error happened. It has been logged.",
}
_TOO_SHORT = {"msg": "String should have at least 1 character", "type": "string_too_short"}
_NOT_A_URL = {"msg": "Input should be a valid URL, relative URL without a base", "type": "url_parsing"}


def refusals(name: str, status: int) -> dict[str, Any]:
    """Return the examples of what an operation answers with a status that is an error."""
    if status == 402:
        price = next(action.credits for action in ACTIONS if name == f"submit_{action.name}")
        return {"credits": {"value": {"detail": errors.NO_CREDITS, "balance": 0, "required": price}}}
    if status != 422:
        return {"refused": {"value": {"detail": _DETAILS[status]}}}
    if name.startswith("poll_"):
        fault = {"loc": ["query", "id"], "msg": errors.NO_OPERATION, "type": "value_error"}
        return {"unknown": {"summary": "No operation of this account", "value": {"detail": [fault]}}}
    action = next(action for action in ACTIONS if name == f"submit_{action.name}")
    field = next(one for one in ("lyrics", "prompt", "source") if one in action.echoed)
    fault = (
        {"loc": ["body", field, "url"], **_NOT_A_URL} if field == "source" else {"loc": ["body", field], **_TOO_SHORT}
    )
    return {"fault": {"summary": "A value that cannot be accepted", "value": {"detail": [fault]}}}
