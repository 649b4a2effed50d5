"""The moving window of `limits`: arguments ``memory|unix:///socket-of-a-redis hits``.

Prints the seconds that it took, by the clock and of the CPU.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from limits import RateLimitItemPerMinute  # type: ignore[import-not-found, unused-ignore]
from limits.aio.storage import MemoryStorage, RedisStorage  # type: ignore[import-not-found, unused-ignore]
from limits.aio.strategies import MovingWindowRateLimiter  # type: ignore[import-not-found, unused-ignore]


async def main(where: str, hits: int) -> None:
    storage = MemoryStorage() if where == "memory" else RedisStorage(f"async+redis+{where}", implementation="redispy")
    limiter, limit = MovingWindowRateLimiter(storage), RateLimitItemPerMinute(1000)
    keys = [f"{where} {number}" for number in range(100)]
    for key in keys:
        await limiter.hit(limit, key)
    clock_s, cpu_s = time.perf_counter(), time.process_time()
    for number in range(hits):
        await limiter.hit(limit, keys[number % len(keys)])
        # what the headers need: our hit tells it too
        await limiter.get_window_stats(limit, keys[number % len(keys)])
    print(json.dumps([time.perf_counter() - clock_s, time.process_time() - cpu_s]))


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
