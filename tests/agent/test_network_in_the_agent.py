"""The whole agent without a network: nobody is accused, and row, metrics and board say why."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from agent.app import Agent, Options, make_agent
from checks.load import load
from checks.run import Reason
from checks.secrets import Secrets
from tests.agent.whole import running, walked
from tests.probes.servers import LOOPBACK, closed_port, raw_server, silent, web_server

CHECKS = """
version: 1
settings:
  contact: "mailto:a@b.example"
  location: an-binh
  reference_targets:
    - {{type: tcp, host: 127.0.0.1, port: {first}}}
    - {{type: tcp, host: localhost, port: {second}}}
    - {{type: http, url: "http://127.0.0.1:{third}/"}}
agencies: [{{id: so, name: Sở}}]
systems: [{{id: cong, name: Cổng, agency: so, url: "http://127.0.0.1:{own}", hosts: ["127.0.0.1:{own}"]}}]
checks:
  - {{{check}, every: 1h, deadline: 5s, confirm_after: 1ms}}
"""


async def agent_of(
    folder: Path, first: int, second: int, *, own: int | None = None, check: str = ""
) -> AsyncIterator[Agent]:
    own = own or closed_port()
    check = check or f"id: mot, type: tcp, system: cong, host: 127.0.0.1, port: {own}"
    text = CHECKS.format(first=first, second=second, third=closed_port(), own=own, check=check)
    (folder / "checks.yaml").write_text(text, encoding="utf-8")
    options = Options(folder / "data", LOOPBACK, 0, f"sqlite:///{folder}/data/dvcwatch.db")
    async with make_agent(load(folder / "checks.yaml"), options, Secrets({}, folder)) as made:
        yield made


@pytest.fixture
async def cut_off(tmp_path: Path) -> AsyncIterator[Agent]:
    async for made in agent_of(tmp_path, closed_port(), closed_port()):
        yield made


@pytest.fixture
async def connected(tmp_path: Path) -> AsyncIterator[Agent]:
    async with raw_server(silent) as first, raw_server(silent) as second:
        async for made in agent_of(tmp_path, first, second):
            yield made


async def page(url: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.text()


async def told(agent: Agent, board: str) -> tuple[str, str]:
    """Return the metrics and the agent's page, once they know of the latest answers."""
    agent.snapshot.observe_agent(agent.facts(0))
    return await page(f"{board}/metrics"), await page(f"{board}/agent")


async def test_without_a_network_a_dead_system_is_not_accused(cut_off: Agent) -> None:
    async with running(cut_off) as board:
        outcome = await walked(cut_off, "mot")
        metrics, shown = await told(cut_off, board)
    assert (outcome.run.verdict, outcome.run.blame, outcome.run.attempts) == ("inconclusive", "network", 1)
    (kept,) = (await cut_off.store.latest()).values()
    assert kept.message.startswith("Mạng của máy đo có sự cố (3/3 địa chỉ đối chứng không trả lời)")
    assert (kept.health.references, kept.health.references_silent) == (3, 3)
    assert "dvcwatch_network_up 0.0" in metrics
    assert 'dvcwatch_runs_total{blame="network",check="mot",verdict="inconclusive"} 1.0' in metrics
    assert "quá nửa địa chỉ đối chứng không trả lời" in shown


async def test_a_refusal_over_plain_http_is_nobodys_while_our_own_network_is_down(tmp_path: Path) -> None:
    async def portal(request: web.Request) -> web.Response:
        return web.Response(status=403)

    async with web_server(portal) as own:
        check = f'id: mot, type: http, system: cong, url: "http://127.0.0.1:{own}/"'
        async for agent in agent_of(tmp_path, closed_port(), closed_port(), own=own, check=check):
            async with running(agent):
                outcome = await walked(agent, "mot")
    assert (outcome.run.verdict, outcome.run.blame, outcome.run.reason) == ("inconclusive", "network", Reason.WAF)


async def test_with_a_network_a_dead_system_is_accused_though_one_reference_is_silent(connected: Agent) -> None:
    async with running(connected) as board:
        outcome = await walked(connected, "mot")
        metrics, shown = await told(connected, board)
    assert (outcome.run.verdict, outcome.run.blame, outcome.run.attempts) == ("failed", "system", 2)
    assert (outcome.run.health.references, outcome.run.health.references_silent) == (3, 1)
    assert "dvcwatch_network_up 1.0" in metrics
    assert 'dvcwatch_reference_up{reference="tcp localhost' in metrics
    assert "không trả lời (ConnectionRefusedError)" in shown
