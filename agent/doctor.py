"""Looks at everything the agent needs and says how to mend what is wrong."""

import asyncio
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import aiosmtplib
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from agent.headroom import WALK_BYTES, width
from agent.health import MEMORY_LIMIT_BYTES
from agent.kernel import Kernel
from checks.config import Config
from checks.errors import SecretError
from checks.model import Mail
from checks.secrets import Secrets
from probes.browser.chromium import Chromium
from probes.browser.find import BrowserMissing, BrowserStartError, find_browser
from store.open import open_store
from store.protocol import StoreError

State = Literal["ok", "warning", "fault"]

DISK_FAULT_BYTES = 200_000_000
DISK_WARNING_BYTES = 2_000_000_000
MEMORY_WARNING_BYTES = 1_000_000_000
_MORE_MEMORY = (
    f"no walk starts below {(MEMORY_LIMIT_BYTES + WALK_BYTES) // 10**6} MB; free some, or take a larger machine"
)
_PATIENCE_S = 10.0
_LOOK: Mapping[State, tuple[str, str]] = {"ok": ("●", "green"), "warning": ("▲", "yellow"), "fault": ("■", "bold red")}
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing looked at: what was found and, unless it is fine, how to mend it."""

    part: str
    state: State
    found: str
    mend: str = ""

    def __str__(self) -> str:
        """Say it in one line, or two with the cure, for a file or a pipe."""
        said = f"{self.state:<8} {self.part}: {self.found}"
        return f"{said}\n{'':<8} → {self.mend}" if self.mend else said

    def __rich__(self) -> RenderableType:
        """Say it in a terminal of any width."""
        mark, style = _LOOK[self.state]
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True, min_width=9)
        grid.add_column()
        grid.add_row(Text(f"{mark} {self.state}", style=style), Text(f"{self.part}: {self.found}"))
        if self.mend:
            grid.add_row("", Text(f"→ {self.mend}", style="bold"))
        return grid


@dataclass(frozen=True, slots=True)
class Patient:
    """What is to be looked at."""

    config: Config
    data: Path
    store: str
    browser_sandbox: bool


async def examine(patient: Patient) -> AsyncIterator[Diagnosis]:
    """Yield one diagnosis after another; never raises for what it finds."""
    for look in (_browser, _sandbox, _clock, _disk, _machine, _store, _mail):
        yield await look(patient)
    for host in _hosts(patient.config):
        yield await _reach(host)


async def report_on(patient: Patient, out: Console) -> int:
    """Print one diagnosis after another; return how many faults there are."""
    faults = 0
    async for diagnosis in examine(patient):
        faults += diagnosis.state == "fault"
        out.print(diagnosis if out.is_terminal else str(diagnosis), soft_wrap=not out.is_terminal, markup=False)
    return faults


async def _browser(patient: Patient) -> Diagnosis:
    configured = patient.config.settings.browser.executable
    try:
        found = await asyncio.to_thread(find_browser, configured)
    except BrowserMissing as error:
        if configured is None:
            return Diagnosis("browser", "fault", "none found", str(error))
        mend = "correct settings.browser.executable, or leave it out: a browser is found by itself"
        return Diagnosis("browser", "fault", f"{configured} does not run", mend)
    except BrowserStartError as error:
        return Diagnosis("browser", "fault", str(error), "ask again when this machine is less busy")
    return Diagnosis("browser", "ok", f"{found.version} ({found.how}: {found.path})")


async def _sandbox(patient: Patient) -> Diagnosis:
    settings = patient.config.settings.browser
    wanted = settings.sandbox and patient.browser_sandbox
    try:
        async with Chromium(settings.evolve(sandbox=wanted), patient.config.user_agent) as chromium:
            await chromium.start()
    except BrowserMissing:
        return Diagnosis("browser sandbox", "fault", "not tried without a browser", "mend the browser first")
    except BrowserStartError as error:
        return Diagnosis("browser sandbox", "fault", "the browser does not start", str(error))
    if wanted:
        return Diagnosis("browser sandbox", "ok", "on, and the browser starts in it")
    mend = "run the agent as an ordinary user and leave settings.browser.sandbox on"
    return Diagnosis("browser sandbox", "warning", "OFF: a hostile page is not kept from this machine", mend)


async def _clock(_: Patient) -> Diagnosis:
    now = datetime.now(UTC)
    if now < _EARLIEST:
        return Diagnosis("clock", "fault", f"{now:%Y-%m-%d %H:%M} UTC is in the past", "set the date; enable NTP")
    synced = await _ntp_synced()
    found = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if synced is False:
        return Diagnosis("clock", "warning", f"{found}, not synchronised", "enable NTP: timedatectl set-ntp true")
    return Diagnosis("clock", "ok", found + (", synchronised" if synced else ""))


async def _ntp_synced() -> bool | None:
    """Ask systemd; None where it cannot be asked (containers usually share the host's clock)."""
    if shutil.which("timedatectl") is None:
        return None
    process = await asyncio.create_subprocess_exec(
        "timedatectl", "show", "-p", "NTPSynchronized", "--value",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    answer, _ = await process.communicate()
    return {b"yes": True, b"no": False}.get(answer.strip())


async def _disk(patient: Patient) -> Diagnosis:
    try:
        patient.data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=patient.data) as probe:
            probe.write(b"\0" * 4096)
    except OSError as error:
        return Diagnosis("disk", "fault", f"{patient.data}: {error.strerror}", "give the agent's user write access")
    free = shutil.disk_usage(patient.data).free
    found = f"{free / 1e9:.1f} GB free at {patient.data}"
    mend = "free space, or lower settings.retention"
    if free < DISK_FAULT_BYTES:
        return Diagnosis("disk", "fault", found, mend)
    return Diagnosis("disk", "warning", found, mend) if free < DISK_WARNING_BYTES else Diagnosis("disk", "ok", found)


async def _machine(patient: Patient) -> Diagnosis:
    kernel = Kernel()
    free, settings, cores = kernel.memory_free_bytes() or 0, patient.config.settings.browser, kernel.cores()
    walks = width(settings, cores)
    found = f"{cores:g} cores, {free / 1e9:.1f} GB memory free, {walks} {'walk' if walks == 1 else 'walks'} at once"
    if free < MEMORY_WARNING_BYTES:
        return Diagnosis("machine", "warning", found, _MORE_MEMORY)
    if settings.concurrency is not None and settings.concurrency > walks:
        mend = "settings.browser.concurrency asks for more, which would measure the queue: lower it, or add cores"
        return Diagnosis("machine", "warning", found, mend)
    return Diagnosis("machine", "ok", found)


async def _store(patient: Patient) -> Diagnosis:
    try:
        store = await open_store(patient.store)
        await store.close()
    except StoreError as error:
        return Diagnosis("store", "fault", str(error), "check --store, the database's address and rights")
    kind = "PostgreSQL" if patient.store.startswith("postgres") else "SQLite"
    return Diagnosis("store", "ok", f"{kind} opens and is up to date")


async def _mail(patient: Patient) -> Diagnosis:
    mail = patient.config.alerts.mail
    if mail is None:
        return Diagnosis("mail", "warning", "alerts.mail is not set", "nobody will be told; add alerts.mail")
    secrets = Secrets(os.environ, patient.config.path.parent)
    where = f"{mail.host}:{mail.port}"
    try:
        await _greet(mail, secrets)
    except SecretError as error:
        return Diagnosis("mail", "fault", str(error), "provide the secret that alerts.mail refers to")
    except (aiosmtplib.SMTPException, OSError) as error:
        found = f"{where}: {secrets.redact(str(error)) or type(error).__name__}"
        return Diagnosis("mail", "fault", found, "check alerts.mail, the firewall and the server")
    return Diagnosis("mail", "ok", f"{where} answers ({mail.security})")


async def _greet(mail: Mail, secrets: Secrets) -> None:
    """Connect as the sender would, and leave without a message."""
    name, password = (secrets.resolve(text or "") for text in (mail.username, mail.password))
    smtp = aiosmtplib.SMTP(
        hostname=mail.host,
        port=mail.port,
        timeout=_PATIENCE_S,
        use_tls=mail.security == "tls",
        start_tls=mail.security == "starttls",
    )
    async with smtp:
        if name and password:
            await smtp.login(name, password)


def _hosts(config: Config) -> list[tuple[str, str, int]]:
    """Return (system id, host, port) of every system's address, once each."""
    found = {}
    for system in config.systems.values():
        parts = urlsplit(system.url)
        if parts.hostname:
            port = parts.port or (443 if parts.scheme == "https" else 80)
            found[parts.hostname, port] = (system.id, parts.hostname, port)
    return list(found.values())


async def _reach(host: tuple[str, str, int]) -> Diagnosis:
    system, name, port = host
    part = f"system {system}"
    try:
        async with asyncio.timeout(_PATIENCE_S):
            _, writer = await asyncio.open_connection(name, port)
    except socket.gaierror:
        return Diagnosis(part, "warning", f"{name} does not resolve", "check DNS here, and systems[].url")
    except (OSError, TimeoutError) as error:
        found = f"{name}:{port} cannot be reached: {error or 'no answer'}"
        return Diagnosis(part, "warning", found, "check the firewall here; the system may really be down")
    writer.close()
    return Diagnosis(part, "ok", f"{name}:{port} answers")
