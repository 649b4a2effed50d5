"""Every way in which Soundrack says no.

One hierarchy for the whole house. An error carries what a caller needs to act on: a sentence, and the field that
caused it where there is one. It knows no HTTP status: each service translates it in its own ``errors.py``.
"""

from __future__ import annotations

from enum import StrEnum


class SoundrackError(Exception):
    """Base of all errors that are meant for a caller.

    Parameters
    ----------
    message : str
        One or two sentences for a person: what is wrong and, where it helps, what would be right.
    field : str, optional
        The request field, option or file that caused it.
    """

    kind = "error"
    """Stable name of the error in records that outlive the process (a job's row, a report)."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Malformed(SoundrackError):
    """The request cannot be read at all."""

    kind = "malformed"


class Invalid(SoundrackError):
    """The request can be read, but a value in it cannot be accepted."""

    kind = "invalid"


class Why(StrEnum):
    """What is wrong with credentials."""

    MISSING = "missing"
    """There are none."""
    MALFORMED = "malformed"
    """They do not have the form of any that are given out here."""
    UNKNOWN = "unknown"
    """They have the form, but open nothing: unknown, revoked, expired, or used from where they may not be used."""


class NotAuthenticated(SoundrackError):
    """No credentials, or none that are valid here.

    Parameters
    ----------
    why : Why
        What is wrong with them.
    """

    kind = "not_authenticated"

    def __init__(self, message: str, *, why: Why = Why.UNKNOWN, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.why = why


class NotAllowed(SoundrackError):
    """Valid credentials without the right to do this."""

    kind = "not_allowed"


class NotFound(SoundrackError):
    """No such thing, or not this caller's."""

    kind = "not_found"


class Conflict(SoundrackError):
    """The thing's present state does not allow this."""

    kind = "conflict"


class AlreadyRunning(Conflict):
    """Another request with the same idempotency key is being carried out."""

    kind = "already_running"


class KeyReused(Invalid):
    """An idempotency key that was used for another request."""

    kind = "key_reused"


class RateLimited(SoundrackError):
    """Too many requests.

    Parameters
    ----------
    retry_after_s : int
        Whole seconds, at least 1, after which the request would be let through.
    """

    kind = "rate_limited"

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class QuotaExceeded(RateLimited):
    """The month's requests are used up."""

    kind = "quota_exceeded"


class TooManyJobs(SoundrackError):
    """As many jobs as the plan allows at once are under way.

    Parameters
    ----------
    retry_after_s : int
        Whole seconds, at least 1, after which the first of them has probably ended.
    """

    kind = "too_many_jobs"

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NotEnoughCredits(SoundrackError):
    """The balance does not cover the operation.

    Parameters
    ----------
    balance, required : int
        What the account has, and what the operation costs.
    """

    kind = "not_enough_credits"

    def __init__(self, message: str, *, balance: int = 0, required: int = 1) -> None:
        super().__init__(message)
        self.balance = balance
        self.required = required


class TooLarge(SoundrackError):
    """More bytes, frames or seconds than the limit allows."""

    kind = "too_large"


class TooLong(TooLarge):
    """A sound that plays for longer than the limit allows."""

    kind = "too_long"


class ForbiddenAddress(SoundrackError):
    """A URL that leads where callers' URLs may not lead."""

    kind = "forbidden_address"


class Unreachable(SoundrackError):
    """A URL that leads nowhere, or to something that does not answer as it should, or in time."""

    kind = "unreachable"


class UnsupportedFormat(SoundrackError):
    """Not audio, or not in a format that is read here."""

    kind = "unsupported_format"


class UnusableAudio(SoundrackError):
    """Audio in a known format that cannot be worked on: truncated, not finite, silent, too short."""

    kind = "unusable_audio"


class Cancelled(SoundrackError):
    """Stopped because somebody asked for it."""

    kind = "cancelled"


class ResourcesExhausted(SoundrackError):
    """The work needed more memory or time than a job may have."""

    kind = "resources_exhausted"


class NotConfigured(SoundrackError):
    """The machine or its settings lack something this needs."""

    kind = "not_configured"


class Internal(SoundrackError):
    """Our fault."""

    kind = "internal"


BY_KIND: dict[str, type[SoundrackError]] = {
    cls.kind: cls
    for cls in (
        Malformed,
        Invalid,
        NotAuthenticated,
        NotAllowed,
        NotFound,
        Conflict,
        AlreadyRunning,
        KeyReused,
        TooManyJobs,
        NotEnoughCredits,
        TooLarge,
        TooLong,
        ForbiddenAddress,
        Unreachable,
        UnsupportedFormat,
        UnusableAudio,
        Cancelled,
        ResourcesExhausted,
        NotConfigured,
        Internal,
    )
}
"""From a recorded `kind` back to its class, for those that a record can hold."""
