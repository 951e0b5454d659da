"""Runs the whole agent inside a test, and walks single checks with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agent.app import Agent
from checks.run import Outcome, Reason, Slot

_TRIES = 30


@asynccontextmanager
async def running(agent: Agent) -> AsyncIterator[str]:
    """Run an agent until the block ends; yields the board's address."""
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    task = asyncio.create_task(agent.run(stop, port.set_result))
    try:
        yield f"http://127.0.0.1:{await port}"
    finally:
        stop.set()
        await task


async def walked(agent: Agent, name: str) -> Outcome:
    """Walk a check; again while the machine is too busy, because a starved agent accuses nobody."""
    target = agent.config.targets[name]
    for _ in range(_TRIES):
        slot = Slot(check=name, location="an-binh", due_at=agent.clock.now())
        outcome = await agent.rounds.runner.run(target, slot, agent.rounds.identity)
        agent.fanout.put(outcome)
        await agent.fanout.drain()
        if not outcome.run.health.degraded and outcome.run.reason is not Reason.AGENT_OVERLOAD:
            break
    return outcome
