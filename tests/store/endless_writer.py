"""Saves outcomes with all their changes until it is killed: `python -m tests.store.endless_writer URL FIRST`.

Prints the number of each outcome once the store has said that it is saved.
"""

import asyncio
import sys
from itertools import count

from store.open import open_store
from tests.samples import NOON
from tests.store.values import MINUTE, confirmed, going_down, slot


async def write(url: str, first: int) -> None:
    store = await open_store(url)
    numbers = count(first)

    async def saving() -> None:
        while True:
            number = next(numbers)
            outcome = confirmed(NOON + number * MINUTE)
            await store.open_slots([slot(outcome.run.scheduled_at)], NOON)
            assert await store.save(outcome, going_down(outcome.run))
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()

    await asyncio.gather(saving(), saving(), saving())


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], int(sys.argv[2])))
