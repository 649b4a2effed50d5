"""How sure a genre is: ``python -m benchmarks.genre learn`` and ``python -m benchmarks.genre measure [tune|held]``.

``learn`` writes ``genre/confidence.toml``: how often a genre is right by how much speaks for it, and by which genre it
is, from recordings of which something is documented (`benchmarks.tagging`, the half ``tune``) and from the songs that
are there to learn from (``python -m benchmarks.corpus --learning 300``). Both count the same, however many there are.
``measure`` prints how often the likeliest genre is right, how often one is told and is right, and of every genre what
was told in its place, of the recordings and the rendered songs of a half.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from benchmarks.halves import run
from benchmarks.tagging import recordings
from soundrack.analysis import genre
from soundrack.analysis.features.sound import hear
from soundrack.analysis.genre import genres
from soundrack.analysis.genre.telling import confidences, told
from soundrack.analysis.tags import tags

_TABLE = Path(genre.__file__).with_name("confidence.toml")
_KNOTS = (0.0, 0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)
_PRIOR, _PRIOR_RIGHT = 3.0, 0.5
"""So many made up answers count with those of a genre, half of them right."""
_HIGHEST = 0.9

OF_STYLES: Mapping[str, frozenset[str]] = {
    style: frozenset(labels)
    for labels, styles in (
        (("Pop",), ("pop", "ballad")),
        (("Rock",), ("rock", "slow rock")),
        (("Metal", "Rock"), ("metal",)),
        (("Punk", "Rock"), ("punk",)),
        (("Folk",), ("folk", "jig", "polka")),
        (("Country", "Folk"), ("country",)),
        (("Jazz",), ("jazz", "slow swing", "fast swing", "bossa")),
        (("Blues",), ("blues",)),
        (("Funk",), ("funk",)),
        (("Funk", "Electronic"), ("disco",)),
        (("R&B and Soul",), ("soul", "slow soul", "gospel")),
        (("Hip Hop",), ("hip hop", "trap")),
        (("Electronic",), ("house", "afro house", "trance", "chiptune", "drum and bass", "dubstep")),
        (("Electronic", "Pop"), ("synth pop",)),
        (("Ambient", "Electronic"), ("ambient",)),
        (("Classical",), ("classical", "orchestral", "piano", "waltz", "ballroom waltz", "march")),
        ((), ("reggae", "dub", "ska", "reggaeton")),
    )
    for style in styles
}
"""What may be told of a rendered song's style; nothing is right of a style that has no genre here."""


@dataclass(frozen=True)
class Case:
    """A song's evidence for every genre, the genres that are right, and what it is called in the tables."""

    evidence: dict[str, float]
    right: frozenset[str]
    kind: str


def learn() -> None:
    """Learn how sure genres are, and write it."""
    known = [list(_recorded("tune")), list(_rendered(corpus.learning_songs()))]
    _TABLE.write_text(table(*known))
    print(f"{len(known[0])} recordings, {len(known[1])} rendered songs; written to {_TABLE.name}")


def table(*sets: list[Case]) -> str:
    """Return what is kept: a curve over the evidence, and the highest confidence of each genre."""
    evidence, right, weight = (np.concatenate(each) for each in zip(*(_answers(cases) for cases in sets), strict=True))
    shares = isotonic(evidence, right, weight, np.array(_KNOTS))
    curve = shares / shares[-1]
    lines = [
        "# How sure a genre is, learned by `python -m benchmarks.genre learn`. `share`: of the highest confidence, at",
        "# each `evidence`; `most`: by how often the genre was right where it was the likeliest, on recordings and on",
        "# rendered songs, a mean of both.",
        "",
        f"evidence = {list(_KNOTS)}",
        f"share = {[round(float(each), 2) for each in curve]}",
        "",
        "[most]",
    ]
    lines += [f'"{label}" = {most(label, curve, sets):.2f}' for label in genres()]
    return "\n".join([*lines, ""])


def most(label: str, curve: NDArray[np.float64], sets: Iterable[list[Case]]) -> float:
    """Return how sure a genre is at full evidence, so that it is right as often as is told where it is the likeliest.

    The mean over the sets; in one that has no such song it is as likely right as wrong, as far as is known.
    """
    found = []
    for cases in sets:
        tried = [case for case in cases if max(case.evidence, key=case.evidence.__getitem__) == label]
        right = sum(label in case.right for case in tried)
        shares = float(np.interp([case.evidence[label] for case in tried], _KNOTS, curve).sum())
        found.append(min((right + _PRIOR * _PRIOR_RIGHT) / (shares + _PRIOR), _HIGHEST))
    return float(np.mean(found))


def isotonic(
    at: NDArray[np.float64], right: NDArray[np.float64], weight: NDArray[np.float64], knots: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the rising curve nearest to answers, at some knots: pool adjacent violators (Ayer et al. 1955)."""
    order = np.argsort(at, kind="stable")
    blocks: list[list[float]] = []
    for place, value, heavy in zip(at[order].tolist(), right[order].tolist(), weight[order].tolist(), strict=True):
        blocks.append([place * heavy, value * heavy, heavy])
        while len(blocks) > 1 and blocks[-2][1] / blocks[-2][2] >= blocks[-1][1] / blocks[-1][2]:
            last = blocks.pop()
            blocks[-1] = [one + other for one, other in zip(blocks[-1], last, strict=True)]
    places, values = np.array([[place / heavy, value / heavy] for place, value, heavy in blocks]).T
    out: NDArray[np.float64] = np.interp(knots, places, values)
    return out


def _answers(cases: list[Case]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the evidence of every genre of every song, whether it is right, and weights that sum to 1."""
    evidence = np.array([each for case in cases for each in case.evidence.values()])
    right = np.array([float(label in case.right) for case in cases for label in case.evidence])
    return evidence, right, np.full(len(evidence), 1.0 / len(evidence))


def measure(half: str) -> None:
    """Print how right genres are."""
    for name, cases in (
        ("recordings", list(_recorded(half))),
        ("rendered", list(_rendered(corpus.songs("rendered", half)))),
    ):
        answers = [(case, max(confidences(case.evidence).items(), key=lambda each: each[1])) for case in cases]
        top = [label in case.right for case, (label, _) in answers]
        sure = [(confidence, label in case.right) for case, (label, confidence) in answers if told(confidence)]
        print(f"{half}, {len(cases)} {name}: likeliest genre right {_mean(top):.2f};")
        print(
            f"    told {len(sure)}, right {_mean([right for _, right in sure]):.2f}, "
            f"confidence {_mean([confidence for confidence, _ in sure]):.2f}"
        )
        every = [
            (confidence, label in case.right)
            for case in cases
            for label, confidence in confidences(case.evidence).items()
        ]
        for low in np.arange(0.0, 1.0, 0.1):
            here = [each for each in every if low <= each[0] < low + 0.1]
            if here:
                confidence, right = (_mean([each[which] for each in here]) for which in (0, 1))
                print(f"    confidence {confidence:.2f}: right {right:.2f} ({len(here)})")
        confused: dict[str, Counter[str]] = {}
        for case, (label, confidence) in answers:
            confused.setdefault(case.kind, Counter())[label if told(confidence) else "none"] += 1
        for kind, counts in sorted(confused.items()):
            print(f"    {kind:16}", ", ".join(f"{label} {count}" for label, count in counts.most_common()))


def _recorded(half: str) -> Iterator[Case]:
    for recording in recordings():
        if recording.half == half:
            yield _case(recording.path, recording.genres, "/".join(sorted(recording.genres)))


def _rendered(songs: list[corpus.Song]) -> Iterator[Case]:
    for song in songs:
        style = song.truth["style"]
        if style in OF_STYLES:
            yield _case(song.audio, OF_STYLES[style], style)


def _case(path: Path, right: frozenset[str], kind: str) -> Case:
    heard = tags(hear(path))
    return Case({label: each.evidence(heard) for label, each in genres().items()}, right, kind)


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return float(np.mean(found)) if found else float("nan")


if __name__ == "__main__":
    sys.exit(run("benchmarks.genre", __doc__, learn, measure))
