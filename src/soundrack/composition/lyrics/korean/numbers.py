"""Numbers in Korean, as they are read: Sino-Korean, 24 is 이십사."""

from __future__ import annotations

_DIGITS = "영일이삼사오육칠팔구"
_PLACES = ("", "십", "백", "천")
_GROUPS = ("", "만", "억", "조")
_MOST_DIGITS = 16


def spoken(digits: str) -> str:
    """Return how digits are read; more than 16, or those with a zero in front, one by one."""
    if len(digits) > _MOST_DIGITS or (len(digits) > 1 and digits[0] == "0"):
        return "".join(_DIGITS[int(digit)] for digit in digits)
    number = int(digits)
    if number == 0:
        return _DIGITS[0]
    said = ""
    for group in range(len(_GROUPS)):
        part = number // 10_000**group % 10_000
        if part:
            name = "" if part == 1 and group == 1 else _group(part)
            said = name + _GROUPS[group] + said
    return said


def _group(part: int) -> str:
    said = ""
    for place in (3, 2, 1, 0):
        digit = part // 10**place % 10
        if digit:
            said += ("" if digit == 1 and place else _DIGITS[digit]) + _PLACES[place]
    return said
