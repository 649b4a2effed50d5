"""Magic inputs: source files that do not exist, each named for what happens when a job is submitted with it.

``https://sandbox.soundrack.example/insufficient_credits.wav`` is answered as a job is that nobody can pay. The table is
printed in ``docs/blacklab-sandbox.md``; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from soundrack import errors
from soundrack.errors import Invalid, SoundrackError
from soundrack.jobs.synthetic import Script

HOST = "sandbox.soundrack.example"
"""Names below ``.example`` lead nowhere (RFC 2606), so no file of anybody's is taken for magic."""

_FIELD = "input_url"
_RETRY_AFTER_S = 1


@dataclass(frozen=True)
class Magic:
    """What one input makes happen.

    Parameters
    ----------
    words : str
        For people: what happens.
    refusal : callable, optional
        Makes the error with which the job is refused; None: it is accepted.
    script : Script
        The life of the job that is accepted.
    """

    words: str
    refusal: Callable[[], SoundrackError] | None = None
    script: Script = field(default_factory=Script)


ORDINARY = Magic("The job is done after a second and a half, and `job.done` is told.")


def _refused(status: int, code: str, refusal: Callable[[], SoundrackError]) -> Magic:
    return Magic(f"{status} `{code}`: no job is made.", refusal)


def _fails(code: str, error: SoundrackError) -> Magic:
    return Magic(f"The job fails with `{code}`, and `job.failed` is told.", script=Script(error=error))


MAGIC: dict[str, Magic] = {
    "song": ORDINARY,
    "queued": Magic("The job stays `queued` until it is cancelled.", script=Script(starts_s=None, ends_s=None)),
    "processing": Magic(
        "The job is `processing` after half a second, and stays so until it is cancelled.", script=Script(ends_s=None)
    ),
    "credits_low": Magic(
        "`credits.low` is told at once, with the document's figures (balance 3, threshold 5); the job is done as ever.",
        script=Script(credits_low=(3, 5)),
    ),
    "failed_input_unreachable": _fails(
        "input_unreachable", errors.Unreachable("The server at the URL answered with status 404.")
    ),
    "failed_file_too_large": _fails(
        "file_too_large", errors.TooLarge("The file behind the URL is larger than 200 MB.")
    ),
    "failed_unsupported_format": _fails(
        "unsupported_format",
        errors.UnsupportedFormat("The file behind the URL is not audio in one of these formats: WAV, FLAC, AIFF, MP3."),
    ),
    "failed_validation_error": _fails("validation_error", errors.UnusableAudio("The file is silent from end to end.")),
    "failed_internal_error": _fails("internal_error", errors.Internal("The job ended unexpectedly.")),
    "bad_request": _refused(400, "validation_error", lambda: errors.Malformed("The request body is not valid JSON.")),
    "authentication_required": _refused(
        401, "authentication_required", lambda: errors.NotAuthenticated("The API key is not valid.")
    ),
    "insufficient_credits": _refused(
        402,
        "insufficient_credits",
        lambda: errors.NotEnoughCredits("Your account does not have enough credits for this operation."),
    ),
    "forbidden": _refused(
        403, "forbidden", lambda: errors.NotAllowed("The access token does not carry the scope mastering:write.")
    ),
    "not_found": _refused(404, "not_found", lambda: errors.NotFound("No such thing.")),
    "conflict": _refused(409, "conflict", lambda: errors.Conflict("The job has ended, so it cannot be cancelled.")),
    "idempotency_conflict": _refused(
        409,
        "idempotency_conflict",
        lambda: errors.AlreadyRunning("A request with this idempotency key is already in progress."),
    ),
    "file_too_large": _refused(
        413, "file_too_large", lambda: errors.TooLarge("The file exceeds the limit of 200 MB.", field=_FIELD)
    ),
    "unsupported_format": _refused(
        415,
        "unsupported_format",
        lambda: errors.UnsupportedFormat(
            "The file is not audio in one of these formats: WAV, FLAC, AIFF, MP3.", field=_FIELD
        ),
    ),
    "validation_error": _refused(
        422, "validation_error", lambda: errors.Invalid("The URL does not name an audio file.", field=_FIELD)
    ),
    "rate_limited": _refused(
        429,
        "rate_limited",
        lambda: errors.RateLimited("Too many requests. Try again in 1 s.", retry_after_s=_RETRY_AFTER_S),
    ),
    "internal_error": _refused(
        500, "internal_error", lambda: errors.Internal("An unexpected error happened. It has been logged.")
    ),
}
"""By the name of the file, without its ending."""


def of(url: str) -> Magic:
    """Return what a source file's URL makes happen; any URL of another host is an ordinary song.

    Parameters
    ----------
    url : str
        A URL that `Outbound.check` has passed.

    Raises
    ------
    Invalid
        If the host is the magic one and the file is none of the table.
    """
    parts = urlsplit(url)
    if parts.hostname != HOST:
        return ORDINARY
    path = PurePosixPath(parts.path)
    found = MAGIC.get(path.stem) if path.parent == PurePosixPath("/") else None
    if found is None:
        raise Invalid(f"There is no such file at {HOST}; there is: {', '.join(MAGIC)}.", field=_FIELD)
    return found
