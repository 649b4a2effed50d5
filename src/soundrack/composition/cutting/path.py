"""The way through a recording: which bars are played, by dynamic programming over bars and elapsed time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.cutting.hearing import Highlight, Song
from soundrack.composition.cutting.joining import Joins, joins
from soundrack.composition.cutting.order import CutOrder, End, Start

_STEPS, _FINEST_S, _COARSEST_S = 400, 0.02, 0.25
"""How finely elapsed time is counted: in so many steps to the target, of 20 to 250 ms."""
_TOLERANCE = 0.03
"""Of the target: what a cut may be off without a price worth a worse join."""
_OFF, _FAR_OFF = 1.2, 40.0
"""The price of being off by the whole tolerance, and by as much again."""
_SECTION_START, _PHRASE_START, _BAR_START = 0.5, 1.6, 3.0
_SECTION_END, _PHRASE_END, _BAR_END = 1.6, 2.6, 4.0
_FADED_ANYWHERE = 0.3
_WHOLE = 1.6
"""What is added to starts and ends that are not the song's own where there is room for those: none of it up to 15 s,
all from 60 s on. So long a cut should have a beginning and an end, though that needs a join."""
_EXCERPT_S, _WHOLE_S = 15.0, 60.0
_WORD = 1.0
"""For a beginning in the middle of what a voice sings."""
_CORE, _MOST_CORE_BARS = 0.5, 8
"""Of a highlight so much must be played in one piece from its begin: half the target, eight bars at most."""
_INFINITE = np.float32(np.inf)

Table = NDArray[np.float32]


@dataclass(frozen=True)
class Stretch:
    """Bars that are played one after the other, from the first up to, not including, the last."""

    first: int
    last: int


@dataclass(frozen=True)
class Way:
    """What is played: stretches with joins between them, and the highlight that lies inside, if there is one.

    `cost` is what joins, ends and the miss of the length cost together.
    """

    stretches: tuple[Stretch, ...]
    highlight: Highlight | None
    cost: float


def way(song: Song, order: CutOrder, banned: frozenset[tuple[int, int]] = frozenset()) -> Way:
    """Return the best way of about the wanted length.

    A highlight lies inside wherever one fits between a start and an end as they are wanted.

    Parameters
    ----------
    song : Song
        Longer than the target.
    order : CutOrder
        What is wanted.
    banned : frozenset of (int, int)
        Joins that must not be made: the bar that would be left, and the one that would be entered.
    """
    return _Search(song, order, banned).best()


class _Search:
    """Tables of what it costs to have played so long and be here, and to play so long from here to the end."""

    def __init__(self, song: Song, order: CutOrder, banned: frozenset[tuple[int, int]]) -> None:
        self._song, self._order = song, order
        self._step_s = min(max(order.target_s / _STEPS, _FINEST_S), _COARSEST_S)
        self._ticks = np.round(song.on.bounds_s / self._step_s).astype(np.int64)
        self._longs = np.maximum(np.diff(self._ticks), 1)
        self._joins: Joins = joins(song, banned)
        self._most = self._ceiling()

    def best(self) -> Way:
        """Return the best way with a highlight, or the best of all where none has room."""
        before, reached, source = self._from_start()
        after, target = self._to_end()
        price = self._price()
        found: list[tuple[float, int, int, Highlight]] = []
        for highlight in self._song.highlights:
            first, last = self._core(highlight)
            ticks = int(self._longs[first:last].sum())
            # what may precede, by how long it is, beside what may follow
            total = np.full((self._most + 1, self._most + 1), _INFINITE)
            here, there = before[:, first], after[:, last]
            for played in np.flatnonzero(np.isfinite(here)).tolist():
                room = self._most - played - ticks
                if room >= 0:
                    total[played, : room + 1] = here[played] + there[: room + 1] + price[played + ticks :][: room + 1]
            at = int(np.argmin(total))
            played, rest = divmod(at, self._most + 1)
            if np.isfinite(total[played, rest]):
                found.append((float(total[played, rest]), played, rest, highlight))
        if not found:
            return self._plain(reached, source)
        cost, played, rest, highlight = min(found, key=lambda each: each[0])
        first, last = self._core(highlight)
        bars = [*self._back(first, played, source), *range(first, last), *self._on(last, rest, target)]
        return Way(_stretches(bars), highlight, cost)

    def _plain(self, reached: Table, source: NDArray[np.int64]) -> Way:
        """Return the best way without a highlight."""
        total = reached[1:] + self._price()[1:, None] + self._ends()[None, :]
        played, last = divmod(int(np.argmin(total)), total.shape[1])
        cost, final = float(total[played, last]), last - 1
        played += 1 - int(self._longs[final])
        return Way(_stretches([*self._back(final, played, source), final]), None, cost)

    def _ceiling(self) -> int:
        """Return the longest that is considered, in ticks: the target and two bars, or a passage more."""
        longest = int(np.partition(self._longs, -1)[-1]) if len(self._longs) else 1
        usual = int(np.median(self._longs))
        return int(np.ceil(self._order.target_s / self._step_s)) + max(2 * usual, longest) + 1

    def _core(self, highlight: Highlight) -> tuple[int, int]:
        """Return the bars of a highlight that have to be played."""
        room = int(_CORE * self._order.target_s / self._step_s)
        last = highlight.first + 1
        while (
            last < highlight.last
            and last - highlight.first < _MOST_CORE_BARS
            and int(self._longs[highlight.first : last + 1].sum()) <= room
        ):
            last += 1
        return highlight.first, last

    def _price(self) -> Table:
        """Return what each length costs, by how far off it is."""
        lengths_s = np.arange(self._most + 1) * self._step_s
        target_s = self._order.target_s
        usual_s = float(np.median(np.diff(self._song.on.bounds_s)))
        if self._order.end is End.FADE:
            # what is too long is faded earlier
            off = np.where(lengths_s >= target_s - 0.5 * self._step_s, 0.1 * (lengths_s - target_s) / usual_s, np.inf)
            return np.asarray(off, dtype=np.float32)
        allowed_s = max(_TOLERANCE * target_s, 0.5 * usual_s)
        off = np.abs(lengths_s - target_s) / allowed_s
        return np.asarray(_OFF * off**2 + _FAR_OFF * np.maximum(off - 1.0, 0.0), dtype=np.float32)

    def _whole(self) -> float:
        """Return what is added to what is not the song's own beginning or end."""
        return _WHOLE * min(max((self._order.target_s - _EXCERPT_S) / (_WHOLE_S - _EXCERPT_S), 0.0), 1.0)

    def _begins(self) -> Table:
        """Return what it costs to begin with each bar."""
        song, bars = self._song, self._song.on.bars
        costs = np.full(bars + 1, _INFINITE)
        if self._order.start is Start.ANY:
            costs[:bars] = _BAR_START if song.on.has_beats else _PHRASE_START
            for start, end in zip(song.starts, [*song.starts[1:], bars], strict=True):
                costs[start:end:4] = np.minimum(costs[start:end:4], _PHRASE_START)
                costs[start] = _SECTION_START
            costs += self._whole() + _WORD * song.sung
        costs[0] = 0.0
        return costs

    def _ends(self) -> Table:
        """Return what it costs to end before each bar, the last stroke being the bar's before it."""
        song, bars = self._song, self._song.on.bars
        costs = np.full(bars + 1, _INFINITE)
        if self._order.end is End.FADE:
            costs[1:] = _FADED_ANYWHERE
            costs[bars] = 0.0
            return costs
        plain = 0 if song.on.has_beats else -1
        costs[2:] = _BAR_END if song.on.has_beats else _PHRASE_END
        for start, end in zip(song.starts, [*song.starts[1:], bars], strict=True):
            costs[start + 5 + plain : end + 1 : 4] = np.minimum(costs[start + 5 + plain : end + 1 : 4], _PHRASE_END)
            if start > 0:
                costs[start + 1 + plain] = _SECTION_END
        costs += self._whole()
        costs[bars] = 0.0
        return costs

    def _from_start(self) -> tuple[Table, Table, NDArray[np.int64]]:
        """Return what it costs to be about to play each bar after each time, and to have reached it without a join.

        The third table holds the bar before which the join is made that leads here, or the bar itself without one.
        """
        bars = self._song.on.bars
        cost = np.full((self._most + 1, bars + 1), _INFINITE)
        reached = np.full((self._most + 1, bars + 1), _INFINITE)
        source = np.tile(np.arange(bars + 1), (self._most + 1, 1))
        cost[0] = self._begins()
        at = np.arange(bars)
        for played in range(self._most + 1):
            row = cost[played]
            if played:
                reached[played] = row
                through = row[self._joins.sources] + self._joins.costs
                pick = through.argmin(axis=1)
                best = through[at, pick]
                better = best < row[:bars]
                source[played, :bars] = np.where(better, self._joins.sources[at, pick], at)
                row[:bars] = np.where(better, best, row[:bars])
            ahead = played + self._longs
            fits = ahead <= self._most
            cost[ahead[fits], at[fits] + 1] = row[:bars][fits]
        return cost, reached, source

    def _to_end(self) -> tuple[Table, NDArray[np.int64]]:
        """Return what it costs to play each time from before each bar to an end, and the bar where one goes on."""
        bars = self._song.on.bars
        cost = np.full((self._most + 1, bars + 1), _INFINITE)
        target = np.tile(np.arange(bars + 1), (self._most + 1, 1))
        cost[0] = self._ends()
        onward, prices = self._onward()
        at, every = np.arange(bars), np.arange(bars + 1)
        for rest in range(1, self._most + 1):
            row = cost[rest]
            before = rest - self._longs
            fits = before >= 0
            row[:bars][fits] = cost[before[fits], at[fits] + 1]
            through = row[onward] + prices
            pick = through.argmin(axis=1)
            best = through[every, pick]
            better = best < row
            target[rest] = np.where(better, onward[every, pick], target[rest])
            cost[rest] = np.where(better, best, row)
        return cost, target

    def _onward(self) -> tuple[NDArray[np.int64], Table]:
        """Return the best bars to go on with from before each bar, and what that costs, shape (bars + 1, k) both."""
        bars = self._song.on.bars
        outward = np.full((bars + 1, bars + 1), _INFINITE)
        outward[self._joins.sources, np.arange(bars)[:, None]] = self._joins.costs
        onward = np.argsort(outward, axis=1, kind="stable")[:, : self._joins.sources.shape[1]]
        return onward, np.take_along_axis(outward, onward, axis=1)

    def _back(self, bar: int, played: int, source: NDArray[np.int64]) -> list[int]:
        """Return the bars that were played before one."""
        bars: list[int] = []
        while played > 0:
            bar = int(source[played, bar]) - 1
            played -= int(self._longs[bar])
            bars.append(bar)
        return bars[::-1]

    def _on(self, bar: int, rest: int, target: NDArray[np.int64]) -> list[int]:
        """Return the bars that are played from before one to the end."""
        bars: list[int] = []
        while rest > 0:
            bar = int(target[rest, bar])
            rest -= int(self._longs[bar])
            bars.append(bar)
            bar += 1
        return bars


def _stretches(bars: list[int]) -> tuple[Stretch, ...]:
    found: list[Stretch] = []
    for bar in bars:
        if found and found[-1].last == bar:
            found[-1] = Stretch(found[-1].first, bar + 1)
        else:
            found.append(Stretch(bar, bar + 1))
    return tuple(found)
