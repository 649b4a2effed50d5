"""Rounds: what is carried out together, and that everybody gets an answer of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from soundrack.database.rounds import Rounds


class Desk:
    """Doubles numbers, notes what came together, and can be held up."""

    def __init__(self, *, at_once: int = 1, most: int = 64) -> None:
        self.came: list[list[int]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.rounds = Rounds(self._carry_out, at_once=at_once, most=most)

    async def _carry_out(self, asked: list[int]) -> Sequence[int | Exception]:
        self.came.append(asked)
        await self.open.wait()
        if 99 in asked:
            raise OSError("the desk is on fire")
        return [ValueError(number) if number < 0 else 2 * number for number in asked]


async def _in_flight(desk: Desk, *numbers: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(desk.rounds.ask(number)) for number in numbers]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


def test_what_is_asked_in_one_turn_is_carried_out_together_and_answered_in_order():
    async def act() -> None:
        desk = Desk()
        assert await asyncio.gather(*(desk.rounds.ask(number) for number in range(5))) == [0, 2, 4, 6, 8]
        assert desk.came == [[0, 1, 2, 3, 4]]

    asyncio.run(act())


def test_what_is_asked_while_a_round_is_under_way_gathers_for_the_next():
    async def act() -> None:
        desk = Desk()
        desk.open.clear()
        tasks = await _in_flight(desk, 1)
        tasks += await _in_flight(desk, 2)
        tasks += await _in_flight(desk, 3)
        assert desk.came == [[1]]
        desk.open.set()
        assert await asyncio.gather(*tasks) == [2, 4, 6]
        assert desk.came == [[1], [2, 3]]

    asyncio.run(act())


def test_as_many_rounds_as_allowed_are_under_way_at_once():
    async def act() -> None:
        desk = Desk(at_once=2)
        desk.open.clear()
        tasks = [task for number in range(4) for task in await _in_flight(desk, number)]
        assert desk.came == [[0], [1]]
        desk.open.set()
        assert await asyncio.gather(*tasks) == [0, 2, 4, 6]

    asyncio.run(act())


def test_no_round_is_larger_than_allowed():
    async def act() -> None:
        desk = Desk(most=2)
        assert await asyncio.gather(*(desk.rounds.ask(number) for number in range(5))) == [0, 2, 4, 6, 8]
        assert desk.came == [[0, 1], [2, 3], [4]]

    asyncio.run(act())


def test_whoever_asks_as_soon_as_a_round_has_ended_is_answered():
    async def act() -> None:
        desk = Desk()
        for number in range(50):
            assert await asyncio.wait_for(desk.rounds.ask(number), 5) == 2 * number

    asyncio.run(act())


def test_what_fails_for_one_fails_for_that_one_alone():
    async def act() -> None:
        desk = Desk()
        answers = await asyncio.gather(*(desk.rounds.ask(n) for n in (1, -1, 2)), return_exceptions=True)
        assert [answers[0], answers[2]] == [2, 4]
        assert isinstance(answers[1], ValueError)

    asyncio.run(act())


def test_a_round_that_breaks_down_tells_all_of_it_and_the_next_one_works():
    async def act() -> None:
        desk = Desk()
        answers = await asyncio.gather(*(desk.rounds.ask(n) for n in (1, 99)), return_exceptions=True)
        assert [type(answer) for answer in answers] == [OSError, OSError]
        assert await desk.rounds.ask(3) == 6

    asyncio.run(act())


def test_whoever_leaves_before_the_round_has_not_asked_and_whoever_leaves_later_disturbs_nobody():
    async def act() -> None:
        desk = Desk()
        desk.open.clear()
        first, leaving_later = await _in_flight(desk, 1, 2)
        leaving, staying = await _in_flight(desk, 3, 4)
        leaving.cancel()
        leaving_later.cancel()
        desk.open.set()
        assert [await first, await staying] == [2, 8]
        assert desk.came == [[1, 2], [4]]
        for gone in (leaving, leaving_later):
            with pytest.raises(asyncio.CancelledError):
                await gone

    asyncio.run(act())


def test_one_event_loop_after_another_is_served():
    async def make() -> Desk:
        return Desk()

    desk = asyncio.run(make())
    assert [asyncio.run(desk.rounds.ask(number)) for number in (1, 2)] == [2, 4]
