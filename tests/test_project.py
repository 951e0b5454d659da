"""The project keeps its own rules: what the README says exists, nothing names a machine, no file grows without end."""

import importlib.util
import re
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer

from agent.cli import app
from scripts.generate import ROOT, pages
from scripts.install import PARTS

if TYPE_CHECKING:
    import click

PAGES = (
    "README.md",
    "README.vi.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/operations.md",
    "docs/checks.md",
    "docs/run.md",
)
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
CODE = {".py", ".js", ".css", ".sh", ".html", ".j2"}
LONGEST = 400
OF_A_MACHINE = re.compile(
    r"""(?<![\w}"])/(?:root|home|Users)/\w      # somebody's home
    | file:///(?!etc/passwd)                    # where something was installed from
    | \b(?:https?://)?(?:[\w.-]*\.)?(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|debian\.org|ghcr\.io)\b
    """,
    re.VERBOSE,
)


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts() -> dict[str, str]:
    """Return every tracked text file by its path, without this one, which spells what it forbids."""
    found = {}
    for path in tracked():
        raw = path.read_bytes()
        if b"\0" not in raw and path != Path(__file__):
            found[str(path.relative_to(ROOT))] = raw.decode("utf-8")
    return found


def commands(page: str) -> list[list[str]]:
    """Return the words of every `dvcwatch …` in a page's code."""
    code = re.findall(r"```sh\n(.*?)```|`([^`\n]+)`", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    lines = [line.partition("#")[0] for block in code for line in "".join(block).splitlines()]
    return [match[1].split() for line in lines if (match := re.search(r"(?:^|bin/)dvcwatch ([a-z].*)", line))]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_in_a_page_exists(page: str) -> None:
    program: click.Group = typer.main.get_command(app)  # type: ignore[assignment]  # several commands make a group
    for name, *words in commands(page):
        assert name in program.commands, f"{page}: dvcwatch {name}"
        options = {option for parameter in program.commands[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, f"{page}: dvcwatch {name} {words}"


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_in_a_page_exists(page: str) -> None:
    said = re.findall(r"(?:^|`)make ([a-z-]+)", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert set(said) <= TARGETS


@pytest.mark.parametrize("page", PAGES)
def test_every_file_a_page_links_to_exists(page: str) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", (ROOT / page).read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


def test_the_gate_is_the_test_command_of_the_readme() -> None:
    assert "\nmake test\n" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1] == "make test"


def test_what_the_makefile_runs_exists() -> None:
    modules = set(re.findall(r"-m ([a-z.]+)", MAKEFILE)) - {"venv", "pip", "pytest"}
    assert modules >= {"bench", "scripts.generate", "scripts.install"}
    assert [name for name in modules if importlib.util.find_spec(name) is None] == []
    asked = " ".join(re.findall(r"-m scripts\.install (.+)", MAKEFILE)).split()
    assert set(asked) <= set(PARTS)


def test_pins_are_names_and_versions_without_addresses() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[\w.!+]+", line)] == []


def test_everything_the_project_asks_for_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {
        plain(re.split(r"[\[<>=!~; ]", one)[0])
        for one in (*project["dependencies"], *project["optional-dependencies"]["dev"])
    }
    pinned = {plain(line.partition("==")[0]) for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()}
    assert wanted - pinned == set()


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = [f"{path}: {match[0]}" for path, text in texts().items() for match in OF_A_MACHINE.finditer(text)]
    assert found == []


def test_every_exception_from_a_rule_names_the_rule() -> None:
    bare = re.compile(r"#\s*(?:noqa(?!: [A-Z]+\d+)|type: ignore(?!\[[a-z-]+))")
    found = [
        f"{path}: {line.strip()}"
        for path, text in texts().items()
        for line in text.splitlines()
        if path.endswith(".py") and bare.search(line)
    ]
    assert found == []


def test_no_file_of_code_is_longer_than_a_reader_bears() -> None:
    generated = {str(path) for path in pages()}
    long = {
        path for path, text in texts().items()
        if Path(path).suffix in CODE and path not in generated and text.count("\n") > LONGEST
    }  # fmt: skip
    assert long == set()
