"""Reading lyrics."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from soundrack.composition.lyrics.language import Script, latin_language, script
from soundrack.composition.lyrics.lyrics import LyricLine, Lyrics, LyricSection
from soundrack.composition.lyrics.markers import marker
from soundrack.composition.lyrics.words import Reader, approximate, tokens
from soundrack.composition.plan import Label

_LINES = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_DIRECTION = re.compile(r"[\[［【][^\[\]［］【】]*[\]］】]")


@dataclass
class _Draft:
    """A section before its words are read."""

    label: Label | None
    name: str
    lines: list[str] = field(default_factory=list)


def read(text: str) -> Lyrics:
    """Read the lyrics of a song.

    A line that is a name in brackets (``[Verse]``, ``[후렴 2]``) begins a section; every other line with a letter or a
    digit in it is sung. Lines before the first marker are a verse. Without any marker, blank lines divide verses, and
    a stanza that comes again word for word is the chorus.

    Parameters
    ----------
    text : str
        Any text; services take 1 to 3,000 characters.

    Returns
    -------
    Lyrics
        Without sections if there is neither a marker nor anything to sing. Words are read by the rules of their script
        and, in Latin letters, of the language that most of them are in (docs/prompts.md).

    Examples
    --------
    >>> lyrics = read("[Chorus]\\nMorning has come to the river")
    >>> [syllable.text for syllable in lyrics.sections[0].lines[0].syllables]
    ['Mor', 'ning', 'has', 'come', 'to', 'the', 'ri', 'ver']
    """
    drafts = _drafts(_LINES.split(unicodedata.normalize("NFC", text)))
    sung = [token for draft in drafts for line in draft.lines for token in tokens(line)]
    kinds = Counter(kind for token in sung if (kind := _kind(token)) is not None)
    latin = latin_language([token for token in sung if _kind(token) is Script.LATIN])
    language = _language(kinds, latin)
    reader = Reader(latin, language == "ko")
    sections = tuple(LyricSection(draft.label, _read_lines(draft.lines, reader), draft.name) for draft in drafts)
    scripts: set[str] = set().union(*(approximate(token) for token in sung))
    return Lyrics(sections, language, tuple(sorted(scripts)))


def _drafts(lines: Sequence[str]) -> list[_Draft]:
    drafts = [_Draft(Label.VERSE, "")]
    marked = False
    for line in lines:
        found = marker(line)
        if found is not None and (found.label is not None or not found.rest):
            marked = True
            drafts.append(_Draft(found.label, found.name, [found.rest] if tokens(found.rest) else []))
        elif tokens(line):
            drafts[-1].lines.append(_DIRECTION.sub(" ", line).strip() or line.strip())
        elif not marked and drafts[-1].lines:
            drafts.append(_Draft(Label.VERSE, ""))
    drafts = [draft for draft in drafts if draft.lines or draft.name]
    if not marked:
        return _with_choruses(drafts)
    # stanzas before the first marker are one verse
    first = next(place for place, draft in enumerate(drafts) if draft.name)
    before = [line for draft in drafts[:first] for line in draft.lines]
    return ([_Draft(Label.VERSE, "", before)] if before else []) + drafts[first:]


def _with_choruses(stanzas: list[_Draft]) -> list[_Draft]:
    texts = [tuple(" ".join(tokens(line)).casefold() for line in stanza.lines) for stanza in stanzas]
    counts = Counter(texts)
    for stanza, text in zip(stanzas, texts, strict=True):
        if counts[text] > 1:
            stanza.label = Label.CHORUS
    return stanzas


def _read_lines(lines: Sequence[str], reader: Reader) -> tuple[LyricLine, ...]:
    read_lines = ((line, reader.words(line)) for line in lines)
    return tuple(LyricLine(line, words) for line, words in read_lines if words)


def _kind(token: str) -> Script | None:
    return next((kind for character in token if (kind := script(character)) not in {None, Script.DIGITS}), None)


def _language(kinds: Counter[Script], latin: str) -> str:
    if not kinds:
        return "und"
    japanese = kinds[Script.KANA] > 0 and kinds[Script.KANA] + kinds[Script.HAN] >= max(kinds.values())
    if japanese:
        return "ja"
    most = max(kinds, key=lambda kind: (kinds[kind], kind.value))
    return {Script.LATIN: latin, Script.HANGUL: "ko", Script.KANA: "ja"}.get(most, "und")
