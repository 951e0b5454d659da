"""The dashboard's queries and the rules, asked of a real Prometheus that scraped real pages of metrics."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import ClientError, ClientSession, web

from exporters import Snapshot, render
from tests.deploy.queries import DEPLOY, RULES, expressions, filled_in, lists, rules
from tests.deploy.tools import tool
from tests.exporters.observations import FACTS, LOCATION, TARGETS, feed
from tests.until import until

MAY_BE_EMPTY = {
    "DvcwatchAgentDown",
    "DvcwatchNoResults",
    "DvcwatchCheckBlocked",
    "DvcwatchCertificateExpiring",
    "DvcwatchAgentDegraded",
    "DvcwatchRunsDegraded",
    "DvcwatchOverload",
    "DvcwatchInconclusive",
    "DvcwatchOutboxStuck",
    "DvcwatchStoreErrors",
    "DvcwatchStoreAway",
    "DvcwatchResultsDropped",
    "DvcwatchClockTrouble",
    "DvcwatchConfigReloadFailed",
    "DvcwatchNetworkDown",
    "DvcwatchClockWrong",
}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@asynccontextmanager
async def agent() -> AsyncIterator[str]:
    """Serve metrics as the agent does; every scrape finds new results. Yields host:port."""
    snapshot = Snapshot()
    snapshot.keep(TARGETS, LOCATION)
    snapshot.observe_agent(FACTS)

    async def metrics(request: web.Request) -> web.Response:
        now = datetime.now(UTC)
        body, content_type = render(snapshot, request.headers.get("Accept", ""), now)
        feed(snapshot, now)
        return web.Response(body=body, headers={"Content-Type": content_type})

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"{host}:{port}"
    finally:
        await runner.cleanup()


def configured(folder: Path, agent_address: str) -> Path:
    """Write the shipped configuration with this agent, no Alertmanager, and everything every second."""
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8"))
    shipped = yaml.safe_load(RULES.read_text("utf-8"))
    for group in shipped["groups"]:
        group["interval"] = "1s"
    (folder / "dvcwatch.rules.yml").write_text(yaml.safe_dump(shipped), "utf-8")
    config["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = ["*.rules.yml"]
    del config["alerting"]
    config["scrape_configs"] = [job for job in config["scrape_configs"] if job["job_name"] == "dvcwatch"]
    config["scrape_configs"][0]["static_configs"] = [{"targets": [agent_address]}]
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(config), "utf-8")
    return path


@asynccontextmanager
async def prometheus(folder: Path, agent_address: str) -> AsyncIterator[str]:
    """Run Prometheus on a free port; yields its address. Its log is kept in `folder`."""
    address = f"127.0.0.1:{free_port()}"
    with (folder / "prometheus.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            tool("prometheus"),
            f"--config.file={configured(folder, agent_address)}",
            f"--storage.tsdb.path={folder / 'tsdb'}",
            f"--web.listen-address={address}",
            "--enable-feature=exemplar-storage",
            stdout=log,
            stderr=log,
        )
        try:
            yield f"http://{address}"
        finally:
            process.terminate()
            await process.wait()


class Asked:
    """Asks one Prometheus."""

    def __init__(self, session: ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def get(self, path: str, **parameters: str) -> Any:
        async with self._session.get(f"{self._url}/api/v1/{path}", params=parameters) as answer:
            said = await answer.json()
            assert said["status"] == "success", (parameters, said.get("error"))
            return said["data"]

    async def result(self, expression: str) -> list[Any]:
        found: list[Any] = (await self.get("query", query=expression))["result"]
        return found

    async def has(self, expression: str) -> bool:
        try:
            return bool(await self.result(expression))
        except ClientError:  # it is still starting
            return False


@pytest.fixture
async def asked(tmp_path: Path) -> AsyncIterator[Asked]:
    async with agent() as address, prometheus(tmp_path, address) as url, ClientSession() as session:
        asked = Asked(session, url)
        # The last of the recording rules has a value once two scrapes have shown a difference.
        await until(lambda: asked.has("check:dvcwatch_first_attempt_failures:ratio1d"), bool)
        yield asked


async def test_every_query_of_the_dashboard_and_every_rule_finds_its_data(asked: Asked) -> None:
    empty = [expr for expr in map(filled_in, expressions()) if not await asked.result(expr)]
    assert empty == []
    for selector, label in lists():
        assert await asked.get(f"label/{label}/values", **{"match[]": selector})
    silent = {rule.get("alert", rule.get("record")) for rule in rules() if not await asked.result(rule["expr"])}
    assert silent <= MAY_BE_EMPTY
    groups = (await asked.get("rules"))["groups"]
    unwell = [(rule["name"], rule.get("lastError")) for group in groups for rule in group["rules"]
              if rule["health"] != "ok"]  # fmt: skip
    assert unwell == []
    # The recorded series an alert looks at may be one evaluation behind.
    await until(lambda: firing(asked), lambda names: names >= {"DvcwatchWatchdog", "DvcwatchCheckFailed"})


async def firing(asked: Asked) -> set[str]:
    return {alert["labels"]["alertname"] for alert in (await asked.get("alerts"))["alerts"]}


async def test_values_arrive_as_they_were_observed(asked: Asked) -> None:
    async def value(expression: str) -> float:
        (one,) = await asked.result(expression)
        return float(one["value"][1])

    assert await value('dvcwatch_step_duration_seconds{index="03"}') == pytest.approx(0.7)
    assert await value('check:dvcwatch_check_state:code{check="cong-443"}') == 3
    assert await value('check:dvcwatch_availability:ratio1d{check="khai-sinh"}') == 1
    assert await value('check:dvcwatch_availability:ratio1d{check="cong-443"}') == 0
    assert await value('system:dvcwatch_availability:ratio1d{system="mot-cua-tinh"}') == pytest.approx(7 / 8)
    assert await value('check:dvcwatch_coverage:ratio1d{check="cong-443"}') == pytest.approx(0.5)
    exemplars = await asked.get("query_exemplars", query="dvcwatch_run_seconds_bucket", start="0", end="9e9")
    assert any(each["labels"]["run"].startswith("khai-sinh.") for one in exemplars for each in one["exemplars"])
