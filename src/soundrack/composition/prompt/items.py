"""A prompt as a row of items: terms, values, plain words and what divides them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from soundrack.composition.prompt.explicit import Said, blanks, said
from soundrack.composition.prompt.hangul import Words
from soundrack.composition.prompt.tokens import Kind, Token, tokens
from soundrack.composition.prompt.vocabulary import Term, emoji, grammar
from soundrack.composition.prompt.vocabulary.index import Index, index


class Sort(Enum):
    """What an item is."""

    TERM = "term"
    SAID = "said"
    WORD = "word"
    INTENSITY = "intensity"
    SLASH = "slash"
    BREAK = "break"


@dataclass(frozen=True)
class Item:
    """An item: its text in small letters and its place.

    `term` is that of a TERM, `said` the value of a SAID; `factor` that of an INTENSITY or of a term that one stands
    before; `tail` the Korean ending of a term, decomposed; `joined` whether a hyphen ties it to the one before;
    `korean` whether it is Hangul; `denied` and `alone` are set by those who look at what stands around.
    """

    sort: Sort
    text: str
    start: int
    end: int
    term: Term | None = None
    said: Said | None = None
    factor: float = 1.0
    tail: str = ""
    joined: bool = False
    korean: bool = False
    denied: bool = False
    alone: bool = False


def items(text: str) -> list[Item]:
    """Return the items of a text in small letters, in order."""
    values = said(text)
    known = index()
    found: list[Item] = []
    for place, (start, end) in enumerate(blanks(values, text)):
        found += _items(tokens(text, start, end), known)
        if place < len(values):
            value = values[place]
            found.append(Item(Sort.SAID, text[value.start : value.end], value.start, value.end, said=value))
    return _strengthened(found)


def _items(row: list[Token], known: Index) -> list[Item]:
    found: list[Item] = []
    at = 0
    while at < len(row):
        until = at + 1
        if row[at].kind in (Kind.WORD, Kind.HANGUL):
            while until < len(row) and row[until].kind is row[at].kind:
                until += 1
            found += (_english if row[at].kind is Kind.WORD else _korean)(row[at:until], known)
        else:
            found += _mark(row[at])
        at = until
    return found


def _mark(token: Token) -> list[Item]:
    sorts = {Kind.BREAK: Sort.BREAK, Kind.SLASH: Sort.SLASH}
    if token.kind in sorts:
        return [Item(sorts[token.kind], token.text, token.start, token.end)]
    term = emoji().get(token.text)
    return [] if term is None else [Item(Sort.TERM, token.text, token.start, token.end, term=term)]


def _english(row: list[Token], known: Index) -> list[Item]:
    found: list[Item] = []
    at = 0
    while at < len(row):
        for words in range(min(known.most_words.get(row[at].text, 0), len(row) - at), 0, -1):
            text = " ".join(token.text for token in row[at : at + words])
            term = known.english.get(text)
            if term is not None:
                found.append(_at(row, at, words, Sort.TERM, text, term=term))
                break
        else:
            words, item = _small(row, at, known)
            found.append(item)
        at += words
    return found


def _small(row: list[Token], at: int, known: Index) -> tuple[int, Item]:
    """Return an item that is no term, and of how many tokens it is."""
    words = grammar()
    if at + 1 < len(row):
        pair = f"{row[at].text} {row[at + 1].text}"
        if pair in words.intensity:
            return 2, _at(row, at, 2, Sort.INTENSITY, pair, factor=words.intensity[pair])
        if pair in words.only:
            return 2, _at(row, at, 2, Sort.WORD, pair)
    text = row[at].text
    if text in words.intensity:
        return 1, _at(row, at, 1, Sort.INTENSITY, text, factor=words.intensity[text])
    bare = known.english.get(text[:-4]) if text.endswith("less") else None
    if bare is not None:
        return 1, _at(row, at, 1, Sort.TERM, text, term=bare, denied=True)
    return 1, _at(row, at, 1, Sort.WORD, text)


def _at(
    row: list[Token],
    at: int,
    words: int,
    sort: Sort,
    text: str,
    *,
    term: Term | None = None,
    factor: float = 1.0,
    denied: bool = False,
) -> Item:
    first, last = row[at], row[at + words - 1]
    return Item(sort, text, first.start, last.end, term, factor=factor, joined=first.joined, denied=denied)


def _korean(row: list[Token], known: Index) -> list[Item]:
    words = Words([token.text for token in row], known.korean, known.most_letters)
    grammatical = grammar()
    # where each syllable stands in the prompt, and its text
    places = [token.start + syllable for token in row for syllable in range(len(token.text))]
    syllables = "".join(token.text for token in row)
    found: list[Item] = []
    at = 0
    while at < len(row):
        token = row[at]
        matches, denied = words.at(at), False
        if not matches and len(token.text) > 1 and token.text[0] in grammatical.deny_prefix_ko:
            matches = [each for each in words.at(at, 1) if each.term.subject in {"instruments", "voices"}][:1]
            denied = True
        if not matches or token.text in grammatical.deny_ko:
            factor = grammatical.intensity.get(token.text)
            sort = Sort.WORD if factor is None else Sort.INTENSITY
            found.append(Item(sort, token.text, token.start, token.end, factor=factor or 1.0, korean=True))
            at += 1
            continue
        for match in matches:
            start, end = places[match.start], places[match.end - 1] + 1
            text = syllables[match.start : match.end]
            found.append(Item(Sort.TERM, text, start, end, match.term, tail=match.tail, korean=True, denied=denied))
        at = words.words_until(matches)
    return found


def _strengthened(row: list[Item]) -> list[Item]:
    """Give each term the factors of the words that stand right before it."""
    found, factor = [], 1.0
    for item in row:
        if item.sort is Sort.INTENSITY:
            factor *= item.factor
            continue
        if item.sort is Sort.TERM and factor != 1.0:
            item = replace(item, factor=factor)  # noqa: PLW2901 - the item as it is understood
        found.append(item)
        factor = 1.0
    return found
