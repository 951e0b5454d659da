"""The example that walks Datasette, an application nobody here wrote, and counts against its own access log."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.load import load
from checks.run import Run, Verdict

REPOSITORY = Path(__file__).parents[2]
EXAMPLE = REPOSITORY / "examples" / "datasette"
ADDRESS, PORTAL = "127.0.0.1:9485", "127.0.0.1:9486"
_ASKED = re.compile(r'"GET (?P<path>\S+) HTTP/1\.1" (?P<status>\d{3})')

# What a person does who follows the walk with mouse and keyboard: clicks, fields, choices, keystrokes.
BY_HAND = {
    "tim-thu-tuc": (3, 1, 0, len("khai sinh")),
    "tim-khong-dau": (3, 1, 0, len("ho kinh doanh")),
    "tim-di-dong": (3, 1, 0, len("giấy phép xây dựng")),
    "khong-tim-thay": (1, 1, 0, len("cấp phép bay vũ trụ") + len(["Enter"])),
    "loc": (3, 1, 2, len("Một phần")),
    "loc-di-dong": (3, 1, 2, len("Một phần")),
    "lat-trang": (3, 0, 0, 0),
    "thong-ke": (3, 1, 0, len("Sở Y tế")),
    "cau-lenh": (3, 1, 0, len(["Control+A"]) + len("select count(*) from thu_tuc")),
    "tai-ve": (3, 0, 1, 0),
    "tren-cong": (2, 1, 0, len("khai sinh")),
    "cau-lenh-sai": (3, 1, 0, len(["Control+A"]) + len("select * from khong_co")),
}
# Walks whose controls a new version of the application names in other words, and how many must be found otherwise.
DRIFTING = {"tim-thu-tuc": 2, "khong-tim-thay": 1, "lat-trang": 1, "tai-ve": 2, "tren-cong": 2}
ONE_REQUEST = ["trang-chu", "du-lieu-mo", "trang-khong-co", "ket-noi"]


@dataclass(frozen=True, slots=True)
class Page:
    """One document that Datasette says it was asked for."""

    path: str
    status: int


@dataclass(slots=True)
class Datasette:
    """The running application, its checks on the port it got, and its access log."""

    checks: Path
    log: Path

    def walk(self, check: str) -> tuple[Run, list[Page]]:
        """Walk one check as a user would; return its Run and the documents Datasette served meanwhile."""
        before = self.log.stat().st_size
        command = [sys.executable, "-c", "from agent.cli import main; main()", "once", check, "--json"]
        as_root = ["--no-browser-sandbox"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [*command, "--checks", self.checks, *as_root], capture_output=True, text=True, cwd=REPOSITORY, check=False
        )
        assert done.stdout, done.stderr
        (line,) = done.stdout.splitlines()
        run = Run.model_validate_json(line)
        assert done.returncode == 0, run.message
        return run, self._pages(before)

    def _pages(self, since: int) -> list[Page]:
        said = self.log.read_bytes()[since:].decode()
        asked = [Page(found["path"], int(found["status"])) for found in _ASKED.finditer(said)]
        return [page for page in asked if "/-/static/" not in page.path and page.path != "/favicon.ico"]


@contextmanager
def running(data: Path, *options: str) -> Iterator[Datasette]:
    """Datasette and the portal around it as start.py starts them, on free ports."""
    command = [sys.executable, str(EXAMPLE / "start.py"), "--port", "0", "--portal-port", "0", "--data", str(data)]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as application:
        try:
            assert application.stdout is not None
            said = application.stdout.readline() + application.stdout.readline()
            found = re.search(r"portal: http://(\S+)\nready: http://(\S+)", said)
            assert found, "start.py ended without starting Datasette"
            portal, address = found.groups()
            checks = data / "checks.yaml"
            text = (EXAMPLE / "checks.yaml").read_text(encoding="utf-8").replace(PORTAL, portal)
            port = address.rpartition(":")[2]
            checks.write_text(text.replace(ADDRESS, address).replace("port: 9485", f"port: {port}"), encoding="utf-8")
            yield Datasette(checks, data / "datasette.log")
        finally:
            application.terminate()


@pytest.fixture(scope="module")
def datasette(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    with running(tmp_path_factory.mktemp("datasette")) as application:
        yield application


@pytest.fixture(scope="module")
def translated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    """The same application after an update that gave its controls other names."""
    with running(tmp_path_factory.mktemp("translated"), "--translated") as application:
        yield application


def test_every_check_of_the_example_is_walked_here() -> None:
    assert sorted(load(EXAMPLE / "checks.yaml").targets) == sorted([*BY_HAND, *ONE_REQUEST])


@pytest.mark.parametrize("check", ONE_REQUEST)
def test_a_single_request_is_answered_as_the_example_says(datasette: Datasette, check: str) -> None:
    run, pages = datasette.walk(check)
    assert run.verdict is Verdict.OK
    assert len(pages) == (0 if run.type == "tcp" else 1)


@pytest.mark.parametrize("check", BY_HAND)
def test_a_walk_through_datasette_counts_what_hand_and_access_log_count(datasette: Datasette, check: str) -> None:
    run, pages = datasette.walk(check)
    assert run.verdict is Verdict.OK, run.message
    assert run.attempts == 1
    assert (run.ux.clicks, run.ux.fields, run.ux.choices, run.ux.keystrokes) == BY_HAND[check]
    assert [said for step in run.steps for said in step.drift] == []
    redirects = [page for page in pages if page.status in {301, 302}]
    screens = [page for page in pages if page not in redirects and ".csv" not in page.path]
    # On the portal Datasette's pages are shown in a frame: the only screen is the portal's own.
    framed = check == "tren-cong"
    assert (run.ux.screens, run.ux.redirects) == ((1, 0) if framed else (len(screens), len(redirects)))


def test_a_download_is_a_request_and_no_screen(datasette: Datasette) -> None:
    _, pages = datasette.walk("tai-ve")
    assert [page.path for page in pages if ".csv" in page.path] == ["/danh-muc/thu_tuc.csv?_dl=on&_labels=on&_size=max"]


def test_a_frame_shows_the_real_application(datasette: Datasette) -> None:
    run, pages = datasette.walk("tren-cong")
    assert [page.path.partition("?")[0] for page in pages if page.status == 200] == [
        "/danh-muc/thu_tuc",
        "/danh-muc/thu_tuc",
        "/danh-muc/thu_tuc/HT-01",
    ]
    assert sorted(share.owner for share in run.owners) == ["system:cong", "system:danh-muc"]


@pytest.mark.parametrize("check", DRIFTING)
def test_other_words_on_the_controls_are_got_over_and_told_as_drift(translated: Datasette, check: str) -> None:
    run, _ = translated.walk(check)
    assert run.verdict is Verdict.OK, run.message
    assert (run.ux.clicks, run.ux.fields, run.ux.choices, run.ux.keystrokes) == BY_HAND[check]
    assert len({said for step in run.steps for said in step.drift}) == DRIFTING[check]


def test_the_owner_of_every_request_is_datasette(datasette: Datasette) -> None:
    run, _ = datasette.walk("tim-thu-tuc")
    assert [share.owner for share in run.owners] == ["system:danh-muc"]


def test_the_form_census_finds_the_controls_that_datasette_left_without_a_name(datasette: Datasette) -> None:
    run, _ = datasette.walk("tim-thu-tuc")
    census = run.steps[2].census
    assert census is not None
    # Column, operator and value of the filter; the search box and the three boxes of the CSV export have labels.
    assert (census.screens, census.controls, census.unnamed) == (1, 7, 3)


def test_a_refusal_that_is_not_the_expected_one_fails_the_walk(datasette: Datasette, tmp_path: Path) -> None:
    wrong = tmp_path / "checks.yaml"
    text = datasette.checks.read_text(encoding="utf-8").replace("no such table: khong_co", "no such column")
    wrong.write_text(text.replace("confirm_after: 5s", "confirm_after: 1s"), encoding="utf-8")
    with pytest.raises(AssertionError, match="400"):
        Datasette(wrong, datasette.log).walk("cau-lenh-sai")


def test_ending_the_script_ends_the_application(tmp_path: Path) -> None:
    command = [sys.executable, str(EXAMPLE / "start.py"), "--port", "0", "--portal-port", "0"]
    command += ["--data", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as script:
        assert script.stdout is not None
        assert any(line.startswith("ready: ") for line in script.stdout)
        script.terminate()
    assert "Finished server process" in (tmp_path / "datasette.log").read_text(encoding="utf-8")


def test_the_catalogue_is_built_the_same_every_time(tmp_path: Path) -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import start, pathlib; start.build(pathlib.Path(sys.argv[2]))"
    files = [tmp_path / "one.db", tmp_path / "two.db"]
    for file in files:
        subprocess.run([sys.executable, "-c", code, EXAMPLE, file], check=True)
    assert files[0].read_bytes() == files[1].read_bytes()
