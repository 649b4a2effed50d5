"""The judges' tables: what was asked beside what was reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from benchmarks.composition.prompts import HALVES
from benchmarks.composition.verdicts import METHODS, PROFILES, UNTOLD, Verdict, share

_ASKED = {
    "plan is as asked": "100 %",
    "tempo": "95 %",
    "tempo, printed or by beats": "95 %",
    "tempo but for octaves": "",
    "tempo, any method": "",
    "tempo, our analysis": "",
    "beats, our analysis": "",
    "key": "95 %",
    "key, either profile": "",
    "key, our analysis": "",
    "style": "",
    "genre group, likeliest": "60 %",
    "genre group, in the report": "60 %",
    "loudness": "100 %",
    "no clipping": "100 %",
    "no silence": "100 %",
    "variations differ": "100 %",
    "same bytes": "100 %",
}


def print_all(verdicts: list[Verdict]) -> None:
    """Print every table."""
    _summary(verdicts)
    _by_style(verdicts)
    _wrong(verdicts)


def _summary(verdicts: list[Verdict]) -> None:
    sets: dict[str, Callable[[Verdict], bool]] = {
        "all": lambda _: True,
        **{half: lambda each, half=half: each.song.prompt.half == half for half in HALVES},  # type: ignore[misc]
        "asked": lambda each: each.asked,
        "can be told": lambda each: each.song.prompt.group not in UNTOLD,
    }
    print(f"{'':30}{'asked for':>10}" + "".join(f"{name:>16}" for name in sets))
    for name, asked in _ASKED.items():
        cells = [share([each for each in verdicts if inside(each)], name) for inside in sets.values()]
        print(f"{name:30}{asked:>10}" + "".join(f"{_percent(*cell):>16}" for cell in cells))


def _percent(passed: int, of: int) -> str:
    return f"{100.0 * passed / of:.0f} % ({passed}/{of})" if of else "-"


def _by_style(verdicts: list[Verdict]) -> None:
    names = ("tempo", "tempo but for octaves", "tempo, our analysis", "key", "key, our analysis")
    more = ("genre group, likeliest", "genre group, in the report")
    print(f"\n{'style':15}" + "".join(f"{name:>22}" for name in (*names, *more)) + "   heard as")
    for style in sorted({each.song.prompt.style for each in verdicts}):
        mine = [each for each in verdicts if each.song.prompt.style == style]
        cells = ["{}/{}".format(*share(mine, name)) for name in (*names, *more)]
        heard = Counter(each.heard.labels[0] for each in mine if each.heard.labels)
        print(
            f"{style:15}"
            + "".join(f"{cell:>22}" for cell in cells)
            + "   "
            + ", ".join(f"{label} {count}" for label, count in heard.most_common(4))
        )


def _wrong(verdicts: list[Verdict]) -> None:
    print("\nwhat is wrong in the half to tune on")
    for each in verdicts:
        if each.song.prompt.half != HALVES[0]:
            continue
        facts, heard = each.song.facts, each.heard
        told = []
        if each.tempo[METHODS[0]] != "right":
            found = "/".join(f"{heard.essentia[method]['bpm']:.1f}" for method in METHODS)
            told.append(f"tempo {facts['bpm']:g}: {found}, ours {heard.ours['bpm']}")
        if each.key[PROFILES[0]] != "right" or each.key["ours"] != "right":
            found = "/".join(heard.essentia[profile]["key"] for profile in PROFILES)
            told.append(f"key {facts['key']} ({facts['scale']}): {found}, ours {heard.ours['key']}")
        if not each.passes["genre group, likeliest"]:
            told.append(f"heard as {'/'.join(heard.labels[:3])}")
        told += [f"not: {name}" for name, passed in each.passes.items() if not passed and name in _PLAIN]
        if told:
            print(f"{each.song.path.stem}: {each.song.prompt.text}\n    " + "\n    ".join(told))


_PLAIN = ("style", "loudness", "no clipping", "no silence", "plan is as asked", "same bytes", "variations differ")
