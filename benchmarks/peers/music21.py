"""Bach's chorales and Monteverdi's madrigals with a human's roman numerals, from music21's corpus.

Prints a line of JSON for each analysis that fits its score: ``name``, ``parts`` (lists of
``[start_q, end_q, MIDI number]``), ``chords`` and ``keys`` (``[start_q, end_q, name]``, in Harte's syntax and as
``Eb major``), and ``fit``, the share of the notes' time that is spent on tones of the chord written there. An analysis
numbers bars as its edition does; where that is not as the score does, it is left out, and told on standard error.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

from music21 import converter, corpus, roman  # type: ignore[import-not-found, unused-ignore]

warnings.simplefilter("ignore")
_LEAST_FIT = 0.85
_CATALOGUED = {"248(2).12": "248.12-2", "41.6s": "41.6"}
"""Numbers that the corpus files otherwise than the analyst did."""
_QUALITIES = {
    (0, 4, 7): "maj", (0, 3, 7): "min", (0, 3, 6): "dim", (0, 4, 8): "aug", (0, 4, 7, 10): "7", (0, 4, 7, 11): "maj7",
    (0, 3, 7, 10): "min7", (0, 3, 6, 9): "dim7", (0, 3, 6, 10): "hdim7", (0, 3, 7, 11): "minmaj7",
    (0, 4): "maj", (0, 3): "min", (0, 4, 10): "7", (0, 3, 10): "min7",
}  # fmt: skip
_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_BASSES = {1: "b2", 2: "2", 3: "b3", 4: "3", 5: "4", 6: "b5", 7: "5", 8: "#5", 9: "6", 10: "b7", 11: "7"}


def analysed(path: Path) -> dict[str, Any] | None:
    """Return an analysis beside its score, or None where they do not fit."""
    score = corpus.parse(_score_of(path))
    numerals = _numerals(converter.parse(str(path)), score)
    parts = [
        [
            [
                float(note.getOffsetInHierarchy(score)),
                float(note.getOffsetInHierarchy(score) + note.quarterLength),
                pitch.midi,
            ]
            for note in part.stripTies().flatten().notes
            for pitch in note.pitches
        ]
        for part in (score.parts[number] for number in range(len(score.parts)))
    ]
    end_q = max(note[1] for part in parts for note in part)
    starts = [*(start for start, _ in numerals), end_q]
    spans = [
        (start, end, numeral) for (start, numeral), end in zip(numerals, starts[1:], strict=True) if end > start + 1e-6
    ]
    fit = _fit(parts, spans)
    if fit < _LEAST_FIT:
        return None
    return {
        "name": path.stem,
        "parts": parts,
        "chords": [[start, end, _harte(numeral)] for start, end, numeral in spans],
        "keys": _merged([[start, end, _key(numeral.key)] for start, end, numeral in spans]),
        "fit": round(fit, 3),
    }


def _score_of(path: Path) -> str:
    if path.stem.startswith("riemenschneider"):
        said = dict(line.split(":", 1) for line in path.read_text().splitlines() if ":" in line)
        number = said["BWV"].strip()
        return f"bach/bwv{_CATALOGUED.get(number, number)}"
    return f"monteverdi/{path.stem}"


def _numerals(analysis: Any, score: Any) -> list[tuple[float, Any]]:
    """Return where in the score each numeral is written, by number of bar and place in it."""
    bars: dict[int, Any] = {}
    for bar in score.parts[0].getElementsByClass("Measure"):
        bars.setdefault(bar.number, bar)
    found = []
    for bar in analysis.parts[0].getElementsByClass("Measure"):
        if bar.number not in bars:
            continue
        there = bars[bar.number]
        # an upbeat may be written as a whole bar in one and as a short one in the other
        missing_q = (there.paddingLeft or 0.0) - (bar.paddingLeft or 0.0)
        found += [
            (float(there.offset + max(0.0, numeral.offset - missing_q)), numeral)
            for numeral in bar.getElementsByClass(roman.RomanNumeral)
        ]
    found.sort(key=lambda pair: pair[0])
    return found


def _fit(parts: list[list[list[float]]], spans: list[tuple[float, float, Any]]) -> float:
    inside = total = 0.0
    for start, end, numeral in spans:
        classes = {pitch.pitchClass for pitch in numeral.pitches}
        for part in parts:
            for note_start, note_end, pitch in part:
                shared = min(end, note_end) - max(start, note_start)
                if shared > 0.0:
                    total += shared
                    inside += shared * (int(pitch) % 12 in classes)
    return inside / total if total else 0.0


def _harte(numeral: Any) -> str:
    root = numeral.root().pitchClass
    steps = tuple(sorted({(pitch.pitchClass - root) % 12 for pitch in numeral.pitches}))
    if steps not in _QUALITIES:
        return "X"
    name = f"{_NAMES[root]}:{_QUALITIES[steps]}"
    bass = (numeral.bass().pitchClass - root) % 12
    return f"{name}/{_BASSES[bass]}" if bass else name


def _key(key: Any) -> str:
    return f"{_NAMES[key.tonic.pitchClass]} {key.mode if key.mode in ('major', 'minor') else 'major'}"


def _merged(spans: list[list[Any]]) -> list[list[Any]]:
    merged: list[list[Any]] = []
    for start, end, name in spans:
        if merged and merged[-1][2] == name:
            merged[-1][1] = end
        else:
            merged.append([start, end, name])
    return merged


def main() -> None:
    for path in sorted(Path(found) for found in corpus.getCorePaths() if str(found).endswith(".rntxt")):
        try:
            told = analysed(path)
        except Exception as error:  # noqa: BLE001  the corpus has scores that its own parser refuses
            print(f"{path.stem}: {error!r}", file=sys.stderr)
            continue
        if told is None:
            print(f"{path.stem}: does not fit its score", file=sys.stderr)
        else:
            print(json.dumps(told), flush=True)


main()
