"""Further voices sing what the network has said once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from soundrack.composition.chance import chance
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.performance import Syllable
from soundrack.composition.plan import Timbre
from soundrack.composition.voice import Takes, Voice, available, doubled, sing, soloist
from soundrack.composition.voice.network import Spoken, spoken
from soundrack.composition.voice.phrases import Phrase
from soundrack.composition.voice.pitch import Curve
from tests.composition.voice.songs import sung

pytestmark = pytest.mark.skipif(available() is not Voice.NETWORK, reason="the network's weights are not there")


def test_a_double_does_not_ask_again_and_a_song_elsewhere_does(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    def counted(phrase: Phrase, pitch: Curve, formants: float) -> Spoken:
        asked.append(phrase.start_s)
        return spoken(phrase, pitch, formants)

    monkeypatch.setattr(soloist, "spoken", counted)
    song, later = sung("quiet water"), sung("quiet water", start_s=3.5)
    takes = Takes([(0.0, 3.0)])

    def heard(notes: Sequence[Syllable], seed: int) -> NDArray[np.float32]:
        rng = chance(seed, "voice")
        return sing(notes, timbre=Timbre.FEMALE, language="en", frames=6 * RATE_HZ, rng=rng, takes=takes)

    first = heard(song, 1)
    assert len(asked) == 1
    double = heard(doubled(song, chance(1, "double")), 2)
    assert len(asked) == 1
    assert 0.5 < np.std(double) / np.std(first) < 1.2
    assert abs(np.corrcoef(first[:, 0], double[:, 0])[0, 1]) < 0.9
    heard(later, 3)
    heard(sung("golden window"), 4)
    assert len(asked) == 3
