"""How beats and tempi are scored."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_WITHIN_S = 0.07
_TRIMMED_S = 5.0


def f_measure(truth_s: NDArray[np.float64], found_s: NDArray[np.float64]) -> float:
    """Return the F-measure within 70 ms, from the fifth second on, as `mir_eval.beat.f_measure` defines it: 0 to 1."""
    truth_s, found_s = (times[times >= _TRIMMED_S] for times in (np.asarray(truth_s), np.asarray(found_s)))
    if not len(truth_s) or not len(found_s):
        return 0.0
    hits = of_truth = of_found = 0
    while of_truth < len(truth_s) and of_found < len(found_s):
        late_s = found_s[of_found] - truth_s[of_truth]
        hit = abs(late_s) <= _WITHIN_S
        hits += hit
        of_found += hit or late_s < 0
        of_truth += hit or late_s > 0
    return 2.0 * hits / (len(truth_s) + len(found_s))


def same(bpm: float | None, truth: float | None) -> bool:
    """Tell whether a tempo is right to 4 % (Acc1)."""
    return bpm is not None and truth is not None and abs(bpm / truth - 1.0) <= 0.04


def same_but_octave(bpm: float | None, truth: float) -> bool:
    """Tell whether a tempo, or half, a third, twice or three times it, is right to 4 % (Acc2)."""
    return bpm is not None and any(same(bpm * times, truth) for times in (1.0, 2.0, 3.0, 1 / 2, 1 / 3))
