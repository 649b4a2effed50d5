"""Words of a prompt and where they stand."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

_TOKEN = re.compile(
    r"(?P<without>w/o(?![a-z]))"
    r"|(?P<hangul>[가-힣]+)"
    r"|(?P<latin>[^\W_가-힣]+(?:['’][^\W_가-힣]+)*['’]?)"
    r"|(?P<and>&|\+)"
    r"|(?P<slash>/)"
    r"|(?P<break>[,.;!?\n\r|()\[\]{}。、，·•…:]+)"
    r"|(?P<sign>[^\w\s\-–—'’`\"#*=<>~@%^$\\\uFE0F\u200B-\u200F\u2060\uFEFF])(?P=sign)*"
)
_APOSTROPHES = str.maketrans("", "", "'’")


class Kind(Enum):
    """What a token is."""

    WORD = "word"
    HANGUL = "hangul"
    SLASH = "slash"
    BREAK = "break"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    """A token: its plain form (small letters without accents and apostrophes), its place, what it is.

    `joined` says that a hyphen ties it to the one before.
    """

    text: str
    start: int
    end: int
    kind: Kind
    joined: bool = False


def lowered(text: str) -> str:
    """Return a text in small letters, as long as it was."""
    return "".join(small if len(small := character.lower()) == 1 else character for character in text)


def tokens(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Return the tokens of a part of a text in small letters; white space, quotes and hyphens are none."""
    found = []
    for match in _TOKEN.finditer(text, start, len(text) if end is None else end):
        name, told = str(match.lastgroup), match[0]
        kind, plain = Kind.WORD, told
        if name == "hangul":
            kind = Kind.HANGUL
        elif name == "and":
            plain = "and"
        elif name in {"slash", "break", "sign"}:
            kind, plain = Kind(name), told[:1]
        elif name == "latin":
            plain = _plain(told)
        before = text[match.start() - 1] if match.start() else " "
        found.append(Token(plain, match.start(), match.end(), kind, before in "-–"))
    return found


def _plain(word: str) -> str:
    word = word.translate(_APOSTROPHES)
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
