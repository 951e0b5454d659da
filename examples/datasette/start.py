"""Starts the example's web application: Datasette, showing a small catalogue of administrative procedures.

`python3 examples/datasette/start.py` uses the Datasette of this Python when it has the pinned version, else sets one up
under the data folder. Beside it stands a portal that shows it in a frame (cong.py). It stays until Ctrl+C.
"""

import argparse
import csv
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cong import portal

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
PORT, PORTAL_PORT = 9485, 9486
_LISTENING = re.compile(r"running on (http://[\d.]+:\d+)")
_PATIENCE_S = 60.0
# What a new version of an application likes to change: the words on its controls.
_TRANSLATED = {
    ">Search:<": ">Tìm kiếm:<",
    'value="Apply"': 'value="Áp dụng"',
    ">Next page<": ">Trang sau<",
    "download file": "tải tệp về máy",
    'value="Export CSV"': 'value="Xuất CSV"',
}
_COLUMNS = ("ma", "ten", "linh_vuc", "co_quan", "hinh_thuc", "so_ngay", "le_phi")


def python_with_datasette(folder: Path) -> Path:
    """Return a Python that has Datasette as pinned: this one, or that of a virtual environment made in `folder`."""
    if _installed_here() in (HERE / "requirements.txt").read_text(encoding="utf-8").split():
        return Path(sys.executable)
    python = folder / "bin" / "python"
    done = folder / "installed"
    if not done.exists():
        print(f"installing Datasette into {folder} ...", flush=True)
        venv.create(folder, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*command, "-r", str(HERE / "requirements.txt")], check=True)
        done.touch()
    return python


def _installed_here() -> str:
    try:
        return f"datasette=={version('datasette')}"
    except PackageNotFoundError:
        return ""


def build(database: Path) -> None:
    """Write the catalogue of thu-tuc.csv into a new SQLite file, with an index for full-text search."""
    database.unlink(missing_ok=True)
    with (HERE / "thu-tuc.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    fields = list(dict.fromkeys(row["linh_vuc"] for row in rows))
    connection = sqlite3.connect(database)
    connection.executescript((HERE / "schema.sql").read_text(encoding="utf-8"))
    connection.executemany("insert into linh_vuc values (?, ?)", enumerate(fields, 1))
    connection.executemany(
        "insert into thu_tuc values (?, ?, ?, ?, ?, ?, ?)",
        [[fields.index(row[name]) + 1 if name == "linh_vuc" else row[name] for name in _COLUMNS] for row in rows],
    )
    connection.execute("insert into thu_tuc_fts (thu_tuc_fts) values ('rebuild')")
    connection.commit()
    connection.close()


def translate(python: Path, folder: Path) -> Path:
    """Write Datasette's own page of a table with Vietnamese words into `folder`; return the folder.

    Raises:
        SystemExit: This Datasette has no such words.
    """
    code = "import datasette; print(datasette.__path__[0])"
    package = Path(subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip())
    page = (package / "templates" / "table.html").read_text(encoding="utf-8")
    for said, translated in _TRANSLATED.items():
        if said not in page:
            raise SystemExit(f"Datasette's table.html does not say {said!r}")
        page = page.replace(said, translated)
    folder.mkdir(exist_ok=True)
    (folder / "table.html").write_text(page, encoding="utf-8")
    return folder


def start(python: Path, database: Path, port: int, log: Path, templates: Path | None) -> subprocess.Popen[bytes]:
    """Start Datasette on loopback; what it says, its access log too, goes to `log`."""
    command = [str(python), "-m", "datasette", "serve", "--immutable", str(database)]
    settings = [
        "--metadata",
        str(HERE / "metadata.yaml"),
        "--setting",
        "default_page_size",
        "20",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        *(("--template-dir", str(templates)) if templates is not None else ()),
    ]
    with log.open("wb") as output:
        # A log that is written late would miss the last pages when somebody reads it.
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        return subprocess.Popen([*command, *settings], stdout=output, stderr=subprocess.STDOUT, env=environment)


def wait_until_it_answers(application: subprocess.Popen[bytes], log: Path) -> str:
    """Return the application's address once its home page is served.

    Raises:
        SystemExit: It ended, or did not answer in a minute; carries the end of its log.
    """
    ends = time.monotonic() + _PATIENCE_S
    while application.poll() is None and time.monotonic() < ends:
        said = _LISTENING.search(log.read_text(encoding="utf-8", errors="replace"))
        if said is not None and _answers(said[1]):
            return said[1]
        time.sleep(0.1)
    last = log.read_text(encoding="utf-8", errors="replace")[-1000:]
    raise SystemExit(f"Datasette did not start:\n{last}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/-/versions.json", timeout=5) as answer:  # noqa: S310 -- our own http address
            return bool(answer.status == 200)  # noqa: PLR2004 -- HTTP's OK
    except (urllib.error.URLError, TimeoutError):
        return False


def main() -> None:
    """Prepare, start, say where, and stay until the application ends or Ctrl+C."""
    options = argparse.ArgumentParser(description="Start the example's web application.")
    options.add_argument("--port", type=int, default=PORT, help="0 takes a free one; checks.yaml names the default")
    options.add_argument("--portal-port", type=int, default=PORTAL_PORT, help="of the portal around it")
    options.add_argument("--translated", action="store_true", help="its controls in Vietnamese: the walks must drift")
    options.add_argument("--data", type=Path, default=REPOSITORY / "data" / "examples" / "datasette")
    given = options.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # being ended must end the application too
    given.data.mkdir(parents=True, exist_ok=True)
    database, log = given.data / "danh-muc.db", given.data / "datasette.log"
    python = python_with_datasette(given.data / "venv")
    build(database)
    templates = translate(python, given.data / "templates") if given.translated else None
    application = start(python, database, given.port, log, templates)
    try:
        address = wait_until_it_answers(application, log)
        with portal(given.portal_port, address) as embedding:
            print(f"portal: {embedding}\nready: {address} (log: {log})", flush=True)
            application.wait()
    except KeyboardInterrupt:
        pass
    finally:
        application.terminate()
        application.wait()


if __name__ == "__main__":
    main()
