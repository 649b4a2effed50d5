"""What stands around a term: words that deny it, and words that say that there is to be nothing else."""

from __future__ import annotations

from dataclasses import replace

from soundrack.composition.prompt.items import Item, Sort
from soundrack.composition.prompt.vocabulary import Grammar, grammar

_THINGS = frozenset({"instruments", "voices", "form"})
_QUALITIES = frozenset({"moods", "tempo", "production", "tonality", "eras"})
_OF_QUALITIES = frozenset({"not", "isnt", "doesnt", "never", "cannot", "cant", "dont"})
"""Words that deny what a thing is like ("not too dark") rather than the thing."""
_FURTHEST_BRIDGE = 3
_ARTICLES = frozenset({"a", "an", "the", "one", "some"})


def looked_around(row: list[Item]) -> list[Item]:
    """Return the items with those marked that are denied and those that are to be alone."""
    return _alone(_denied_after(_denied_before(row)))


def _denied_before(row: list[Item]) -> list[Item]:
    """Mark what a word before it denies.

    A denial goes on to the next comma, end of sentence or conjunction; "or" and a slash do not end it, nor does "and"
    between two instruments after "without" and its like. It also ends at a term of another kind once it has met an
    instrument, a voice or a section, and, after "not", once it has met a quality.
    """
    words = grammar()
    found: list[Item] = []
    denial: str | None = None
    met: str | None = None
    for place, item in enumerate(row):
        if item.sort is Sort.BREAK:
            denial = None
        elif item.sort is Sort.WORD and item.text in words.deny and not _is_only(row, place + 1, words):
            denial, met = item.text, None
        elif denial is not None and item.sort is Sort.WORD and item.text in words.conjunctions:
            lasts = denial in words.lasting and item.text == "and" and _is_bare_thing(row, place + 1)
            lasts = lasts or (met is None and place + 1 < len(row) and row[place + 1].said is not None)
            denial = denial if lasts else None
        elif denial is not None and item.sort is Sort.SAID:
            if met is None:
                item = replace(item, denied=True)  # noqa: PLW2901 - the item as it is understood
            denial = None
        elif denial is not None and item.term is not None:
            if _ends(denial, met, item.term.subject):
                denial = None
            else:
                met = item.term.subject if met is None or item.term.subject in _THINGS else met
                item = replace(item, denied=True)  # noqa: PLW2901 - the item as it is understood
        elif denial is not None and met not in _THINGS:
            item = replace(item, denied=True)  # noqa: PLW2901 - the item as it is understood
        found.append(item)
    return found


def _is_only(row: list[Item], place: int, words: Grammar) -> bool:
    """Return whether a denial is half of "not only"."""
    return place < len(row) and row[place].sort is Sort.WORD and row[place].text in words.only


def _is_bare_thing(row: list[Item], place: int) -> bool:
    """Return whether there is an instrument or a voice, and then a comma or the end."""
    if place >= len(row):
        return False
    term = row[place].term
    ends = place + 1 >= len(row) or row[place + 1].sort is Sort.BREAK
    return term is not None and term.subject in _THINGS and ends


def _ends(denial: str, met: str | None, subject: str) -> bool:
    if met in _THINGS:
        return subject not in _THINGS
    return denial in _OF_QUALITIES and met in _QUALITIES and subject not in _QUALITIES


def _denied_after(row: list[Item]) -> list[Item]:
    """Mark what a word after it denies: "drum-free", "드럼 없이", "피아노와 드럼은 빼고"."""
    words = grammar()
    found = list(row)
    for place, item in enumerate(row):
        if item.sort is not Sort.WORD or place == 0:
            continue
        if item.text in words.deny_after and (item.joined or item.text == "free") and row[place - 1].term is not None:
            found[place - 1] = replace(found[place - 1], denied=True)
        elif item.korean and item.text in words.deny_ko:
            _deny_back(found, place, words)
        elif (
            item.korean and item.text in {"안", "노", "논"} and place + 1 < len(row) and row[place + 1].term is not None
        ):
            found[place + 1] = replace(found[place + 1], denied=True)
    return found


def _deny_back(row: list[Item], place: int, words: Grammar) -> None:
    at = place - 1
    while at >= max(0, place - _FURTHEST_BRIDGE) and row[at].term is None and row[at].text in words.deny_bridge_ko:
        at -= 1
    if at < 0 or row[at].term is None:
        return
    row[at] = replace(row[at], denied=True)
    while at > 0:
        before = at - 1
        if row[before].term is None and row[before].text in words.join_ko:
            before -= 1
            if before < 0 or row[before].term is None:
                return
        elif row[before].term is None or row[before].tail not in words.join_tails:
            return
        row[before] = replace(row[before], denied=True)
        at = before


def _alone(row: list[Item]) -> list[Item]:
    """Mark instruments and voices beside a word like "only": "just piano", "피아노만"; those joined to them too."""
    words = grammar()
    found = list(row)
    for place, item in enumerate(row):
        if item.term is None or item.term.subject not in {"instruments", "voices"} or found[place].denied:
            continue
        before = place - 1
        while before >= 0 and row[before].text in _ARTICLES:
            before -= 1
        beside = [each for each in (before, place + 1) if 0 <= each < len(row)]
        if before > 0 and row[before - 1].text in words.deny:
            beside.remove(before)  # "not only piano"
        said = [each for each in beside if row[each].text in words.only | words.only_ko]
        if said or item.tail in words.only_tails:
            found[place] = replace(found[place], alone=True)
            for each in said:
                # "solo" is a section only where it is not what says that a piano plays alone
                found[each] = replace(found[each], sort=Sort.WORD, term=None)
    return found
