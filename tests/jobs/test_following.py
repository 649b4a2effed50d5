"""Those who wait for jobs hear of every step, whoever wrote it, and cost nothing more than what they hear."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from soundrack.database import Database
from soundrack.jobs import following, lifecycle
from soundrack.jobs.following import Following
from soundrack.jobs.lifecycle import Outcome
from soundrack.jobs.news import postgresql as news_of_postgresql
from soundrack.jobs.record import Job
from soundrack.jobs.steps import Step
from soundrack.rack import Rack

LEASE_S = 15.0
OUTCOME = Outcome(outputs={}, result={}, report={}, work_s=1.0, cpu_s=1.0)
WITHIN_S = 20.0
Submit = Callable[..., Job]
STAGES = ("decode", "features", "tempo", "key")


class Listener:
    """A watcher that keeps all that it is told."""

    def __init__(self) -> None:
        self.heard: list[Step] = []
        self.silences = 0
        self.is_over = False

    def hear(self, news: Sequence[Step]) -> None:
        self.heard += news

    def nothing(self) -> None:
        self.silences += 1

    def over(self) -> None:
        self.is_over = True

    @property
    def numbers(self) -> list[int]:
        return [step.number for step in self.heard]


@asynccontextmanager
async def hub(rack: Rack) -> AsyncIterator[Following]:
    try:
        yield rack.following
    finally:
        await rack.following.close()
        await rack.lookups.close()


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def within() -> None:
        async with asyncio.timeout(WITHIN_S):
            await scenario()

    asyncio.run(within())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


class Work:
    """What a worker does to a job, from a process of its own: by connections that the server does not have."""

    def __init__(self, rack: Rack, database: Database, job: Job) -> None:
        self._rack = rack
        self._database = database
        self.job = job

    def begin(self) -> None:
        with self._database.write() as connection:
            claimed = lifecycle.claim(connection, self._rack.queue, self.job.id, "worker", LEASE_S)
        assert claimed is not None
        self.job = claimed

    def step(self, stage: str, progress: float) -> None:
        with self._database.write() as connection:
            assert lifecycle.renew(connection, self.job, LEASE_S, stage, progress, is_step=True)

    def complete(self) -> None:
        with self._database.write() as connection:
            assert lifecycle.complete(connection, self.job, OUTCOME)

    def all(self) -> None:
        self.begin()
        for place, stage in enumerate(STAGES):
            self.step(stage, place / len(STAGES))
        self.complete()


@pytest.fixture
def new_work(rack: Rack, submit: Submit) -> Iterator[Callable[[], Work]]:
    database = Database(rack.settings.database_url)
    yield lambda: Work(rack, database, submit(followed=True))
    database.close()


@pytest.fixture
def work(new_work: Callable[[], Work]) -> Work:
    return new_work()


def test_all_who_wait_hear_every_step_once_and_in_order_until_the_end(rack: Rack, work: Work):
    async def scenario() -> None:
        async with hub(rack) as hub_:

            async def follow() -> list[Step]:
                return [step async for step in hub_.follow(work.job.id)]

            followers = [asyncio.create_task(follow()) for _ in range(5)]
            await asyncio.to_thread(work.all)
            for heard in await asyncio.gather(*followers):
                assert [step.number for step in heard] == [1, 2, 3, 4, 5, 6]
                assert [step.stage for step in heard] == ["upload", *STAGES, "key"]
                assert [step.is_end for step in heard] == [False] * 5 + [True]
            assert len(hub_) == 0

    run(scenario)


def test_whoever_comes_late_hears_the_last_step_or_those_after_the_one_that_it_knows(rack: Rack, work: Work):
    async def scenario() -> None:
        async with hub(rack) as hub_:
            await asyncio.to_thread(work.begin)
            await asyncio.to_thread(work.step, "tempo", 0.3)
            late, resumed, anew = Listener(), Listener(), Listener()
            await hub_.watch(work.job.id, -1, late)
            await hub_.watch(work.job.id, 1, resumed)
            await hub_.watch(work.job.id, 0, anew)

            assert (late.numbers, resumed.numbers, anew.numbers) == ([2], [2], [1, 2])

            await asyncio.to_thread(work.complete)
            await until(lambda: len(hub_) == 0)
            assert (late.numbers, resumed.numbers, anew.numbers) == ([2, 3], [2, 3], [1, 2, 3])

    run(scenario)


def test_a_job_that_has_ended_is_told_at_once(rack: Rack, work: Work):
    async def scenario() -> None:
        await asyncio.to_thread(work.all)
        async with hub(rack) as hub_:
            listener = Listener()
            await hub_.watch(work.job.id, -1, listener)

            assert listener.numbers == [6]
            assert len(hub_) == 0

    run(scenario)


def test_everybody_hears_of_their_own_job_alone(rack: Rack, new_work: Callable[[], Work]):
    async def scenario() -> None:
        works = [new_work() for _ in range(3)]
        async with hub(rack) as hub_:
            listeners = [Listener() for _ in works]
            for one, listener in zip(works, listeners, strict=True):
                await hub_.watch(one.job.id, 0, listener)
            await asyncio.to_thread(works[1].all)
            await until(lambda: len(hub_) == 2)

            assert [listener.numbers for listener in listeners] == [[1], [1, 2, 3, 4, 5, 6], [1]]

    run(scenario)


def test_nothing_is_asked_while_nothing_is_new(rack: Rack, work: Work):
    async def scenario() -> None:
        async with hub(rack) as hub_:
            for _ in range(50):
                await hub_.watch(work.job.id, -1, Listener())
            assert hub_.news is not None
            news = hub_.news
            await until(lambda: news.ticks > 0)
            await asyncio.sleep(0.1)
            before = news.queries
            await asyncio.sleep(0.3)

            assert news.queries == before

            await asyncio.to_thread(work.begin)
            await asyncio.to_thread(work.step, "tempo", 0.3)
            await asyncio.sleep(0.2)
            # the step, and on SQLite the claim, of which the file does not say what it was
            assert 1 <= news.queries - before <= 2

    run(scenario)


def test_nothing_runs_and_nothing_is_kept_when_nobody_waits(rack: Rack, work: Work):
    async def scenario() -> None:
        async with hub(rack) as hub_:
            tasks = asyncio.all_tasks()
            watches = [await hub_.watch(work.job.id, -1, Listener()) for _ in range(3)]
            assert len(hub_) == 3
            assert len(asyncio.all_tasks() - tasks) == 2  # for all of them

            for watch in watches:
                watch.end()
                watch.end()

            assert len(hub_) == 0
            assert not hub_._watches
            await asyncio.sleep(0.05)
            assert asyncio.all_tasks() == tasks

            listener = Listener()
            await hub_.watch(work.job.id, -1, listener)
            await asyncio.to_thread(work.all)
            await until(lambda: listener.numbers == [1, 2, 3, 4, 5, 6])

    run(scenario)


def test_whoever_stops_following_in_the_middle_leaves_nothing_behind(rack: Rack, work: Work):
    async def scenario() -> None:
        async with hub(rack) as hub_:

            async def follow() -> None:
                async for _ in hub_.follow(work.job.id):
                    pass

            follower = asyncio.create_task(follow())
            await until(lambda: len(hub_) == 1)
            follower.cancel()
            await asyncio.wait([follower])

            assert len(hub_) == 0

    run(scenario)


def test_silence_is_told_once_in_a_while_and_counts_from_the_last_step(
    rack: Rack, work: Work, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(following, "QUIET_S", 0.2)
    monkeypatch.setattr(following, "_LOOK_FOR_QUIET_S", 0.01)

    async def scenario() -> None:
        async with hub(rack) as hub_:
            listener = Listener()
            await hub_.watch(work.job.id, -1, listener)
            await until(lambda: listener.silences >= 3)

            await asyncio.to_thread(work.all)
            await until(lambda: len(hub_) == 0)
            silences = listener.silences
            await asyncio.sleep(0.3)
            assert listener.silences == silences

    run(scenario)


def test_the_end_of_the_process_is_told_and_nobody_waits_after_it(rack: Rack, work: Work):
    async def scenario() -> None:
        async with hub(rack) as hub_:
            before, after = Listener(), Listener()
            await hub_.watch(work.job.id, -1, before)
            await hub_.close()
            await hub_.watch(work.job.id, -1, after)

            assert before.is_over
            assert after.is_over
            assert len(hub_) == 0
            assert [step async for step in hub_.follow(work.job.id)] == []

    run(scenario)


def test_it_can_be_used_from_another_event_loop_after_the_first_has_ended(rack: Rack, work: Work):
    async def scenario() -> None:
        async with hub(rack) as hub_:
            listener = Listener()
            await hub_.watch(work.job.id, -1, listener)
            await until(lambda: listener.numbers == [1])

    run(scenario)
    run(scenario)


def test_steps_that_are_committed_while_the_first_look_is_under_way_are_not_missed(
    rack: Rack, work: Work, monkeypatch: pytest.MonkeyPatch
):
    from soundrack.jobs import steps  # noqa: PLC0415  its function is replaced

    look = steps.last

    async def slow(*given: object) -> Step:
        found = await look(*given)  # type: ignore[arg-type]
        await asyncio.to_thread(work.all)
        await asyncio.sleep(0.3)
        return found

    monkeypatch.setattr(steps, "last", slow)

    async def scenario() -> None:
        async with hub(rack) as hub_:
            listener = Listener()
            await hub_.watch(work.job.id, -1, listener)
            await until(lambda: len(hub_) == 0)

            assert sorted(listener.numbers) == listener.numbers
            assert listener.heard[-1].is_end

    run(scenario)


def test_a_lost_connection_comes_back_by_itself_and_what_was_missed_is_read(
    rack: Rack, work: Work, monkeypatch: pytest.MonkeyPatch
):
    if rack.settings.database_url.startswith("sqlite"):
        pytest.skip("SQLite has no connection that could be lost")
    monkeypatch.setattr(news_of_postgresql, "_FIRST_PAUSE_S", 0.3)

    def cut() -> int:
        with rack.database.write() as connection:
            ended = connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'soundrack news'")
            )
            return len(ended.all())

    async def scenario() -> None:
        async with hub(rack) as hub_:
            listener = Listener()
            await hub_.watch(work.job.id, -1, listener)
            await until(lambda: hub_.news is not None and hub_.news.queries == 1)

            assert await asyncio.to_thread(cut) == 1
            await asyncio.to_thread(work.begin)
            await asyncio.to_thread(work.step, "tempo", 0.3)  # while nobody listens
            await until(lambda: listener.numbers == [1, 2])
            await asyncio.to_thread(work.complete)
            await until(lambda: listener.numbers == [1, 2, 3])

    run(scenario)


def test_a_failure_to_read_is_survived(rack: Rack, work: Work, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(following, "_AGAIN_S", 0.05)
    failures = 2

    def tell(self: Following, *given: object) -> None:
        nonlocal failures
        if failures > 0 and asyncio.current_task() in self._tasks:
            failures -= 1
            raise RuntimeError("a defect")
        told(self, *given)  # type: ignore[arg-type]

    told = Following._tell
    monkeypatch.setattr(Following, "_tell", tell)

    async def scenario() -> None:
        async with hub(rack) as hub_:
            listener = Listener()
            await hub_.watch(work.job.id, -1, listener)
            await asyncio.to_thread(work.begin)
            await asyncio.to_thread(work.step, "tempo", 0.3)
            await until(lambda: failures == 0)
            await asyncio.to_thread(work.complete)
            await until(lambda: len(hub_) == 0)

            assert listener.heard[-1].is_end

    run(scenario)
