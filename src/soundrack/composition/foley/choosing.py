"""Choosing by words: which recipes a prompt asks for, and what their sources are like."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from soundrack.composition.foley.character import Character
from soundrack.composition.foley.vocabulary import words
from soundrack.composition.prompt import Wishes, read
from soundrack.composition.prompt.sounds import simple, simple_korean
from soundrack.composition.prompt.tokens import Kind, Token, lowered, tokens
from soundrack.composition.prompt.vocabulary import grammar

MOST_LAYERS = 4
_LONGEST_PHRASE = 4
_LEAST_ALIKE = 0.55
_SEPARATORS = frozenset({"and", "with", "over", "plus", "while", "under", "behind", "그리고", "함께"})
_THEN = frozenset({"then", "followed", "afterwards", "finally", "그러고", "그다음", "다음", "이어서", "뒤이어", "나서"})
"""Separators before what comes later."""
_COUNTS = {
    "one": 1, "single": 1, "once": 1, "two": 2, "twice": 2, "double": 2, "three": 3, "thrice": 3, "triple": 3,
    "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
    "한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9, "열": 10,
}  # fmt: skip
_KOREAN_COUNT = re.compile(r"(한|두|세|네|다섯|여섯|일곱|여덟|아홉|열|\d{1,2})\s?(?:번|발|마리|방|개)")
_MOST_COUNT = 12
_SAYS_NOTHING = frozenset({"sound", "effect", "sfx", "fx"})


@dataclass(frozen=True)
class Layer:
    """A recipe, its source's character, and when it comes: 0 with the first, 1 after those, and so on."""

    recipe: str
    character: Character
    stage: int = 0


@dataclass(frozen=True)
class Choice:
    """What was chosen.

    Parameters
    ----------
    layers : tuple of Layer
        1 to `MOST_LAYERS`, the foremost first.
    why : str
        A sentence on how.
    understood, ignored : tuple of str
        Words with what they were taken for; words that changed nothing.
    """

    layers: tuple[Layer, ...]
    why: str
    understood: tuple[str, ...]
    ignored: tuple[str, ...]


@dataclass(frozen=True)
class _Item:
    """A piece of a prompt: a source, a quality, a count, a separator (no name) or another word."""

    kind: str
    text: str
    name: str = ""
    count: int = 0


def choose(prompt: str) -> Choice:
    """Return the recipes that a prompt asks for.

    Words of `words.toml` name recipes, the longest phrase first; several are layered. Words of `qualities.toml` belong
    to the next source of their clause, else to the one before, else to all. What is denied is left out. Where nothing
    is named, the word that is spelled most alike decides, else energy and brightness of the prompt's moods.
    """
    text = unicodedata.normalize("NFC", prompt)
    wishes = read(text)
    row = _items(_blanked(lowered(text), wishes))
    row = _specialised(row)
    sources = [item for item in row if item.kind == "source"]
    spelled: tuple[str, str] | None = None
    if not sources:
        spelled = _most_alike([item.text for item in row if item.kind == "word"])
    names = list(dict.fromkeys(item.name for item in sources))[:MOST_LAYERS]
    if names:
        why = "The prompt names " + ", ".join(_of(name, sources) for name in names) + "."
    elif spelled is not None:
        names, why = [spelled[0]], f"No word names a sound; {spelled[1]!r} is spelled like {spelled[0]}."
    else:
        names = [_nearest(wishes)]
        why = f"Nothing in the prompt names a sound; {names[0]} is nearest to its energy and brightness."
    characters = _characters(row, names)
    told = [f"{item.text}: {item.name or item.count}" for item in row if item.kind in {"source", "quality", "count"}]
    left = [item.text for item in row if item.kind == "word" and not (spelled and item.text == spelled[1])]
    left += [f"{item.text}: too many layers" for item in sources if item.name not in names]
    stages = _stages(row, names)
    layers = tuple(Layer(name, characters[name], stages[name]) for name in names)
    return Choice(layers, why, tuple(dict.fromkeys(told)), tuple(dict.fromkeys(left)))


def _of(name: str, sources: list[_Item]) -> str:
    return f"{name} ({next(item.text for item in sources if item.name == name)})"


def _blanked(text: str, wishes: Wishes) -> str:
    """Return a text without what it denies."""
    out = list(text)
    for each in wishes.understood:
        if each.denied:
            out[each.start : each.end] = "|" * (each.end - each.start)
    return "".join(out)


def _items(text: str) -> list[_Item]:
    """Return the pieces of a prompt in order."""
    row = tokens(text)
    found: list[_Item] = []
    place = 0
    while place < len(row):
        item, place = _next(row, place, text)
        if item is not None:
            found.append(item)
    return found


def _next(row: list[Token], place: int, text: str) -> tuple[_Item | None, int]:
    token, vocabulary = row[place], words()
    if token.kind is Kind.BREAK or token.kind is Kind.SLASH or token.text in _SEPARATORS | _THEN:
        return _Item("separator", token.text), place + 1
    if token.kind is Kind.SIGN:
        known = vocabulary.signs.get(token.text)
        return (_Item("source", token.text, known[0]) if known else None), place + 1
    if token.kind is Kind.HANGUL:
        return _korean(row, place, text)
    return _phrase(row, place) or _counted(row, place, text) or (_other(token), place + 1)


def _counted(row: list[Token], place: int, text: str) -> tuple[_Item, int] | None:
    """Return a number that says how often."""
    token = row[place]
    count = _COUNTS.get(token.text) or (int(token.text) if token.text.isdigit() and len(token.text) < 3 else 0)
    if 1 <= count <= _MOST_COUNT and place + 1 < len(row):
        after = _next(row, place + 1, text)[0]
        counted = row[place + 1].text in {"time", "times"} or token.text in {"once", "twice", "thrice", "single"}
        if counted or (after is not None and after.kind in {"source", "quality"}):
            return _Item("count", token.text, "", count), place + 1 + (row[place + 1].text in {"time", "times"})
    if token.text in {"once", "twice", "thrice"}:
        return _Item("count", token.text, "", _COUNTS[token.text]), place + 1
    return None


def _other(token: Token) -> _Item | None:
    small = token.text in grammar().small or simple(token.text) in _SAYS_NOTHING
    return None if small else _Item("word", token.text)


def _phrase(row: list[Token], place: int) -> tuple[_Item, int] | None:
    """Return the longest phrase that begins here; small words within it do not count."""
    best: tuple[_Item, int] | None = None
    told: list[str] = []
    for at in range(place, min(place + 2 * _LONGEST_PHRASE, len(row))):
        token = row[at]
        if token.kind is not Kind.WORD or token.text in _SEPARATORS | _THEN:
            break
        is_small = token.text in grammar().small
        told.append(token.text)
        plains = [simple(word) for word in told if word == told[0] or word not in grammar().small]
        if len(plains) > _LONGEST_PHRASE:
            break
        exact = " ".join(simple(word) for word in told)
        for form in {exact, " ".join(plains)} if not is_small or exact in words().english else ():
            meaning = words().english.get(form)
            if meaning is not None:
                best = (_Item("quality" if meaning[1] else "source", " ".join(told), meaning[0]), at + 1)
    return best


def _korean(row: list[Token], place: int, text: str) -> tuple[_Item | None, int]:
    """Return the longest form that a Korean word, with those after it, begins with, or that it contains."""
    token = row[place]
    rest = text[token.start : row[min(place + 2, len(row) - 1)].end]
    counted = _KOREAN_COUNT.match(rest)
    if counted is not None:
        number = _COUNTS.get(counted[1]) or int(counted[1])
        ends = token.start + counted.end()
        return _Item("count", counted[0], "", min(number, _MOST_COUNT)), place + sum(
            each.start < ends for each in row[place:]
        )
    form = _longest(rest) or next(
        (found for at in range(1, len(token.text) - 1) if (found := _longest(token.text[at:])) and len(found) > 1), None
    )
    if form is None:
        small = token.text in grammar().small_ko or simple_korean(token.text) in {"소리", "효과음", "음향", "들리"}
        return (None if small else _Item("word", token.text)), place + 1
    name, is_quality = words().korean[form]
    used = 1 + (form.count(" ") if rest.startswith(form) else 0)
    return _Item("quality" if is_quality else "source", form, name), place + used


def _longest(text: str) -> str | None:
    """Return the longest Korean form that a text begins with; forms of one syllable must be a word of their own."""
    fitting = [form for form in words().korean if text.startswith(form) and _ends(text, form)]
    return max(fitting, key=len, default=None)


def _ends(text: str, form: str) -> bool:
    """Return whether what follows a short form can be a particle."""
    word = text[len(form) :].split(" ", maxsplit=1)[0]
    return len(form) > 1 or word in _PARTICLES


_PARTICLES = frozenset(
    {
        "",
        "가",
        "이",
        "는",
        "은",
        "를",
        "을",
        "의",
        "와",
        "과",
        "도",
        "에",
        "로",
        "소리",
        "소리가",
        "소리와",
        "만",
        "오는",
        "내리는",
        "치는",
        "울음소리",
    }
)


def _specialised(row: list[_Item]) -> list[_Item]:
    """Replace recipes by those that a word beside them makes of them, and drop what others bring along."""
    named = words().recipes
    for name, each in named.items():
        if each.base is None or not any(item.name == each.base and item.kind == "source" for item in row):
            continue
        told = [item for item in row if item.name != each.base and _is_near(item, each.near)]
        if told:
            dropped = [item for item in told if item.kind == "source"]
            row = [
                replace(item, name=name) if item.kind == "source" and item.name == each.base else item
                for item in row
                if item not in dropped
            ]
            row = [replace(item, kind="quality?") if item in told else item for item in row]
            row = [replace(item, kind="word_used") if item.kind == "quality?" else item for item in row]
    present = {item.name for item in row if item.kind == "source"}
    absorbed = {other for name in present for other in named[name].absorbs} & present
    return [item for item in row if item.kind != "source" or item.name not in absorbed]


def _is_near(item: _Item, near: tuple[str, ...]) -> bool:
    told = [simple(word) for word in item.text.split()]
    return any(word in near for word in told) or any(item.text.startswith(form) for form in near if not form.isascii())


def _characters(row: list[_Item], names: list[str]) -> dict[str, Character]:
    """Give every quality to the next source of its clause, else to the one before it, else to all."""
    told: dict[str, dict[str, Any]] = {name: {} for name in names}
    for clause in _clauses(row):
        sources = [at for at, item in enumerate(clause) if item.kind == "source" and item.name in told]
        for at, item in enumerate(clause):
            if item.kind not in {"quality", "count"}:
                continue
            after = [each for each in sources if each > at]
            before = [each for each in sources if each < at]
            mine = [clause[after[0]].name] if after else [clause[before[-1]].name] if before else names
            values = {"count": item.count} if item.kind == "count" else words().qualities[item.name]
            for name in mine:
                told[name].update(values)
    return {name: Character(**values) for name, values in told.items()}


def _stages(row: list[_Item], names: list[str]) -> dict[str, int]:
    """Return when each recipe comes: one later after each word that says so, without gaps."""
    stage, found = 0, dict.fromkeys(names, 0)
    heard: set[str] = set()
    for item in row:
        stage += item.kind == "separator" and item.text in _THEN
        if item.kind == "source" and item.name in found and item.name not in heard:
            found[item.name] = stage
            heard.add(item.name)
    order = sorted(set(found.values()))
    return {name: order.index(at) for name, at in found.items()}


def _clauses(row: list[_Item]) -> Iterator[list[_Item]]:
    clause: list[_Item] = []
    for item in row:
        if item.kind == "separator":
            yield clause
            clause = []
        else:
            clause.append(item)
    yield clause


def _most_alike(told: list[str]) -> tuple[str, str] | None:
    """Return the recipe of the form that shares the most letter triples with a word, and the word."""
    best: tuple[float, str, str] | None = None
    for word in told:
        mine = _triples(simple(word))
        for form, (name, is_quality) in words().english.items():
            if is_quality or len(word) < 4:
                continue
            theirs = _triples(form)
            alike = 2.0 * len(mine & theirs) / (len(mine) + len(theirs))
            if alike >= _LEAST_ALIKE and (best is None or alike > best[0]):
                best = (alike, name, word)
    return (best[1], best[2]) if best is not None else None


def _triples(word: str) -> set[str]:
    padded = f" {word} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}


def _nearest(wishes: Wishes) -> str:
    energy = 0.5 if wishes.energy is None else wishes.energy
    brightness = 0.5 if wishes.brightness is None else wishes.brightness
    moods = words().moods
    return min(moods, key=lambda name: (moods[name][0] - energy) ** 2 + (moods[name][1] - brightness) ** 2)
