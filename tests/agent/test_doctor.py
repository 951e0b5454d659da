"""The doctor finds what is wrong and says how to mend it."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from agent.doctor import Diagnosis, Patient, examine
from checks.load import load
from probes.browser.find import find_browser
from tests.agent.command import dvcwatch, site

CHECKS = """\
version: 1
settings:
  contact: mailto:giam-sat@anbinh.example
  defaults: {{every: 1m, deadline: 10s}}
  browser: {browser}
agencies: [{{id: so, name: Sở Tư pháp, email: [so@anbinh.example]}}]
systems: [{{id: cong, name: Cổng, agency: so, url: "{url}", hosts: [cong.example, "127.0.0.1:9"]}}]
checks: [{{id: ket-noi, type: tcp, system: cong, host: 127.0.0.1, port: 9}}]
alerts: {alerts}
"""


def nobodys_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def post_office() -> Iterator[int]:
    """A real SMTP server; yields its port."""
    controller = Controller(Sink(), hostname="127.0.0.1", port=nobodys_port())
    controller.start()
    yield controller.port
    controller.stop()


def patient(
    folder: Path,
    *,
    url: str = "http://127.0.0.1:9",
    browser: str = "{}",
    alerts: str = "{}",
    data: Path | None = None,
    store: str | None = None,
    browser_sandbox: bool = False,
) -> Patient:
    path = folder / "checks.yaml"
    path.write_text(CHECKS.format(url=url, browser=browser, alerts=alerts), encoding="utf-8")
    data = data if data is not None else folder / "data"
    return Patient(load(path), data, store or f"sqlite:///{folder}/dvcwatch.db", browser_sandbox)


async def diagnoses(sick: Patient) -> dict[str, Diagnosis]:
    return {diagnosis.part: diagnosis async for diagnosis in examine(sick)}


def mail(port: int, more: str = "") -> str:
    return f"{{mail: {{host: 127.0.0.1, port: {port}, security: none, sender: a@anbinh.example{more}}}}}"


async def test_a_sound_machine_has_no_fault(tmp_path: Path, post_office: int) -> None:
    async with site() as url:
        found = await diagnoses(patient(tmp_path, url=url, alerts=mail(post_office)))
    faults = [str(one) for one in found.values() if one.state == "fault"]
    assert faults == []
    assert list(found) == ["browser", "browser sandbox", "clock", "disk", "machine", "store", "mail", "system cong"]
    assert found["browser"].found.startswith(find_browser().version)
    assert found["mail"].found == f"127.0.0.1:{post_office} answers (none)"
    assert found["store"].found == "SQLite opens and is up to date"
    assert found["system cong"].state == "ok"


async def test_everything_that_is_not_well_says_how_to_mend_it(tmp_path: Path) -> None:
    found = await diagnoses(patient(tmp_path, browser="{executable: /nowhere/chromium}"))
    assert [one.part for one in found.values() if (one.state == "ok") != (one.mend == "")] == []


async def test_a_browser_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    found = await diagnoses(patient(tmp_path, browser="{executable: /nowhere/chromium}"))
    assert found["browser"].state == "fault"
    assert found["browser"].found == "/nowhere/chromium does not run"
    assert "settings.browser.executable" in found["browser"].mend
    assert (found["browser sandbox"].state, found["browser sandbox"].mend) == ("fault", "mend the browser first")


async def test_a_browser_without_its_sandbox_is_a_warning(tmp_path: Path) -> None:
    found = (await diagnoses(patient(tmp_path)))["browser sandbox"]
    assert (found.state, found.found) == ("warning", "OFF: a hostile page is not kept from this machine")
    assert "ordinary user" in found.mend


async def test_the_sandbox_of_the_browser_is_tried_for_real(tmp_path: Path) -> None:
    found = (await diagnoses(patient(tmp_path, browser_sandbox=True)))["browser sandbox"]
    if os.geteuid() == 0:
        assert found.state == "fault"
        assert "ordinary user" in found.mend
    else:
        assert found.state in ("ok", "fault")  # some kernels refuse it to ordinary users; then the message says how
        assert (found.state == "ok") == (found.mend == "")


async def test_a_data_folder_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file stands here", encoding="utf-8")
    found = (await diagnoses(patient(tmp_path)))["disk"]
    assert (found.state, found.mend) == ("fault", "give the agent's user write access")
    assert str(tmp_path / "data") in found.found


async def test_a_broken_store_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_text("no database", encoding="utf-8")
    found = (await diagnoses(patient(tmp_path, store=f"sqlite:///{tmp_path}/broken.db")))["store"]
    assert (found.state, found.mend) == ("fault", "check --store, the database's address and rights")


async def test_a_database_server_that_is_away_is_a_fault_and_its_password_is_not_shown(tmp_path: Path) -> None:
    url = f"postgresql://dvcwatch:bimat123@127.0.0.1:{nobodys_port()}/dvcwatch"
    found = (await diagnoses(patient(tmp_path, store=url)))["store"]
    assert found.state == "fault"
    assert "bimat123" not in str(found)


async def test_without_a_mail_server_nobody_is_told(tmp_path: Path) -> None:
    found = (await diagnoses(patient(tmp_path)))["mail"]
    assert (found.state, found.mend) == ("warning", "nobody will be told; add alerts.mail")


async def test_a_mail_server_that_does_not_answer_is_a_fault(tmp_path: Path) -> None:
    port = nobodys_port()
    found = (await diagnoses(patient(tmp_path, alerts=mail(port))))["mail"]
    assert found.state == "fault"
    assert found.found.startswith(f"127.0.0.1:{port}: ")
    assert found.mend == "check alerts.mail, the firewall and the server"


async def test_a_missing_mail_password_is_a_fault(tmp_path: Path, post_office: int) -> None:
    login = ", username: a, password: '${env:DVCWATCH_TEST_NOT_SET}'"
    alerts = mail(post_office, login).replace("security: none", "security: starttls")
    found = (await diagnoses(patient(tmp_path, alerts=alerts)))["mail"]
    assert (found.state, found.mend) == ("fault", "provide the secret that alerts.mail refers to")
    assert found.found == "environment variable DVCWATCH_TEST_NOT_SET is not set"


async def test_a_host_that_cannot_be_reached_is_a_warning(tmp_path: Path) -> None:
    port = nobodys_port()
    found = (await diagnoses(patient(tmp_path, url=f"http://127.0.0.1:{port}")))["system cong"]
    assert found.state == "warning"
    assert found.found.startswith(f"127.0.0.1:{port} cannot be reached: ")
    assert "firewall" in found.mend


async def test_a_host_that_has_no_address_is_a_warning(tmp_path: Path) -> None:
    found = (await diagnoses(patient(tmp_path, url="http://cong.invalid")))["system cong"]
    assert (found.state, found.found) == ("warning", "cong.invalid does not resolve")
    assert "DNS" in found.mend


async def test_the_command_prints_one_part_a_line_and_ends_with_1_if_there_is_a_fault(tmp_path: Path) -> None:
    async with site() as url:
        patient(tmp_path, url=url, browser="{executable: /nowhere/chromium}")
        sick = await dvcwatch("doctor", "--no-browser-sandbox", folder=tmp_path)
        patient(tmp_path, url=url)
        sound = await dvcwatch("doctor", "--no-browser-sandbox", folder=tmp_path)
    assert sick.code == 1
    assert sick.out.startswith("fault    browser: /nowhere/chromium does not run\n         → correct settings.browser")
    assert sound.code == 0, sound.out
