"""Examples of SignalKey's bodies: those of its document, and what the document would have printed for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from soundrack.services.description import Examples
from soundrack.services.signalkey.errors import FAILED, FAILURES, MEANINGS, STATUSES

JOB_ID = "k3v9q2m1x7ab"
_LINK = "https://signalkey.io/storage/output/{name}?expires=1714411400&signature=..."
_CHECK = {
    "id": "true_peak",
    "title": "True peak",
    "value": -0.6,
    "unit": "dBTP",
    "verdict": "notice",
    "target": "-1 dBTP or lower",
    "advice": "Lower the limiter's ceiling to -1 dBTP.",
}
_ESTIMATED = "Told from the mix: how much of what is heard there is this stem's own."


def _stem(name: str, quality: int) -> dict[str, Any]:
    return {
        "id": name,
        "quality_pct": quality,
        "estimated": True,
        "presence_pct": 80,
        "explanation": _ESTIMATED,
        "url": None,
    }


RESULT: dict[str, Any] = {
    "id": JOB_ID,
    "file_meta": {
        "filename": "track.mp3",
        "duration_sec": 210.0,
        "container": "mp3",
        "encoding": "MPEG_LAYER_III",
        "rate_hz": 44_100,
        "channels": 2,
    },
    "tempo": {
        "bpm": 124.0,
        "confidence": 0.94,
        "time_signature": "4/4",
        "beats_s": [0.12, 0.6, 1.09],
        "downbeats_s": [0.12],
        "curve": [{"at_s": 0.12, "bpm": 124.0}],
        "stability": 0.99,
        "alternatives": [{"bpm": 62.0, "confidence": 0.04}],
        "swing": 0.5,
        "feel": "straight",
    },
    "key": {
        "name": "C minor",
        "tonic": "C",
        "mode": "minor",
        "camelot": "5A",
        "open_key": "10m",
        "confidence": 0.88,
        "tuning_cents": 1.5,
        "alternatives": [{"name": "Eb major", "confidence": 0.07}],
        "segments": [
            {
                "start_s": 0.0,
                "end_s": 210.0,
                "name": "C minor",
                "camelot": "5A",
                "open_key": "10m",
                "confidence": 0.88,
            }
        ],
        "modulations": [],
    },
    "genre": {
        "primary": {"label": "House", "confidence": 0.82},
        "top5": [{"label": "House", "confidence": 0.82}, {"label": "Techno", "confidence": 0.09}],
        "style": None,
        "tags": [{"label": "electronic", "confidence": 0.91}],
    },
    "mood": {
        "valence": 56,
        "energy": 74,
        "danceability": 78,
        "tags": [{"label": "driving", "confidence": 0.7}],
    },
    "loudness": {
        "integrated_lufs": -10.5,
        "true_peak_db": -0.6,
        "sample_peak_db": -0.9,
        "loudness_range_lu": 5.2,
        "max_short_term_lufs": -8.9,
        "max_momentary_lufs": -7.8,
        "plr_db": 9.9,
    },
    "structure": {
        "sections": [
            {
                "start_s": 0.0,
                "end_s": 30.9,
                "start_bar": 1,
                "bars": 16.0,
                "label": "intro",
                "group": "A",
                "confidence": 0.6,
                "energy": 41,
            }
        ],
        "energy_curve": {"step_s": 1.0, "values": [38, 40, 41]},
    },
    "mix_report": {
        "lufs_integrated": -10.5,
        "checks": [_CHECK] * 16,
        "priority_move": "Lower the limiter's ceiling to -1 dBTP.",
    },
    "create_report": {
        "chords": [{"start_s": 0.12, "end_s": 2.06, "label": "Cm", "roman": "i", "confidence": 0.8}],
        "progression": {
            "numerals": ["i", "VI", "III", "VII"],
            "chords": ["Cm", "Ab", "Eb", "Bb"],
            "times": 12,
            "summary": "i VI III VII, 12 times",
        },
        "scale": {"name": "C natural minor", "notes": ["C", "D", "Eb", "F", "G", "Ab", "Bb"]},
        "suggested_vocal_key": "C minor",
        "vocal_key_reason": "It is the key of the song.",
        "compatible_keys": [{"name": "Eb major", "camelot": "5B", "relation": "relative"}],
        "feel": "straight",
        "midi_url": _LINK.format(name="song.mid"),
    },
    "stems_report": {
        "separated": False,
        "stems": [_stem("vocals", 92), _stem("drums", 88), _stem("bass", 85), _stem("other", 70)],
        "instruments": [{"label": "synth", "confidence": 0.8}],
        "voice": {"present": True, "kind": "female", "confidence": 0.75},
    },
    "release_kit": {
        "clips": [
            {"length_s": 15, "start_s": 61.9, "end_s": 77.4, "start_bar": 33, "reason": "The loudest part of the song."}
        ],
        "captions": {"instagram": {"en": "track. House, 124 BPM.", "ko": "track. 하우스, 124 BPM."}},
        "hashtags": ["#house"],
        "pictures": {
            "waveform": _LINK.format(name="waveform.png"),
            "spectrogram": _LINK.format(name="spectrogram.png"),
        },
    },
    "version": 1,
    "links_expire_at": "2024-04-29T17:23:20Z",
}
"""The document's numbers, but for `open_key`: C minor is 10m, and the `1m` that it prints is a misprint."""

FAILURE = {"code": FAILED, "message": FAILURES["unusable_audio"]}
EVENTS: Mapping[str, dict[str, Any]] = {
    "analysis.completed": RESULT,
    "analysis.failed": {"id": JOB_ID, "error": FAILURE},
}

REQUESTS: Mapping[str, Examples] = {
    "analyze": {
        "full": {
            "summary": "A song, and where its result is posted",
            "value": {"file": "@track.mp3", "webhook_url": "https://your-app.com/hook"},
        },
        "shortest": {"summary": "A song alone", "value": {"file": "@track.mp3"}},
    }
}

STREAM = [
    {"id": "1", "event": "progress", "data": '{"progress": 0.05, "stage": "upload"}'},
    {"id": "3", "event": "progress", "data": '{"progress": 0.40, "stage": "features"}'},
    {"id": "15", "event": "result", "data": f'{{"id": "{JOB_ID}", "tempo": {{"bpm": 124}}}}'},
    {"id": "16", "event": "done", "data": '{"ok": true}'},
]
"""Shortened, as the document shows it."""

_PATH = f"/api/v1/jobs/{JOB_ID}"
ANSWERS: Mapping[tuple[str, int], Examples] = {
    ("analyze", 202): {
        "queued": {
            "value": {
                "job_id": JOB_ID,
                "object": "analysis_job",
                "status": "queued",
                "stream_url": f"{_PATH}/stream",
                "poll_url": _PATH,
                "webhook_delivery": "scheduled",
            }
        }
    },
    ("get_job", 200): {"done": {"summary": "Done", "value": RESULT}},
    ("get_job", 202): {
        "processing": {
            "summary": "Under way",
            "value": {
                "job_id": JOB_ID,
                "object": "analysis_job",
                "status": "processing",
                "progress": 0.4,
                "stage": "features",
            },
        }
    },
    ("stream_job", 200): {"followed": {"summary": "From beginning to end", "value": STREAM}},
    ("get_me", 200): {
        "studio": {
            "value": {
                "object": "api_key",
                "id": "key_4f9a1c7e2b8d",
                "name": "my app",
                "prefix": "sk_live_Zk3v",
                "created_at": "2024-04-01T09:00:00Z",
                "last_used_at": "2024-04-28T17:22:00Z",
                "plan": "studio",
                "rate_limit": {
                    "minute": {"limit": 30, "remaining": 27, "reset": 1_714_325_060},
                    "month": {"limit": 1000, "remaining": 942, "reset": 1_717_200_000},
                },
            }
        }
    },
}

_SAID = {
    "invalid_request": "Send the song as the field file of multipart/form-data.",
    "invalid_api_key": "The API key has been revoked.",
    "forbidden": "The plan Free does not include the API.",
    "not_found": "No such job.",
    "file_too_large": "file is larger than 200 MB (209715200 bytes).",
    "file_too_long": "file plays for more than 30 minutes.",
    "unsupported_format": "file is not audio in one of these formats: MP3, WAV, FLAC, AIFF, OGG, M4A.",
    "unsupported_media_type": "The body must be multipart/form-data with a boundary.",
    "rate_limited": "Too many requests: at most 30 a minute. Try again in 12 s.",
    "analysis_failed": FAILURE["message"],
    "internal_error": "An unexpected error happened. It has been logged.",
    "backend_not_configured": "The analysis is switched off on this server.",
}


def refusals(codes: list[str]) -> dict[str, Any]:
    """Return the examples of answers with these codes, by code."""
    return {
        code: {"summary": MEANINGS[code].partition(":")[0].partition(".")[0], "value": _error(code)} for code in codes
    }


def _error(code: str) -> dict[str, Any]:
    told: dict[str, Any] = {"code": code, "message": _SAID[code]}
    if code == "rate_limited":
        told |= {"scope": "minute", "retry_after": 12}
    return {"error": told}


def codes_with(status: int) -> list[str]:
    """Return the codes that come with a status."""
    return [code for code, its_status in STATUSES.items() if its_status == status]
