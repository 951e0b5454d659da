"""A secret is typed into a portal that repeats it everywhere, something breaks at every step; it is found nowhere."""

import asyncio
import base64
import io
import logging
import os
import ssl
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
import structlog
import trustme

from agent import logs
from agent.app import Agent, Options, make_agent
from checks.load import load
from checks.run import Outcome, Reason, Run, Verdict
from checks.secrets import MASK, Secrets
from tests.agent.canary import (
    CANARY,
    FAULTS,
    OTP_KEY,
    TOKEN,
    Parrot,
    command_lines,
    files_below,
    parrot,
    places,
    write_canary_checks,
)
from tests.agent.command import end
from tests.agent.whole import running, walked
from tests.alerting.post_office import LOGIN, PostOffice, free_socket, opened

SMTP = LOGIN[1].decode()
WRONG_SMTP = "Sai Mật Khẩu <&> 4471"
HIDDEN = (CANARY, OTP_KEY, WRONG_SMTP)


@dataclass
class Written:
    """Everything that left the program, by where it was found."""

    portal: Parrot
    outcomes: list[Outcome] = field(default_factory=list)
    parts: dict[str, bytes] = field(default_factory=dict)
    colours: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def runs(self) -> dict[str, Run]:
        return {outcome.run.check: outcome.run for outcome in self.outcomes}


@pytest.fixture(scope="module")
def places_to_write(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for everything, temporary files included."""
    folder = tmp_path_factory.mktemp("canary")
    (folder / "tmp").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder / "tmp"))
        patch.setenv("SSL_CERT_FILE", str(folder / "ca.pem"))
        patch.setattr(tempfile, "tempdir", None)
        patch.setattr(sys, "excepthook", sys.excepthook)
        yield folder
    structlog.reset_defaults()
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)


@pytest.fixture(scope="module")
def written(places_to_write: Path) -> Written:
    """Walk every check once through the whole agent, and gather what came out of it."""
    return asyncio.run(_everything(places_to_write))


async def _everything(folder: Path) -> Written:
    log = io.StringIO()
    office, owned = PostOffice(), free_socket()
    async with parrot() as (url, bird), opened(office, owned, tls=_certified(folder), auth=True):
        config = load(write_canary_checks(folder, url, owned.getsockname()[1]))
        environment = {"CANARY": CANARY, "OTP": OTP_KEY, "SMTP": WRONG_SMTP}
        secrets = Secrets(environment, folder)
        logs.configure(log, secrets.redact, level=logging.DEBUG)
        options = Options(
            folder / "data", "127.0.0.1", 0, f"sqlite:///{folder}/data/dvcwatch.db", browser_sandbox=False
        )
        found = Written(bird)
        async with make_agent(config, options, secrets) as agent, running(agent) as board:
            for name in config.targets:
                found.outcomes.append(await walked(agent, name))
                found.parts[f"ps {name}"] = command_lines()
                found.colours |= await _colours(agent, found.outcomes[-1].run)
            await _send(agent, agent.clock.now())
            environment["SMTP"] = SMTP
            await _send(agent, agent.clock.now() + timedelta(hours=2))
            found.parts |= await _pages(board, agent, found)
            found.parts |= dict(files_below(folder / "tmp"))  # while the browser still runs
        found.parts |= await _once(folder)
    found.parts |= _mails(office)
    found.parts["log"] = log.getvalue().encode()
    found.parts |= dict(files_below(folder))
    return found


def _certified(folder: Path) -> ssl.SSLContext:
    """Return what the mail server shows; its authority is trusted by this process alone."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


async def _colours(agent: Agent, run: Run) -> dict[str, dict[str, int]]:
    """Count the dots of a picture that are green (what shows the secret, and every field) and those of the mask."""
    shots = [agent.evidence / proof.path for proof in run.evidence if proof.kind == "screenshot"]
    if not shots:
        return {}
    picture = base64.b64encode(await asyncio.to_thread(shots[0].read_bytes)).decode()
    async with agent.instruments.chromium.context("desktop") as walk:
        page = await walk.context.new_page()
        return {run.check: await page.evaluate(_COUNT, f"data:image/png;base64,{picture}")}


_COUNT = """async (source) => {
  const picture = new Image(); picture.src = source; await picture.decode();
  const canvas = document.createElement("canvas"); canvas.width = picture.width; canvas.height = picture.height;
  const paper = canvas.getContext("2d"); paper.drawImage(picture, 0, 0);
  const dots = paper.getImageData(0, 0, canvas.width, canvas.height).data, found = { green: 0, mask: 0 };
  for (let i = 0; i < dots.length; i += 4) {
    found.green += dots[i] < 50 && dots[i + 1] > 200 && dots[i + 2] < 50;
    found.mask += dots[i] > 200 && dots[i + 1] < 50 && dots[i + 2] > 200;
  }
  return found;
}"""


async def _send(agent: Agent, now: datetime) -> None:
    await agent.post.drain(now)


async def _pages(board: str, agent: Agent, found: Written) -> dict[str, bytes]:
    """Fetch every page that speaks of the runs, and every file of proof as the board serves it."""
    runs = [run for outcome in found.outcomes for run in (*outcome.earlier, outcome.run)]
    paths = ["/", "/agent", "/incidents", "/agencies/so", "/metrics", "/ranking"]
    paths += [f"/runs/{run.id}" for run in runs] + [f"/checks/{run.check}" for run in runs]
    paths += [f"/incidents/{one.id}" for one in await agent.store.incidents()]
    paths += [f"/evidence/{proof.path}" for run in runs for proof in run.evidence]
    pages = {}
    async with aiohttp.ClientSession() as session:
        for path in dict.fromkeys(paths):
            async with session.get(board + path) as answer:
                assert answer.status == 200, path
                pages[path] = str(answer.headers).encode() + await answer.read()
    return pages


async def _once(folder: Path) -> dict[str, bytes]:
    """Walk two of them by the command, recorded."""
    command = ("once", "--json", "--trace", "--evidence", "proof", "vao-2", "vao-4")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agent", *command, cwd=folder,
        env=os.environ | {"CANARY": CANARY, "OTP": OTP_KEY, "SMTP": SMTP},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    done = await end(process)
    assert done.code in (1, 3), done  # 3: the machine was too busy to accuse
    return {"once": done.out.encode(), "once, standard error": done.err.encode()}


def _mails(office: PostOffice) -> dict[str, bytes]:
    parts = {f"mail {n}": source for n, source in enumerate(office.sources)}
    for n, mail in enumerate(office.mails):
        texts = [part.get_content() for part in mail.walk() if not part.is_multipart()]
        parts[f"mail {n}, read"] = "\n".join((*map(str, mail.items()), *texts)).encode()
    return parts


def test_the_portal_heard_the_secret_and_every_step_broke_in_its_turn(written: Written) -> None:
    assert CANARY in written.portal.heard
    ended = {
        name: [step.name for step in run.steps if step.verdict is not Verdict.SKIPPED][-1:]
        for name, run in written.runs.items()
    }
    names = ("Mở trang", "Điền", "Vào", "Tra cứu", "Tải về", "Xem", "Điền")
    assert {f"vao-{n}": [name] for n, name in zip(FAULTS, names, strict=True)}.items() <= ended.items()
    assert {run.verdict for name, run in written.runs.items() if name != "chon"} == {Verdict.FAILED}
    assert (written.runs["chon"].verdict, written.runs["chon"].reason) == (Verdict.INCONCLUSIVE, Reason.CONFIG)
    assert MASK in written.runs["chon"].message  # the selector that the browser did not understand holds it


def test_the_secret_is_in_no_file_row_log_line_metric_page_mail_or_process_list(written: Written) -> None:
    found = {name: places(data, HIDDEN) for name, data in written.parts.items()}
    assert {name: forms for name, forms in found.items() if forms} == {}


def test_not_even_the_core_of_the_secret_is_left_anywhere(written: Written) -> None:
    cores = (TOKEN.lower().encode(), *_cores(TOKEN))
    left = [
        name for name, data in written.parts.items() if cores[0] in data.lower() or any(c in data for c in cores[1:])
    ]
    assert left == []


def _cores(token: str) -> list[bytes]:
    shifted = (base64.b64encode(b"x" * before + token.encode() + b"xx") for before in range(3))
    return [coded[2 if before else 0 : 6] for before, coded in enumerate(shifted)]


def test_where_it_stood_the_mask_is_seen(written: Written) -> None:
    """Otherwise the portal had not repeated it, or nothing was written."""
    mask = MASK.encode()
    kinds = {proof.kind for run in written.runs.values() for proof in run.evidence}
    assert kinds == {"screenshot", "dom", "console", "requests", "trace"}
    wanted = ["once", f"/runs/{written.runs['vao-2'].id}"]
    data = Path(next(name for name in written.parts if name.endswith("dvcwatch.db")))
    wanted += [str(data)]
    for run in (written.runs["vao-2"], written.runs["vao-7"]):
        wanted += [f"{data.parent}/evidence/{p.path}" for p in run.evidence if p.kind in ("dom", "console", "requests")]
        wanted += [f"{data.parent}/evidence/{p.path}!trace.trace" for p in run.evidence if p.kind == "trace"]
    assert [name for name in wanted if mask not in written.parts[name]] == []
    for kind in ("mail", "/incidents/", "/evidence/"):
        assert any(mask in data for name, data in written.parts.items() if name.startswith(kind)), kind


def test_one_time_passwords_are_masked_too(written: Written) -> None:
    codes = [told.encode() for told in written.portal.heard if told.isdecimal()]
    assert codes
    texts = [data for name, data in written.parts.items() if name.endswith(".txt") or name in ("once", "log")]
    assert [code for code in codes for text in texts if b" " + code in text] == []


def test_what_shows_the_secret_is_covered_in_every_picture(written: Written) -> None:
    assert {"vao-2", "vao-4", "vao-7"} <= written.colours.keys()
    assert {name: found["green"] for name, found in written.colours.items() if found["green"]} == {}
    assert written.colours["vao-2"]["mask"] > 20_000


def test_nothing_is_left_in_the_folder_for_temporary_files(written: Written, places_to_write: Path) -> None:
    assert written.outcomes
    assert [path for path in (places_to_write / "tmp").rglob("*") if path.is_file()] == []
