"""The most probable course through states that mostly stay, and how sure each step of it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel


def decode(
    scores: NDArray[np.float32], stay: NDArray[np.float32], moves: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Decode a hidden Markov model by Viterbi, and give each step's posterior by forward and backward sums.

    (Rabiner, "A tutorial on hidden Markov models", 1989.)

    Parameters
    ----------
    scores : float32 array, shape (n, states)
        Logarithms of how well each state explains each step.
    stay : float32 array, shape (n,)
        How probable it is that the state before a step goes on; the first is not used.
    moves : float32 array, shape (states, states)
        Where a state moves to when it does not stay: probabilities, rows adding up to 1.

    Returns
    -------
    path : int64 array, shape (n,)
    posteriors : float32 array, shape (n, states)
        Rows add up to 1.
    """
    path = np.zeros((len(scores), 1), dtype=np.int64)
    posteriors = np.zeros(scores.shape, dtype=np.float32)
    if len(scores):
        scores = np.ascontiguousarray(scores - scores.max(axis=1, keepdims=True), dtype=np.float32)
        _viterbi(scores, np.ascontiguousarray(stay[:, None], dtype=np.float32), np.ascontiguousarray(moves), path)
        _sums(scores, np.ascontiguousarray(stay[:, None], dtype=np.float32), np.ascontiguousarray(moves), posteriors)
    return path[:, 0], posteriors


@kernel
def _viterbi(
    scores: NDArray[np.float32], stay: NDArray[np.float32], moves: NDArray[np.float32], path: NDArray[np.int64]
) -> None:
    steps, states = scores.shape
    came = np.zeros((steps, states), np.int64)
    best, ahead = scores[0].copy(), np.zeros(states, np.float32)
    log_moves = np.log(moves + np.float32(1e-12))
    for step in range(1, steps):
        staying, leaving = np.log(stay[step, 0]), np.log(np.float32(1.0) - stay[step, 0])
        for state in range(states):
            most, source = best[state] + staying, state
            for other in range(states):
                value = best[other] + leaving + log_moves[other, state]
                if value > most:
                    most, source = value, other
            ahead[state], came[step, state] = most + scores[step, state], source
        best, ahead = ahead, best
    path[steps - 1, 0] = np.argmax(best)
    for step in range(steps - 1, 0, -1):
        path[step - 1, 0] = came[step, path[step, 0]]


@kernel
def _sums(
    scores: NDArray[np.float32], stay: NDArray[np.float32], moves: NDArray[np.float32], posteriors: NDArray[np.float32]
) -> None:
    steps, states = scores.shape
    likely = np.exp(scores)
    posteriors[0] = likely[0] / likely[0].sum()
    for step in range(1, steps):
        moved = (np.float32(1.0) - stay[step, 0]) * (posteriors[step - 1] @ moves)
        row = (stay[step, 0] * posteriors[step - 1] + moved) * likely[step] + np.float32(1e-30)
        posteriors[step] = row / row.sum()
    after = np.ones(states, np.float32)
    for step in range(steps - 2, -1, -1):
        told = after * likely[step + 1]
        after = stay[step + 1, 0] * told + (np.float32(1.0) - stay[step + 1, 0]) * (moves @ told)
        after /= after.max()
        row = posteriors[step] * after + np.float32(1e-30)
        posteriors[step] = row / row.sum()
