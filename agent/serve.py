"""`dvcwatch run`: the agent with its signals, its live view and, if asked for, the practice province beside it."""

import asyncio
import os
import signal
import sys
import webbrowser
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import structlog
from rich.live import Live

from agent import logs
from agent.app import Agent, Options, make_agent
from agent.demand import Fit, Statement
from agent.errors import AgentError, OptionError
from agent.live import LiveView
from checks.config import Config
from checks.secrets import Secrets

log = structlog.get_logger(__name__)

_SANDBOX_READY_S = 30.0
_SANDBOX_PORT = 9470


@dataclass(frozen=True, slots=True)
class Served:
    """How `dvcwatch run` was called."""

    data: Path
    host: str
    port: int
    store: str
    browser_sandbox: bool
    with_sandbox: bool
    open_board: bool
    allow_overload: bool = False


async def serve(config: Config, served: Served) -> None:
    """Run until SIGINT or SIGTERM; SIGHUP reads checks.yaml again, where there is no terminal.

    Raises:
        AgentError: It cannot start: a folder that cannot be written, another agent, a taken port, or a practice
            province that does not come up.
        OptionError: The schedule asks for more than this machine has, and that was not allowed.
        StoreError: The store cannot be opened.
    """
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    options = Options(
        served.data,
        served.host,
        served.port,
        served.store,
        served.browser_sandbox,
        allow_overload=served.allow_overload,
    )
    _prepare(served.data)
    secrets = Secrets(os.environ, config.path.parent)
    for password in passwords(served.store):
        secrets.learn(password)
    async with AsyncExitStack() as stack:
        stack.enter_context(_logging(served.data, secrets))
        if served.with_sandbox:
            await stack.enter_async_context(_practice_province(served.data, stop))
        loop, early = asyncio.get_running_loop(), asyncio.Event()
        in_terminal = sys.stdout.isatty()  # there a hang-up means that the terminal is gone
        loop.add_signal_handler(signal.SIGHUP, stop.set if in_terminal else early.set)
        agent = await stack.enter_async_context(make_agent(config, options, secrets))
        warn_of(agent.statement)
        if agent.statement.fit is Fit.NOT and not served.allow_overload:
            raise OptionError(f"{agent.statement}; {agent.statement.advice()}, or run with --allow-overload")
        if not in_terminal:
            loop.add_signal_handler(signal.SIGHUP, agent.reload.asked.set)
        if early.is_set():  # while the store was opened, or what an earlier process left was replayed
            agent.reload.asked.set()
        with _live(agent) as view:
            await agent.run(stop, lambda port: _announce(served, port, view))


def warn_of(statement: Statement) -> None:
    """Say in the log what a schedule asks of this machine: aloud when it is tight or more than that."""
    if not statement.needs:
        return
    told = {
        "fit": statement.fit.value,
        "needed_s_per_minute": round(statement.needed_s, 1),
        "carried_s_per_minute": round(statement.carried_s, 1),
        "walks_at_once": statement.width,
    }
    if statement.fit is Fit.WELL:
        log.info("schedule_weighed", **told)
    else:
        log.warning("schedule_weighed", **told, said=str(statement), advice=statement.advice())


def passwords(store: str) -> set[str]:
    """Return the passwords in the address of a store, as written there and as the database gets them."""
    try:
        parts = urlsplit(store)
    except ValueError:  # no address at all; opening it says so
        return set()
    written = parts.password or ""
    return {one for one in (written, unquote(written), *parse_qs(parts.query).get("password", ())) if one}


def _prepare(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AgentError(f"{data}: cannot be made: {error.strerror}; choose another --data") from None
    if not os.access(data, os.W_OK | os.X_OK):
        raise AgentError(f"{data}: cannot be written; choose another --data, or give this user the right to")


def _announce(served: Served, port: int, view: LiveView) -> None:
    """Say where the board is, now that it is there."""
    host = "127.0.0.1" if served.host in ("0.0.0.0", "::") else served.host  # noqa: S104  # read, not bound
    view.board = f"http://{host}:{port}/"
    if served.open_board:
        webbrowser.open(view.board)
    if not sys.stdout.isatty():
        print(f"board: {view.board}", flush=True)


@contextmanager
def _logging(data: Path, secrets: Secrets) -> Iterator[None]:
    """Log to standard error; into a file while the live view has the terminal."""
    if not sys.stdout.isatty():
        logs.configure(redact=secrets.redact)
        yield
        return
    with (data / "agent.log").open("a", encoding="utf-8") as file:
        logs.configure(file, secrets.redact)
        try:
            yield
        finally:
            logs.configure(redact=secrets.redact)


@contextmanager
def _live(agent: Agent) -> Iterator[LiveView]:
    view = LiveView(agent.snapshot, agent.clock.now, agent.rounds.schedule.next_due)
    if not sys.stdout.isatty():
        yield view
        return
    with Live(view, refresh_per_second=2, screen=False):
        yield view


@asynccontextmanager
async def _practice_province(data: Path, stop: asyncio.Event) -> AsyncIterator[None]:
    """Run the sandbox in a process of its own: it must not share the event loop that measures it.

    One that runs already (left by an agent that was killed, or started by hand) is used as it is.
    """
    if await _listens(_SANDBOX_PORT):
        yield
        return
    said = data / "sandbox.log"
    with said.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sandbox", "--data", str(data), "--port-base", str(_SANDBOX_PORT),
            stdout=file, stderr=file, start_new_session=True,
        )  # fmt: skip
    try:
        await _answers(process, stop, said)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answers(process: asyncio.subprocess.Process, stop: asyncio.Event, log: Path) -> None:
    try:
        async with asyncio.timeout(_SANDBOX_READY_S):
            while not stop.is_set():
                if process.returncode is not None:
                    raise AgentError(f"the practice province did not start: {_last_line(log)}")
                if await _listens(_SANDBOX_PORT):
                    return
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AgentError("the practice province did not answer in time") from None


def _last_line(log: Path) -> str:
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return said[-1] if said else f"see {log}"


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
