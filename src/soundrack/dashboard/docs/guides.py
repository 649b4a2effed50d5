"""The guides: which there are, in which order, and how one leads to another.

`pages` is a symbolic link to the project's folder ``docs``, so that they are written once; a wheel has them as files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from posixpath import normpath

from soundrack.dashboard.docs import markdown
from soundrack.dashboard.docs.markdown import Text
from soundrack.errors import NotFound

ROOT = "/docs"
_FOLDER = Path(__file__).parent / "pages"
_DECISIONS = "decisions"


@dataclass(frozen=True)
class Guide:
    """A guide in the list of all."""

    name: str
    title: str
    about: str

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"{ROOT}/{self.name}"


_KOREAN = re.compile(r".+[.-]ko")

_GROUPS: dict[str, dict[str, str]] = {
    "Services": {
        "blacklab": "Mastering over HTTP: guide, reference and errors",
        "blacklab-sandbox": "The same routes with synthetic answers, and inputs that make each error happen",
        "masterify": "Masters for streaming platforms: guide, reference and errors",
        "masterify.ko": "The same guide in Korean",
        "masterify-messages": "Every sentence that it says, in Korean and English",
        "signalkey": "Analysis with progress as a stream: guide, reference and errors",
        "soundpiece": "Songs, samples, effects, remixes, stems and cut-downs: guide, reference and errors",
    },
    "Automation": {
        "masterify-templates": "Flows for n8n and Make that master, and how to set them up",
        "masterify-templates-ko": "n8n과 Make용 마스터링 플로와 설정 방법",
    },
    "For developers": {
        "oauth": "Applications that act for other people",
        "webhooks": "Receiving and verifying what happens",
        "leaked-keys": "How keys look, and what happens to one that is found in public",
    },
    "Sound": {
        "mastering": "How a song is mastered, and how a master is proven",
        "measuring": "What the meters say, and how far to trust them",
        "analysis": "What is found in a song, and how to read it",
        "mix-report": "What a mixing engineer would say of a song, check by check",
        "structure-and-mood": "A song's form, its mood, and what is told the world of it",
        "rhythm": "Tempo, beats, bars, swing: how they are told, and how far to trust them",
        "harmony": "Keys, chords, numerals, melody: how they are told, and how far to trust them",
        "genres": "Which genres and styles are told, by what, and how far to trust them",
        "models": "The trained networks: whose they are, how to install the separator",
        "prompts": "What prompts, references and lyrics are read as, and the vocabulary",
        "analysis-accuracy": "How right the analysis is, on what that was measured, and what it costs",
        "composing": "How wishes become a plan, and a plan harmony, a tune and a song; how a style is written",
        "composition": "How a song is made from words, a record or a plan, and what stems add up to",
        "composition-accuracy": "Whether songs are what was asked for, by judges who know nothing of the composer",
        "arranging": "How the band accompanies: grooves, figures, timing, and how a style is added",
        "sound-effects": "Effects, ambiences, loops: how they are made from words, and which convince",
        "remix-and-cut": "Stems of a recording, remixes, cuts to a length: how they are made, and how well",
        "instruments": "How the band's instruments are made, what was measured, and what convinces",
        "neural": "Generators with weights of your own, beside the composer",
        "voice": "How lyrics are sung, by what, and what still sounds mechanical",
        "benchmarks": "What it costs and how good it is, beside others",
    },
    "Running it": {
        "operations": "Settings, processes, metrics, logs, what is kept",
        "accounts": "The first account, signing in and up, mail",
        "administration": "Accounts, keys, plans and jobs by command line",
        "plans": "What each plan allows",
        "security": "The OWASP API Security Top 10, item by item",
    },
}
"""Every page of ``docs`` by group, in the order of the list; decisions come after them."""


def groups() -> dict[str, list[Guide]]:
    """Return every guide, by group."""
    return _groups()


def language(name: str) -> str:
    """Return the language that a guide is written in, as HTML names it: ``ko`` or ``en``."""
    return "ko" if _KOREAN.fullmatch(name) else "en"


def read(name: str) -> Text:
    """Return a guide's page, by the name in its path.

    Raises
    ------
    NotFound
        If there is none of this name.
    """
    if not any(guide.name == name for listed in groups().values() for guide in listed):
        raise NotFound("There is no such page.")
    return _read(name)


@cache
def _groups() -> dict[str, list[Guide]]:
    listed = {
        group: [Guide(name, _read(name).title, about) for name, about in members.items()]
        for group, members in _GROUPS.items()
    }
    names = sorted(f"{_DECISIONS}/{path.stem}" for path in (_FOLDER / _DECISIONS).glob("*.md"))
    return listed | {"Decisions": [Guide(name, _read(name).title, "") for name in names]}


@cache
def _read(name: str) -> Text:
    source = (_FOLDER / f"{name}.md").read_text(encoding="utf-8")
    return markdown.render(source, lambda link: _lead(name, link))


def _lead(name: str, link: str) -> str | None:
    """Return where a link of a page leads: to a page here, or elsewhere; None for files that are only in the source."""
    if link.startswith(("https://", "http://", "#", "/")):
        return link
    target, hash_, anchor = link.partition("#")
    path = PurePosixPath(normpath(PurePosixPath(name).parent / target))
    if path.suffix != ".md" or ".." in path.parts or not (_FOLDER / path).is_file():
        return None
    return f"{ROOT}/{path.with_suffix('')}{hash_}{anchor}"
