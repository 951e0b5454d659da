"""The wheel alone is enough: built, installed into a clean environment, and used outside the repository."""

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RESOURCES = {
    "agent.board": ("templates/overview.html", "static/board.css", "translations/en.po"),
    "alerting": ("templates/letter.html.j2", "templates/letter.txt.j2"),
    "checks": ("axe_vi.toml",),
    "probes.browser": ("page.js", "audit.js"),
    "reports": ("templates/month.html.j2", "templates/paper.css", "xep-hang.schema.json"),
    "sandbox": ("templates/home.html", "static/cdn/giao-dien.css", "practice-password.txt"),
    "store.migrations": ("env.py",),
}
_LIST_RESOURCES = """
import sys
from importlib.resources import files
for package, *names in (line.split() for line in sys.stdin):
    for name in names:
        assert files(package).joinpath(name).is_file(), (package, name)
    print(package, __import__(package).__file__)
"""


def run(*command: str | Path, folder: Path, said: str | None = None) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run(command, cwd=folder, env=clean, input=said, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, folder=folder)
    assert built.returncode == 0, built.stderr
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a fresh environment with the wheel in it; ours lends what it depends on, so that no network is needed."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    (home,) = folder.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as packed:
        scripts = [name for name in packed.namelist() if name.endswith("entry_points.txt")]
        assert packed.read(scripts[0]).decode().split("\n")[:2] == ["[console_scripts]", "dvcwatch = agent.cli:main"]
    installed = run(
        sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install", "--no-deps", "--no-index", wheel,
        folder=folder,
    )  # fmt: skip
    assert installed.returncode == 0, installed.stderr
    lent = [path for path in sys.path if path.endswith("site-packages")]
    # Only the folders themselves: their .pth files would bring the repository back in.
    (home / "lent.pth").write_text("".join(f"{path}\n" for path in lent), encoding="utf-8")
    return folder


def test_the_wheel_holds_the_program_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        tops = {name.partition("/")[0] for name in packed.namelist()}
    packages = {"agent", "alerting", "checks", "exporters", "probes", "ranking", "reports", "sandbox", "store"}
    assert tops - packages == {"dvcwatch-0.1.0.dist-info"}
    assert packages <= tops


def test_the_installed_command_validates_outside_the_repository(environment: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "checks.yaml", tmp_path)
    shutil.copytree(ROOT / "journeys", tmp_path / "journeys")
    done = run(environment / "bin" / "dvcwatch", "validate", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("checks.yaml: in order (")


def test_every_package_comes_from_the_wheel_with_its_resources(environment: Path, tmp_path: Path) -> None:
    asked = "".join(f"{package} {' '.join(names)}\n" for package, names in RESOURCES.items())
    done = run(environment / "bin" / "python", "-c", _LIST_RESOURCES, folder=tmp_path, said=asked)
    assert done.returncode == 0, done.stderr
    homes = dict(line.split() for line in done.stdout.splitlines())
    assert homes.keys() == RESOURCES.keys()
    assert [home for home in homes.values() if not Path(home).is_relative_to(environment)] == []


def test_the_installed_command_walks(environment: Path, tmp_path: Path) -> None:
    """Everything a walk imports is in the wheel; nobody listens at the port, so that the walk fails by itself."""
    (tmp_path / "checks.yaml").write_text(
        "version: 1\nsettings: {contact: a@b.example, defaults: {every: 9s, deadline: 4s, confirm_after: 1ms}}\n"
        "agencies: [{id: so, name: Sở}]\n"
        'systems: [{id: cong, name: Cổng, agency: so, url: "http://127.0.0.1:1", hosts: ["127.0.0.1:1"]}]\n'
        'checks: [{id: trang-chu, type: http, system: cong, url: "${system.url}/"}]\n',
        encoding="utf-8",
    )
    done = run(environment / "bin" / "dvcwatch", "once", "--json", folder=tmp_path)
    assert done.returncode == 1, done.stderr
    assert '"reason":"tcp"' in done.stdout
