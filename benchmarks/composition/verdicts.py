"""Whether a song is what was asked for, by what is heard in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.composition.ears import Heard
from benchmarks.composition.songs import Song
from soundrack.composition.theory import Key, Mode

METHODS = ("multifeature", "degara", "Percival")
PROFILES = ("key bgate", "key edma")
"""essentia's methods; the first of each, its defaults, are what counts."""
SPACING = "multifeature's beats"
"""The tempo that a line through its beats has: the number that it prints is rounded to hops of 11.6 ms, at 172 bpm to
3 %."""
_OCTAVES = (0.5, 2.0, 1.0 / 3.0, 3.0, 1.5, 2.0 / 3.0)
_TEMPO, _TARGET_LUFS, _WITHIN_LU, _SILENT_S = 0.01, -14.0, 0.5, 2.0
_BEAT_S = 0.07
_FEWEST_BEATS = 8
_FROM_S = 5.0
UNTOLD = ("reggae", "latin")
"""Groups of which the tagger knows no genre, so that nothing can be right."""


@dataclass(frozen=True)
class Verdict:
    """A song, what is heard in it, and what follows.

    `tempo` and `key` tell how an answer relates to what is true: ``right``; ``octave``, for a tempo that is right but
    for a factor of 2, 3 or 1.5; ``fifth``, ``relative``, ``parallel`` for such keys; ``wrong``.
    """

    song: Song
    heard: Heard
    tempo: dict[str, str]
    key: dict[str, str]
    beat_f: float
    """F-measure of our analysis's beats against those that were played, 70 ms, without the first 5 s."""
    other_distance: float | None
    """1 less the cosine of the embeddings of both variations."""

    @property
    def asked(self) -> bool:
        """Whether tempo and key were asked for."""
        return self.song.prompt.bpm is not None

    @property
    def passes(self) -> dict[str, bool]:
        """What it passes of what can be asked of any song."""
        heard, facts, prompt = self.heard, self.song.facts, self.song.prompt
        passed = {
            "style": facts["style"] == prompt.style,
            "tempo": self.tempo[METHODS[0]] == "right",
            "tempo, printed or by beats": "right" in {self.tempo[METHODS[0]], self.tempo[SPACING]},
            "tempo but for octaves": self.tempo[METHODS[0]] in {"right", "octave"},
            "tempo, any method": any(self.tempo[method] == "right" for method in (*METHODS, SPACING)),
            "tempo, our analysis": self.tempo["ours"] == "right",
            "key": self.key[PROFILES[0]] == "right",
            "key, either profile": any(self.key[profile] == "right" for profile in PROFILES),
            "key, our analysis": self.key["ours"] == "right",
            "beats, our analysis": self.beat_f >= 0.9,
            "genre group, likeliest": heard.group == prompt.group,
            "genre group, in the report": prompt.group in heard.groups,
            "loudness": abs(heard.integrated_lufs - _TARGET_LUFS) <= _WITHIN_LU,
            "no clipping": heard.true_peak_db <= 0.0,
            "no silence": heard.silence_s <= _SILENT_S,
        }
        if prompt.bpm is not None and prompt.key is not None:
            asked = abs(facts["bpm"] / prompt.bpm - 1.0) < 1e-6 and Key.parse(facts["key"]) == Key.parse(prompt.key)
            passed["plan is as asked"] = asked
        if "repeats" in facts:
            passed["same bytes"] = facts["repeats"]
        if self.other_distance is not None:
            passed["variations differ"] = self.other_distance > DIFFERENT
        return passed

    def as_dict(self) -> dict[str, Any]:
        """Return all facts, for JSON."""
        heard, facts = self.heard, self.song.facts
        return {
            "file": self.song.path.name,
            **facts,
            "essentia": {
                method: {name: answer.get(name) for name in ("bpm", "key") if name in answer}
                for method, answer in heard.essentia.items()
            },
            "our_bpm": heard.ours["bpm"],
            "our_key": heard.ours["key"],
            "our_metre": heard.ours["metre"],
            "beat_f": self.beat_f,
            "tempo": self.tempo,
            "key_heard": self.key,
            "labels": heard.labels,
            "listed": heard.listed,
            "tags": heard.tags,
            "integrated_lufs": heard.integrated_lufs,
            "true_peak_db": heard.true_peak_db,
            "silence_s": heard.silence_s,
            "duration_s": heard.duration_s,
            "other_distance": self.other_distance,
            "passes": self.passes,
        }


DIFFERENT = 0.02
"""Cosine distance from which two variations differ; songs coded as MP3 at 112 kbit/s had 0.001 to 0.015."""


def verdict(song: Song, heard: Heard, other: Heard | None) -> Verdict:
    """Judge a song against what it was asked to be, or, where nothing was asked, against its plan."""
    bpm = song.prompt.bpm or song.facts["bpm"]
    key = Key.parse(song.prompt.key or song.facts["key"])
    tempo = {method: tempo_relation(heard.essentia[method]["bpm"], bpm) for method in METHODS}
    tempo[SPACING] = tempo_relation(spacing_bpm(heard.essentia[METHODS[0]]["beats_s"]), bpm)
    keys = {profile: key_relation(heard.essentia[profile]["key"], key) for profile in PROFILES}
    return Verdict(
        song,
        heard,
        tempo | {"ours": tempo_relation(heard.ours["bpm"], bpm)},
        keys | {"ours": key_relation(heard.ours["key"], key)},
        beat_f(song.facts["beats_s"], heard.ours["beats_s"]),
        None if other is None else float(1.0 - heard.embedding @ other.embedding),
    )


def spacing_bpm(beats_s: list[float]) -> float | None:
    """Return the tempo of a line through beats, None if there are fewer than eight; a gap counts as missed beats."""
    if len(beats_s) < _FEWEST_BEATS:
        return None
    beats = np.array(beats_s)
    gaps = np.diff(beats)
    numbers = np.concatenate([[0.0], np.cumsum(np.maximum(np.round(gaps / np.median(gaps)), 1.0))])
    return 60.0 / float(np.polyfit(numbers, beats, 1)[0])


def tempo_relation(found: float | None, true: float, tolerance: float = _TEMPO) -> str:
    """Return how a tempo relates to the true one."""
    if not found:
        return "wrong"
    if abs(found / true - 1.0) <= tolerance:
        return "right"
    return "octave" if any(abs(found / (true * factor) - 1.0) <= tolerance for factor in _OCTAVES) else "wrong"


def key_relation(found: str | None, true: Key) -> str:
    """Return how a key relates to the true one, in the classes of MIREX's key task."""
    if not found:
        return "wrong"
    told = Key.parse(found)
    steps = (told.tonic - true.tonic) % 12
    if told.mode is true.mode:
        return {0: "right", 7: "fifth", 5: "fifth"}.get(steps, "wrong")
    if steps == 0:
        return "parallel"
    return "relative" if steps == (9 if true.mode is Mode.MAJOR else 3) else "wrong"


def beat_f(true_s: list[float], found_s: list[float]) -> float:
    """Return the F-measure of beats within 70 ms, without the first 5 s (Dixon 2001, as MIREX)."""
    true, found = (np.array([each for each in side if each >= _FROM_S]) for side in (true_s, found_s))
    if not true.size or not found.size:
        return 0.0
    hits = 0
    at = 0
    for each in true:
        while at < found.size and found[at] < each - _BEAT_S:
            at += 1
        if at < found.size and found[at] <= each + _BEAT_S:
            hits, at = hits + 1, at + 1
    return 2.0 * hits / (true.size + found.size)


def share(verdicts: Iterable[Verdict], name: str) -> tuple[int, int]:
    """Return how many pass a test, and how many can be asked."""
    told = [each.passes[name] for each in verdicts if name in each.passes]
    return sum(told), len(told)
