"""What to call a browser, by what it calls itself. It is shown to its owner and decides nothing."""

from __future__ import annotations

# in this order: most of them name those behind them as well
_PROGRAMS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
    "curl": "curl",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}
_MOST_CHARACTERS = 60


def name(user_agent: str) -> str:
    """Return a browser's name for people.

    >>> name("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox on Linux'
    """
    program = next((called for mark, called in _PROGRAMS.items() if mark in user_agent), None)
    system = next((called for mark, called in _SYSTEMS.items() if mark in user_agent), None)
    if program and system:
        return f"{program} on {system}"
    return program or system or user_agent[:_MOST_CHARACTERS] or "A browser without a name"
