"""The command line is a contract: exit codes, standard output, one clear line for what the user can mend."""

import asyncio
import json
import re
import signal
import sqlite3
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from checks.audit import Audit
from checks.run import Run, Verdict
from store.open import open_store
from tests.agent.command import board_of, dvcwatch, end, once, site, start, write_checks
from tests.samples import run as sample_run

ROOT = Path(__file__).parents[2]
RUN_SCHEMA = json.loads((ROOT / "docs" / "run.schema.json").read_text(encoding="utf-8"))


class AsEditorsRead(yaml.SafeLoader):
    """YAML 1.2, in which `on` is a word and a moment is a text."""


AsEditorsRead.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":timestamp"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
AsEditorsRead.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


@pytest.fixture
def visited() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
async def url(visited: asyncio.Event) -> AsyncIterator[str]:
    async with site(visited) as address:
        yield address


def runs_in(text: str) -> list[dict[str, Any]]:
    """Read one Run per line; every line must be one."""
    runs = [json.loads(line) for line in text.splitlines()]
    for run in runs:
        jsonschema.validate(run, RUN_SCHEMA)
        Run.model_validate(run)
    return runs


async def test_validate_of_a_sound_file_ends_with_0(tmp_path: Path, url: str) -> None:
    write_checks(tmp_path, url)
    done = await dvcwatch("validate", folder=tmp_path)
    assert (done.code, done.out, done.err) == (0, "checks.yaml: in order (checks: 4, services: 0, systems: 1)\n", "")


async def test_validate_says_every_problem_on_a_line_of_standard_output_and_ends_with_2() -> None:
    folder = ROOT / "tests" / "checks"
    done = await dvcwatch("validate", "--checks", "ten_faults.yaml", folder=folder)
    assert (done.code, done.err) == (2, "")
    assert len(done.out.splitlines()) == 10
    assert all(line.startswith("ten_faults.yaml:") for line in done.out.splitlines())


async def test_the_schema_of_checks_yaml_accepts_the_shipped_files(tmp_path: Path) -> None:
    printed = json.loads((await dvcwatch("schema", folder=tmp_path)).out)
    kind = jsonschema.validators.validator_for(printed)
    kind.check_schema(printed)
    for path in (ROOT / "checks.yaml", ROOT / "journeys" / "sandbox.yaml", ROOT / "tests" / "checks" / "sound.yaml"):
        written = yaml.load(path.read_text(encoding="utf-8"), Loader=AsEditorsRead)  # noqa: S506  # a SafeLoader
        assert [f"{fault.json_path}: {fault.message}" for fault in kind(printed).iter_errors(written)] == []


async def test_the_schema_of_checks_yaml_refuses_what_the_program_refuses(tmp_path: Path) -> None:
    printed = json.loads((await dvcwatch("schema", folder=tmp_path)).out)
    validator = jsonschema.validators.validator_for(printed)(printed)
    sound = yaml.load((ROOT / "tests/checks/sound.yaml").read_text(encoding="utf-8"), Loader=AsEditorsRead)  # noqa: S506  # a SafeLoader
    faults: list[dict[str, Any]] = [
        {"chekcs": []},
        {"version": 2},
        {"checks": [{"id": "a", "type": "http", "every": 5}]},
    ]
    assert [fault for fault in faults if validator.is_valid(sound | fault)] == []


async def test_the_schema_of_a_run_is_the_one_in_the_documentation(tmp_path: Path) -> None:
    assert json.loads((await dvcwatch("schema", "--run", folder=tmp_path)).out) == RUN_SCHEMA
    jsonschema.validators.validator_for(RUN_SCHEMA).check_schema(RUN_SCHEMA)


async def test_once_prints_one_run_per_line_and_nothing_else(tmp_path: Path, url: str) -> None:
    write_checks(tmp_path, url)
    done = await once(folder=tmp_path)
    runs = runs_in(done.out)
    assert [(run["check"], run["verdict"], run["attempts"]) for run in runs] == [
        ("tot", "ok", 1),
        ("hong", "failed", 2),
    ]
    assert done.code == 1
    assert done.err == ""


@pytest.mark.parametrize(
    ("names", "code"),
    [(("tot",), 0), (("tot", "hong"), 1), (("di",), 3), (("tot", "di"), 3), (("hong", "di"), 1), (("khong-co",), 2)],
)
async def test_once_ends_with_the_exit_code_of_the_contract(
    names: tuple[str, ...], code: int, tmp_path: Path, url: str
) -> None:
    write_checks(tmp_path, url)
    done = await once(*names, folder=tmp_path)
    assert done.code == code, done
    assert [run["check"] for run in runs_in(done.out)] == ([] if code == 2 else list(names))


async def test_once_with_a_wrong_file_says_so_and_walks_nothing(tmp_path: Path) -> None:
    (tmp_path / "checks.yaml").write_text("version: 1\n", encoding="utf-8")
    done = await once(folder=tmp_path)
    assert done.code == 2
    assert "checks.yaml:1: settings: is required" in done.out.splitlines()


async def test_a_walk_without_a_browser_is_our_own_fault(tmp_path: Path, url: str) -> None:
    write_checks(tmp_path, url)
    (run,) = runs_in((await once("di", folder=tmp_path)).out)
    assert (run["verdict"], run["blame"], run["reason"]) == ("inconclusive", "agent", "browser_start")


async def test_once_walks_in_a_real_browser_and_keeps_proof_of_failures(tmp_path: Path, url: str) -> None:
    write_checks(tmp_path, url, browser="{sandbox: false}")
    done = await once("di", "lac", "--evidence", "proof", folder=tmp_path)
    good, bad = runs_in(done.out)
    assert done.code == 1, done
    assert (good["verdict"], [step["name"] for step in good["steps"]], good["ux"]["screens"]) == ("ok", ["Mở trang"], 1)
    assert (bad["verdict"], bad["attempts"]) == ("failed", 2)
    assert "screenshot" in [proof["kind"] for proof in bad["evidence"]]
    assert [proof["path"] for proof in bad["evidence"] if not (tmp_path / "proof" / proof["path"]).is_file()] == []


async def test_once_records_every_walk_for_an_author_and_says_how_to_open_it(tmp_path: Path, url: str) -> None:
    write_checks(tmp_path, url, browser="{sandbox: false}")
    done = await once("--trace", "--evidence", "proof", "di", folder=tmp_path)
    (run,) = runs_in(done.out)
    (trace,) = run["evidence"]
    assert (run["verdict"], trace["kind"]) == ("ok", "trace")
    assert f"attempt 1: playwright show-trace proof/{trace['path']}\n" in done.err
    assert zipfile.is_zipfile(tmp_path / "proof" / trace["path"])


@pytest.mark.parametrize("more", [(), ("--evidence", "proof", "--audit")])
async def test_once_refuses_to_record_to_nowhere(tmp_path: Path, url: str, more: tuple[str, ...]) -> None:
    write_checks(tmp_path, url)
    done = await dvcwatch("once", "--trace", *more, "di", folder=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err == "--trace needs --evidence DIR, and does not go with --audit\n"


async def test_once_looks_at_accessibility_and_says_it_to_programs_and_people(tmp_path: Path, url: str) -> None:
    write_checks(tmp_path, url, browser="{sandbox: false}")
    done = await dvcwatch("once", "--audit", "--json", "di", folder=tmp_path)
    assert done.out, done
    audit = Audit.model_validate_json(done.out)
    assert (audit.check, audit.complete, [screen.step for screen in audit.screens]) == ("di", True, ["Mở trang"])
    assert done.code == (1 if audit.severe else 0)
    lines = (await dvcwatch("once", "--audit", "di", folder=tmp_path)).out.splitlines()
    assert lines[0].startswith("complete     di")
    assert "Trang phải khai báo ngôn ngữ (html-has-lang) × 1" in "\n".join(lines)


async def test_once_refuses_to_audit_what_has_no_screens(tmp_path: Path, url: str) -> None:
    write_checks(tmp_path, url)
    done = await dvcwatch("once", "--audit", "tot", folder=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err == "--audit looks at the screens of browser checks; tot is none\n"


async def test_once_speaks_to_people_in_words(tmp_path: Path, url: str) -> None:
    write_checks(tmp_path, url)
    lines = (await dvcwatch("once", folder=tmp_path)).out.splitlines()
    assert lines[0].split() == ["●", "ok", "tot", lines[0].split()[3], "s"]
    assert lines[1].startswith("■ failed")
    assert lines[1].endswith("attempt 2/2")
    assert lines[2].startswith("    system/http_status: ")


async def test_two_agents_do_not_share_a_data_folder(tmp_path: Path, url: str) -> None:
    write_checks(tmp_path, url, broken=False)
    first = await start("run", "--listen", "127.0.0.1:0", folder=tmp_path)
    await board_of(first)
    second = await dvcwatch("run", "--listen", "127.0.0.1:0", folder=tmp_path)
    assert (second.code, second.out) == (1, "")
    assert second.err == "another agent already works on data/; stop it or choose another --data\n"
    first.terminate()
    assert (await end(first)).code == 0


async def test_a_taken_port_is_said_in_one_line(tmp_path: Path, url: str) -> None:
    write_checks(tmp_path, url, broken=False)
    taken = url.removeprefix("http://")
    done = await dvcwatch("run", "--listen", taken, folder=tmp_path)
    said = [line for line in done.err.splitlines() if not line.startswith("{")]
    assert done.code == 1
    assert len(said) == 1
    assert said[0].startswith(f"cannot listen on {taken}: ")
    assert said[0].endswith("choose another --listen")


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
async def test_a_stopped_agent_ends_with_0_and_leaves_no_open_row(
    sign: signal.Signals, tmp_path: Path, url: str, visited: asyncio.Event
) -> None:
    write_checks(tmp_path, url, broken=False)
    agent = await start("run", "--listen", "127.0.0.1:0", folder=tmp_path)
    await board_of(agent)
    async with asyncio.timeout(30):
        await visited.wait()
    agent.send_signal(sign)
    done = await end(agent)
    assert done.code == 0, done.err
    with sqlite3.connect(tmp_path / "data" / "dvcwatch.db") as rows:
        assert rows.execute("select count(*) from runs where verdict = 'ok'").fetchone()[0] > 0
        assert rows.execute("select count(*) from runs where closed_at is null").fetchone() == (0,)


async def test_a_data_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path, url: str) -> None:
    write_checks(tmp_path, url)
    (tmp_path / "data").write_text("a file stands here", encoding="utf-8")
    done = await dvcwatch("run", "--listen", "127.0.0.1:0", folder=tmp_path)
    assert (done.code, done.err) == (1, "data: cannot be made: File exists; choose another --data\n")


@pytest.mark.parametrize("listen", ["9464", "127.0.0.1:", "127.0.0.1:port", "127.0.0.1:²", "127.0.0.1:70000"])
async def test_a_wrong_address_to_listen_on_ends_with_2(listen: str, tmp_path: Path, url: str) -> None:
    write_checks(tmp_path, url)
    done = await dvcwatch("run", "--listen", listen, folder=tmp_path)
    assert (done.code, done.err) == (2, f"--listen must be HOST:PORT such as 127.0.0.1:9464, not {listen}\n")


async def test_an_empty_store_is_ranked_honestly(tmp_path: Path, url: str) -> None:
    write_checks(tmp_path, url)
    done = await dvcwatch("rank", "--period", "2026-10", folder=tmp_path)
    assert done.code == 0, done.err
    assert done.out.splitlines()[0] == "2026-10: 0 runs"
    assert "not ranked: coverage 0%, 0 days" in done.out
    (table,) = json.loads((await dvcwatch("rank", "--period", "2026-10", "--json", folder=tmp_path)).out)["tables"]
    assert [unit["rank"] for unit in table["units"]] == [None]


async def test_an_empty_store_gives_a_report_that_says_so(tmp_path: Path, url: str) -> None:
    write_checks(tmp_path, url)
    done = await dvcwatch("report", "--period", "2026-10", "--out", "giay", folder=tmp_path)
    assert done.code == 0, done.err
    assert done.out.splitlines() == ["giay/bao-cao-xep-hang-2026-10.html", "giay/xep-hang-2026-10.json"]
    assert "hưa đủ dữ liệu" in (tmp_path / done.out.splitlines()[0]).read_text(encoding="utf-8")


async def test_a_report_can_be_of_one_format(tmp_path: Path, url: str) -> None:
    write_checks(tmp_path, url)
    done = await dvcwatch("report", "--period", "2026-10", "--out", "giay", "--format", "json", folder=tmp_path)
    assert [path.name for path in (tmp_path / "giay").iterdir()] == ["xep-hang-2026-10.json"], done


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rank", "--period", "2026-13"), "--period: a period is a month such as 2026-11, not '2026-13'"),
        (("rank", "--period", "2026-11", "--by", "province"), "--by must be system, service, agency, not province"),
        (("report", "--period", "11/26", "--out", "o"), "--period: a period is a month such as 2026-11, not '11/26'"),
        (("report", "--period", "2026-11", "--out", "o", "--format", "odt"), "--format must be html or json, not odt"),
    ],
)
async def test_a_wrong_option_is_said_in_one_line_and_ends_with_2(
    arguments: tuple[str, ...], said: str, tmp_path: Path, url: str
) -> None:
    write_checks(tmp_path, url)
    done = await dvcwatch(*arguments, folder=tmp_path)
    assert (done.code, done.out, done.err) == (2, "", f"{said}\n")


async def test_prune_deletes_what_is_older_than_the_retention(tmp_path: Path, url: str) -> None:
    write_checks(tmp_path, url)
    (tmp_path / "data").mkdir()
    store = await open_store(f"sqlite:///{tmp_path}/data/dvcwatch.db")
    for due in (datetime(2024, 1, 1, tzinfo=UTC), datetime.now(UTC).replace(microsecond=0)):
        await store.save_many([sample_run(due, Verdict.OK)])
    await store.close()
    first = await dvcwatch("prune", folder=tmp_path)
    again = await dvcwatch("prune", folder=tmp_path)
    assert (first.code, first.out) == (0, "deleted 1 runs and 0 folders of evidence\n"), first.err
    assert again.out == "deleted 0 runs and 0 folders of evidence\n"


async def test_the_version_is_the_installed_one(tmp_path: Path) -> None:
    assert (await dvcwatch("--version", folder=tmp_path)).out == "0.1.0\n"
