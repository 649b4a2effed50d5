"""What an application can be allowed to do, by service, and the words in which a person is asked."""

from __future__ import annotations

from soundrack.errors import Invalid
from soundrack.service import Service

WORDS: dict[Service, dict[str, str]] = {
    Service.BLACKLAB: {
        "mastering:read": "See your mastering jobs and download their results",
        "mastering:write": "Submit mastering jobs, which spends your credits, and cancel them",
        "assets:write": "Upload audio files to your account",
        "account:read": "See your mail address, your plan and your credit balance",
    }
}
"""The scopes of every service whose document knows OAuth."""


def within(scope: str | None, allowed: str) -> str | None:
    """Return a scope without repetitions and in the order of `allowed`, or None if it is empty or exceeds that."""
    asked, known = set((scope or "").split(" ")) - {""}, allowed.split(" ")
    if not asked or not asked.issubset(known):
        return None
    return " ".join(name for name in known if name in asked)


def require(service: Service, scope: str) -> str:
    """Return a scope that an application may be registered for, in the service's order.

    Raises
    ------
    Invalid
        If the service has no OAuth, or a scope is unknown, or there is none.
    """
    known = " ".join(WORDS.get(service, {}))
    if not known:
        raise Invalid(f"{service} has no OAuth; these have: {', '.join(WORDS)}.", field="service")
    kept = within(scope, known)
    if kept is None:
        raise Invalid(f"The scope names at least one of: {known}.", field="scope")
    return kept


def words(service: Service, scope: str) -> list[str]:
    """Return what each part of a granted scope means, in plain words."""
    return [WORDS[service][name] for name in scope.split(" ")]
