"""The small words around terms: what denies, what joins, what strengthens, what says nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from soundrack.composition.prompt.vocabulary.letters import decomposed

_FILE = Path(__file__).with_name("grammar.toml")


@dataclass(frozen=True)
class Grammar:
    """The words of ``grammar.toml``, where each field is described.

    Korean endings are decomposed into letters; `join_tails` and `only_tails` are `join_ko` and `only_ko` as such.
    """

    deny: frozenset[str]
    deny_after: frozenset[str]
    conjunctions: frozenset[str]
    continuations: frozenset[str]
    lasting: frozenset[str]
    deny_ko: frozenset[str]
    deny_prefix_ko: frozenset[str]
    deny_bridge_ko: frozenset[str]
    join_ko: frozenset[str]
    only: frozenset[str]
    only_ko: frozenset[str]
    intensity: Mapping[str, float]
    stop: frozenset[str]
    stop_ko: frozenset[str]
    particles: frozenset[str]
    verbal: frozenset[str]
    join_tails: frozenset[str]
    only_tails: frozenset[str]

    @property
    def small(self) -> frozenset[str]:
        """English words that are neither terms nor worth telling."""
        return _small()

    @property
    def small_ko(self) -> frozenset[str]:
        """Korean words that are."""
        return _small_ko()


@cache
def grammar() -> Grammar:
    """Return the grammar."""
    with _FILE.open("rb") as file:
        told = tomllib.load(file)
    words, endings = told.pop("words"), told.pop("endings")
    intensity = told.pop("intensity")
    return Grammar(
        **{name: frozenset(each.replace("'", "") for each in listed) for name, listed in told.items()},
        intensity=dict(intensity),
        stop=frozenset(word.replace("'", "") for word in words["stop"]),
        stop_ko=frozenset(words["stop_ko"]),
        particles=frozenset(decomposed(each) for each in endings["particles"]),
        verbal=frozenset(decomposed(each) for each in endings["verbal"]),
        join_tails=frozenset(decomposed(each) for each in told["join_ko"]),
        only_tails=frozenset(decomposed(each) for each in told["only_ko"]),
    )


@cache
def _small() -> frozenset[str]:
    words = grammar()
    return words.stop | words.deny | words.deny_after | words.conjunctions | words.continuations | words.only


@cache
def _small_ko() -> frozenset[str]:
    words = grammar()
    return words.stop_ko | words.deny_ko | words.deny_bridge_ko | words.join_ko | words.only_ko
