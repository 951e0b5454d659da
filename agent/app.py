"""The agent, wired: what is built once at start, what runs beside the rounds, and how it all ends."""

import asyncio
import gc
import os
import platform
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

import structlog
from aiohttp import web

from agent.audit_rounds import AuditRounds
from agent.board.board import Board
from agent.clock import SystemClock
from agent.current import Current, Difference
from agent.demand import Fit, Statement, stated, weigh
from agent.errors import AgentError
from agent.fanout import Fanout, recalled
from agent.measuring import Instruments, instruments, references_of
from agent.post import Post
from agent.reload import Reload
from agent.retention import prune_forever
from agent.rounds import Rounds, catch_up
from agent.runner import Identity, or_bug
from agent.schedule import Schedule
from agent.settled import Settling
from agent.startup import backlog_in, is_far_ahead, need_threads, only_one, restored
from agent.web import make_app
from alerting.letters import Letters
from checks.config import Config
from checks.errors import Problem
from checks.load import Loaded
from checks.model import Retention
from checks.secrets import Secrets
from exporters.collector import render
from exporters.snapshot import AgentFacts, Snapshot
from store.open import open_store
from store.protocol import Store, StoreError

log = structlog.get_logger(__name__)

_FACTS_EVERY_S = 2.0
_AGAIN_S = 1.0
_STORE_S = 5.0
"""What describes the agent waits no longer for a store that hangs: it must be described just then."""
_WEIGH_EVERY_S = 900.0
_DRAIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Options:
    """How this process was started; no reload changes it. `grace_s`: how long walks may go on after a stop.

    `allow_overload`: take a configuration that asks for more than this machine has.
    """

    data: Path
    host: str
    port: int
    store: str
    browser_sandbox: bool = True
    grace_s: float = 8.0
    allow_overload: bool = False


@dataclass(slots=True)
class Agent:
    """Everything that lives as long as the process."""

    current: Current
    options: Options
    secrets: Secrets
    clock: SystemClock
    store: Store
    instruments: Instruments
    snapshot: Snapshot
    fanout: Fanout
    rounds: Rounds
    audits: AuditRounds
    post: Post
    started_at: datetime
    statement: Statement
    reload: Reload = field(init=False)

    def __post_init__(self) -> None:
        self.reload = Reload(self.current, self.adopt, self.secrets.redact)

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self.current.config

    @property
    def evidence(self) -> Path:
        """The folder that evidence paths are relative to."""
        return self.options.data / "evidence"

    async def run(self, stop: asyncio.Event, on_ready: Callable[[int], None]) -> None:
        """Serve and measure until `stop` is set; then finish what is under way and put everything away.

        `on_ready` is told the port that is served, once it is.
        """
        gc.collect()
        gc.freeze()  # what stays is not searched for garbage again: with 10,000 checks that holds the loop for 0.1 s
        async with _serving(self) as port, asyncio.TaskGroup() as group:
            beside = [group.create_task(self._kept_up(name, job), name=name) for name, job in self._jobs()]
            on_ready(port)
            await self.rounds.run(stop, self.options.grace_s)
            await self._hand_on()
            for task in beside:
                task.cancel()
            await asyncio.wait(beside)
            await self.fanout.put_away()

    def _jobs(self) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
        yield "health", self.instruments.health.run
        yield "network", self.instruments.guard.run
        yield "fanout", self.fanout.run
        yield "audits", self.audits.run
        yield "facts", self._describe_forever
        yield "demand", self._weigh_forever
        yield "retention", lambda: prune_forever(self.store, self.evidence, self._retention, self.clock)
        yield "post", self.post.run
        yield "reload", self.reload.run
        if self.instruments.calibration is not None:
            yield "calibration", self.instruments.calibration.run

    async def _kept_up(self, name: str, job: Callable[[], Awaitable[None]]) -> None:
        """Do a job; begin it again when this machine had no file or memory left for it, or by a bug: none ends all."""
        while not await or_bug(_done(name, job), name, lambda _: False):
            await self.clock.sleep(_AGAIN_S)

    def _retention(self) -> Retention:
        return self.config.settings.retention

    async def adopt(self, loaded: Loaded) -> tuple[Problem, ...]:
        """Put another configuration in force, at once for everybody; return why not when it cannot be.

        Where it measures from is part of every slot and stays until a restart.
        """
        before, config = self.config, loaded.config
        if config.settings.location != before.settings.location:
            place = loaded.source.place(("settings", "location"))
            return (Problem(*place, "settings.location", "cannot be changed while the agent runs; restart it"),)
        try:
            statement = await self.weigh(config)
        except (StoreError, TimeoutError):
            known = {need.check: need.walk_s for need in self.statement.needs if need.known}
            statement = stated(config, self.instruments.headroom.cores, known)
        if statement.fit is Fit.NOT and not self.options.allow_overload:
            said = f"{statement}; {statement.advice()}, or restart with --allow-overload"
            return (Problem(*loaded.source.place(("checks",)), "checks", said),)
        difference = Difference.between(before.targets, config.targets)
        self._put_in_force(config)
        self.statement = statement
        await self.instruments.guard.adopt(references_of(config, self.clock))
        log.info(
            "config_reloaded", config_hash=config.digest, added=len(difference.added),
            removed=len(difference.removed), changed=len(difference.changed),
        )  # fmt: skip
        return ()

    def _put_in_force(self, config: Config) -> None:
        """Swap everything that hangs on the configuration. Without a pause: nobody may see half of it."""
        self.current.adopt(config, self.clock.now())
        self.instruments.adopt(config)
        self.audits.auditor = self.instruments.auditor
        self.rounds.adopt(config, replace(self.rounds.identity, config_hash=config.digest))
        self.snapshot.keep(config.targets, config.settings.location)
        self.post.adopt(config)
        self.snapshot.observe_agent(self.facts(self.outbox_known()))

    async def weigh(self, config: Config) -> Statement:
        """Return what a configuration asks of this machine, by what its walks took so far.

        Whoever puts another one in force asks first: what does not fit is refused unless overload is allowed.

        Raises:
            StoreError: The store is away.
            TimeoutError: It does not answer.
        """
        async with asyncio.timeout(_STORE_S):
            return await weigh(config, self.store, self.instruments.headroom.cores)

    async def _weigh_forever(self) -> None:
        while True:
            await self.clock.sleep(_WEIGH_EVERY_S)
            try:
                self.statement = await self.weigh(self.config)
            except (StoreError, TimeoutError):
                log.warning("not_weighed", hint="the store is away; what the schedule needs is told as it was")

    async def _hand_on(self) -> None:
        """Store what the last walks brought and try their mails once; what is left goes on at the next start."""
        try:
            async with asyncio.timeout(_DRAIN_S):
                await self.fanout.drain()
                await self.post.drain(self.clock.now())
        except (TimeoutError, StoreError) as error:
            log.warning("stopped_with_work_left", error=str(error) or "the store did not answer in time")

    async def _describe_forever(self) -> None:
        while True:
            self.snapshot.observe_agent(self.facts(await self._outbox_pending()))
            await self.clock.sleep(_FACTS_EVERY_S)

    async def _outbox_pending(self) -> int:
        try:
            async with asyncio.timeout(_STORE_S):
                return await self.store.outbox_pending()
        except (StoreError, TimeoutError):
            self.fanout.store_errors += 1
            return self.outbox_known()

    def outbox_known(self) -> int:
        """Return how many mails waited when the store was last asked."""
        return self.snapshot.agent.outbox_pending if self.snapshot.agent is not None else 0

    def facts(self, outbox_pending: int) -> AgentFacts:
        """Describe the agent as it is now."""
        lanes, guard = self.instruments.lanes.values(), self.instruments.guard
        health = self.instruments.lately()
        return AgentFacts(
            version=_own_version(),
            python=platform.python_version(),
            browser=self.instruments.browser_version(),
            config_hash=self.config.digest,
            config_loaded_at=self.current.loaded_at,
            config_reload_ok=not self.current.problems,
            config_problems=self.current.problems,
            queue_wait_s=max(lane.longest_wait_s() for lane in lanes),
            queue_dropped=sum(lane.dropped for lane in lanes),
            walks_held=self.instruments.lanes["browser"].held,
            browser_demand=self.statement.needed_s / 60,
            browser_capacity=self.statement.carried_s / 60,
            queue_length=sum(lane.waiting for lane in lanes),
            runs_in_progress=sum(lane.running for lane in lanes),
            loop_lag_s=health.loop_lag_s or 0.0,
            degraded=health.degraded,
            causes=health.causes,
            slowdown=health.slowdown,
            cpu_pressure=health.cpu_pressure,
            steal=health.steal,
            outbox_pending=outbox_pending,
            store_errors=self.fanout.store_errors,
            clock_troubles=self.clock.keeper.troubles,
            clock_held_s=self.clock.keeper.held_s(),
            store_up=self.fanout.store_up,
            spooled_outcomes=self.fanout.backlog.outcomes,
            spool_dropped=self.fanout.backlog.spool.dropped,
            mails_sent=self.post.sent,
            mails_failed=self.post.failed,
            browser_launches=self.instruments.browser_launches(),
            resting=self.instruments.politeness.resting(),
            references=guard.states(),
            network_up=guard.up,
            clock_ahead_s=guard.clock_ahead_s,
            together=tuple(sorted(guard.together())),
            unknown_errors=dict(self.instruments.runner.unknown),
        )


async def _done(name: str, job: Callable[[], Awaitable[None]]) -> bool:
    """Whether a job was done to its end, for all that this machine had left."""
    try:
        await job()
    except OSError as error:
        log.error("job_interrupted", job=name, error=str(error))  # noqa: TRY400  # says all there is
        return False
    return True


@cache
def _own_version() -> str:
    """Read the version once, at the start: later there may be no file left to open."""
    return version("dvcwatch")


@asynccontextmanager
async def make_agent(config: Config, options: Options, secrets: Secrets) -> AsyncIterator[Agent]:
    """Open the store, settle what an earlier process left, and wire everything together.

    Raises:
        AgentError: Another agent works on the same data folder, or this machine gives it no threads.
        StoreError: The store cannot be opened.
    """
    clock = SystemClock()
    need_threads()
    async with AsyncExitStack() as stack:
        stack.enter_context(only_one(options.data))
        store = await open_store(options.store)
        stack.push_async_callback(store.close)
        tools = await stack.enter_async_context(
            instruments(
                config,
                secrets,
                clock,
                options.data / "evidence",
                sandbox=options.browser_sandbox,
                calibrated=options.data / "reference.json",
            )
        )
        current = Current(config, clock.now())
        post = Post(store, secrets, clock, config)
        snapshot = await restored(config, store)
        identity = Identity(socket.gethostname(), config.digest)
        fanout = Fanout(
            store,
            snapshot,
            Letters(),
            await recalled(store),
            current,
            clock,
            post.wake.set,
            backlog_in(options.data),
            Settling(current, lambda: replace(identity, config_hash=current.config.digest), clock, current.gone),
        )
        await fanout.replay()  # before anything newer is judged, for alerting hears runs in their order
        if not config.settings.reference_targets:
            log.warning("no_reference_targets", hint="our own network cannot be told from theirs; see docs/checks.md")
        location = config.settings.location
        last_due = await store.last_due(location)
        clock.keeper.carry_on(max((moment.timestamp() for moment in last_due.values()), default=0.0))
        schedule = Schedule([target.check for target in config.targets.values()], location, last_due, clock.now())
        rounds = Rounds(config, store, tools.runner, fanout, clock, identity, schedule)
        started_at = clock.now()
        audits = AuditRounds(rounds, store, snapshot, tools.auditor, tools.degraded, clock, started_at)
        await audits.recall()
        if await is_far_ahead(clock, last_due.values(), tools.guard):
            schedule.restart(clock.now())
        interrupted, missed = await catch_up(rounds, location)
        log.info("caught_up", interrupted=interrupted, missed=missed)
        agent = Agent(
            current, options, secrets, clock, store, tools, snapshot, fanout, rounds, audits, post, started_at,
            await weigh(config, store, tools.headroom.cores),
        )  # fmt: skip
        snapshot.observe_agent(agent.facts(await store.outbox_pending()))
        yield agent


@asynccontextmanager
async def _serving(agent: Agent) -> AsyncIterator[int]:
    """Serve the board and the metrics; yields the port, which the system chose if 0 was asked for.

    Raises:
        AgentError: The address is taken or not ours.
    """
    board = Board(
        store=agent.store,
        config=agent.current,
        now=agent.clock.now,
        evidence=agent.evidence,
        facts=lambda: agent.facts(agent.outbox_known()),
        started_at=agent.started_at,
        next_due=agent.rounds.schedule.next_due,
    )
    app = make_app(board, lambda accept: render(agent.snapshot, accept, agent.clock.now()))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    host, port = agent.options.host, agent.options.port
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        why = os.strerror(error.errno or 0)
        raise AgentError(f"cannot listen on {host}:{port}: {why}; choose another --listen") from None
    try:
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
