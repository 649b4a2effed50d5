"""A check of the mix report: what was measured, what that means, and what a mixing engineer would do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What a value means."""

    OK = "ok"
    NOTICE = "notice"
    PROBLEM = "problem"
    UNKNOWN = "unknown"
    """There is nothing in this sound by which it could be told."""


@dataclass(frozen=True)
class Check:
    """One check.

    - `id`, `title`: its name, and what is looked at.
    - `value`, `unit`: what was measured; None where it could not be.
    - `verdict`: what that means.
    - `target`: what would be right.
    - `advice`: what to do, in whole sentences; None where all is well.
    - `harm`: how much a listener loses by it, 0 to 1: what is worst is to be done first.
    """

    id: str
    title: str
    value: float | str | None
    unit: str | None
    verdict: Verdict
    target: str
    advice: str | None = None
    harm: float = 0.0

    def as_dict(self) -> dict[str, float | str | None]:
        """Return what is published of it."""
        return {
            "id": self.id,
            "title": self.title,
            "value": self.value,
            "unit": self.unit,
            "verdict": self.verdict.value,
            "target": self.target,
            "advice": self.advice,
        }


@dataclass(frozen=True)
class Question:
    """What a check asks, whatever the answer: its id, its title, its unit, what would be right and how much it harms.

    `harm` is that of a problem, 0 to 1; a notice does a third of it.
    """

    id: str
    title: str
    unit: str | None
    target: str
    harm: float

    def answered(
        self, value: float | str | None, verdict: Verdict, advice: str | None = None, *, digits: int = 1
    ) -> Check:
        """Return the check with its answer; infinite values are told as None, advice only where there is a fault."""
        told = value
        if isinstance(value, float):
            told = round(value, digits) + 0.0 if math.isfinite(value) else None
        faulty = verdict in (Verdict.NOTICE, Verdict.PROBLEM)
        harm = {Verdict.PROBLEM: self.harm, Verdict.NOTICE: self.harm / 3.0}.get(verdict, 0.0)
        return Check(self.id, self.title, told, self.unit, verdict, self.target, advice if faulty else None, harm)

    def unknown(self, why: str) -> Check:
        """Return the check as one that could not be made, with the reason in place of advice."""
        return Check(self.id, self.title, None, self.unit, Verdict.UNKNOWN, self.target, why)


def above(value: float, notice: float, problem: float) -> Verdict:
    """Return the verdict on a value that should be low: from which value on it is a notice, and a problem."""
    if value >= problem:
        return Verdict.PROBLEM
    return Verdict.NOTICE if value >= notice else Verdict.OK


def below(value: float, notice: float, problem: float) -> Verdict:
    """Return the verdict on a value that should be high."""
    return above(-value, -notice, -problem)


def worse(one: Verdict, other: Verdict) -> Verdict:
    """Return the worse of two verdicts."""
    order = (Verdict.UNKNOWN, Verdict.OK, Verdict.NOTICE, Verdict.PROBLEM)
    return max(one, other, key=order.index)
