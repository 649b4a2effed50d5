"""Numbers, money, times and abbreviations as the words that are said for them."""

from __future__ import annotations

import re

from soundrack.composition.lyrics.english.told import told

_MOST_DIGITS = 15
_DIGIT = re.compile("[0-9]")
_PARTS = re.compile(
    r"[$€£₩¥]?[0-9][0-9,]*(?:[.][0-9]+)?(?:st|nd|rd|th|s(?![a-z])|%|am(?![a-z])|pm(?![a-z]))?"
    r"|[^\W\d_']+(?:'[^\W\d_]+)*|[%&+@=#°]",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"([$€£₩¥]?)([0-9][0-9,]*)(?:[.]([0-9]+))?(st|nd|rd|th|s|%|am|pm)?", re.IGNORECASE)


def words(token: str) -> tuple[str, ...]:
    """Return the words that are said for a token with digits or signs in it, or for an abbreviation.

    A token that is said as it is written comes back alone. ``24/7`` is twenty four seven, ``1999`` nineteen ninety
    nine, ``80s`` eighties, ``$5`` five dollars, ``TV`` tee vee, ``u`` you.
    """
    plain = token.lower()
    if plain in told().spoken and not (plain in {"r", "n", "w", "st", "ms", "dr"} and token.isupper()):
        return tuple(told().spoken[plain].split())
    if _DIGIT.search(token) is None and not set(token) & set(told().signs):
        return _letters(token) if _is_spelled(token) else (token,)
    found: list[str] = []
    for part in _PARTS.findall(token):
        match = _NUMBER.fullmatch(part)
        if match:
            found += _number(match)
        elif part in told().signs:
            found.append(told().signs[part])
        else:
            found += words(part) if 1 < len(part) < len(token) else _letters(part)
    return tuple(found) or (token,)


def _is_spelled(token: str) -> bool:
    """Return whether a token is said letter by letter: capitals alone, without a vowel or of two or three letters."""
    bare = token.replace(".", "")
    if "." in token.strip(".") and len(bare) <= 5 and bare.isalpha() and bare.isascii():
        return True
    return (
        bare.isascii()
        and bare.isupper()
        and bare.isalpha()
        and ((len(bare) > 1 and not set(bare) & set("AEIOUY")) or bare in told().spelled)
    )


def _letters(token: str) -> tuple[str, ...]:
    return tuple(told().letters.get(letter, letter) for letter in token.lower() if letter.isalpha())


def _number(match: re.Match[str]) -> list[str]:
    money, digits, decimals, ending = match[1], match[2].replace(",", ""), match[3], (match[4] or "").lower()
    if len(digits) > _MOST_DIGITS or (len(digits) > 1 and digits[0] == "0"):
        said = [told().ones[int(digit)] for digit in digits]
    elif len(digits) == 4 and not money and "," not in match[2] and not decimals:
        said = _year(int(digits))
    else:
        said = cardinal(int(digits))
    if decimals:
        said += ["point", *(told().ones[int(digit)] for digit in decimals)]
    if money:
        said.append(told().money[money] + ("" if money in "₩¥" or digits == "1" else "s"))
    if ending in {"st", "nd", "rd", "th"}:
        said[-1] = told().ordinals.get(said[-1], said[-1][:-1] + "ieth" if said[-1].endswith("y") else said[-1] + "th")
    elif ending == "s":
        said[-1] = said[-1][:-1] + "ies" if said[-1].endswith("y") else said[-1] + "s"
    elif ending == "%":
        said.append("percent")
    elif ending:
        said += _letters(ending)
    return said


def _year(number: int) -> list[str]:
    high, low = divmod(number, 100)
    if 1100 <= number < 2000 or 2010 <= number < 2100:
        return [
            *cardinal(high),
            *(["hundred"] if low == 0 else ["oh", told().ones[low]] if low < 10 else cardinal(low)),
        ]
    return cardinal(number)


def cardinal(number: int) -> list[str]:
    """Return a whole number from 0 to 10**15 - 1 in words: 1234 is one thousand two hundred thirty four."""
    if number < 20:
        return [told().ones[number]]
    if number < 100:
        tens, ones = divmod(number, 10)
        return [told().tens[tens], *([told().ones[ones]] if ones else [])]
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return [told().ones[hundreds], "hundred", *(cardinal(rest) if rest else [])]
    said: list[str] = []
    for scale in reversed(range(len(told().scales))):
        group, number = divmod(number, 1000**scale)
        if group:
            said += [*cardinal(group), *([told().scales[scale]] if scale else [])]
    return said
