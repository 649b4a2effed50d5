"""An object as a response: whole, or the part that is asked for, under the name that it is to have."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from soundrack.storage import ranges
from soundrack.storage.objects import ObjectInfo, ObjectStore

_TYPES = {
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".aiff": "audio/aiff",
    ".mid": "audio/midi",
    ".png": "image/png",
}
_NOT_PLAIN = re.compile(r"[^ !#$&+\-.0-9A-Z^_`a-z{}~()\[\]=,;@\']")
"""What does not stand in the name for clients that read no UTF-8: what is not ASCII, quotes, and what some unescape."""


def send(store: ObjectStore, key: str, info: ObjectInfo, request: Request, *, filename: str = "") -> Response:
    """Answer a GET or HEAD for an object that exists, ``Range`` and what goes with it included (RFC 9110, 13 and 14).

    Parameters
    ----------
    filename : str
        What the file is called where it arrives; the last part of its key if empty.
    """
    name = PurePosixPath(key)
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-transform",
        "Content-Disposition": attachment(filename or name.name),
        "ETag": info.etag,
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match") == info.etag:
        return Response(status_code=304, headers=headers)
    wanted = request.headers.get("range") if request.headers.get("if-range", info.etag) == info.etag else None
    try:
        span = ranges.parse(wanted, info.size_bytes)
    except ranges.NotSatisfiable:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{info.size_bytes}"})
    status, start, end = 200, 0, info.size_bytes
    if span is not None:
        status, start, end = 206, span.start, span.end
        headers["Content-Range"] = span.content_range
    headers["Content-Length"] = str(end - start)
    media_type = _TYPES.get(name.suffix, "application/octet-stream")
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=media_type)
    return StreamingResponse(store.stream(key, start, end), status, headers, media_type)


def attachment(filename: str) -> str:
    """Return the ``Content-Disposition`` of a file to be saved under a name (RFC 6266, 4.3 and appendix D).

    >>> attachment("song.wav")
    'attachment; filename="song.wav"'
    >>> attachment("노래 - melon.wav")
    'attachment; filename="__ - melon.wav"; filename*=UTF-8\\'\\'%EB%85%B8%EB%9E%98%20-%20melon.wav'
    """
    plain = _NOT_PLAIN.sub("_", filename)
    if plain == filename:
        return f'attachment; filename="{filename}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
