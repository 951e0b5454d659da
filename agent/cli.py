"""The command line: reads options, calls one room, prints, and leaves with the exit code of the contract.

A room is imported by the command that enters it: editors and commit hooks call `validate`, which must start fast.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Coroutine
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console

from agent.errors import AgentError, OptionError
from checks.config import Config
from checks.editors import schema as checks_schema
from checks.errors import ConfigError
from checks.load import load
from checks.run import Run
from sandbox.settings import PortTakenError
from store.protocol import StoreError

T = TypeVar("T")

BAD_CONFIGURATION = 2

app = typer.Typer(
    name="dvcwatch",
    help="Walks online public services like a citizen would; measures, ranks, and tells the responsible agency.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # locals may hold secrets
    context_settings={"help_option_names": ["-h", "--help"]},
)
console = Console(stderr=True)

Checks = Annotated[Path, typer.Option("--checks", help="What is watched.", metavar="FILE")]
Data = Annotated[Path, typer.Option("--data", help="Where results and evidence are kept.", metavar="DIR")]
StoreUrl = Annotated[
    str | None,
    typer.Option(
        "--store", help="sqlite:///FILE or postgresql://…; DATA/dvcwatch.db by default.", envvar="DVCWATCH_STORE"
    ),
]
NoSandbox = Annotated[
    bool,
    typer.Option("--no-browser-sandbox", help="Switch Chromium's own sandbox off (needed as root; less safe)."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
PeriodName = Annotated[str, typer.Option("--period", help="A month, such as 2026-11.", metavar="YYYY-MM")]

DEFAULT_CHECKS = Path("checks.yaml")
DEFAULT_DATA = Path("data")


def main() -> None:
    """Run the command line."""
    app()


@app.callback(invoke_without_command=True)
def _root(
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    if show_version:
        print(version("dvcwatch"))
        raise typer.Exit


@app.command()
def validate(checks: Checks = DEFAULT_CHECKS) -> None:
    """Check the configuration: exit 0, or 2 with one line per problem. Warns when this machine could not carry it."""
    from agent.demand import stated_here

    config = _load(checks)
    parts = {"checks": config.targets, "services": config.services, "systems": config.systems}
    print(f"{checks}: in order ({', '.join(f'{name}: {len(found)}' for name, found in parts.items())})")
    if (said := stated_here(config).warning()) is not None:
        print(f"{checks}: warning: {said}", file=sys.stderr)


@app.command()
def lint(
    checks: Checks = DEFAULT_CHECKS,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 if there are warnings.")] = False,
) -> None:
    """Tell what is valid and will hurt: names that break, goals that prove nothing. Exit 0, or 2 if it is not valid."""
    from agent.authoring import lint_file

    raise typer.Exit(lint_file(checks, strict=strict))


@app.command()
def explain(
    check_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[CHECK_ID]...", help="All of them if none is named.")
    ] = None,
    checks: Checks = DEFAULT_CHECKS,
) -> None:
    """Tell what checks do, in plain Vietnamese, as one would tell an official over the phone. Exit 0, or 2."""
    from agent.authoring import explain_checks

    raise typer.Exit(explain_checks(_load(checks), tuple(check_ids or ())))


@app.command("import")
def import_recording(
    recording: Annotated[
        Path, typer.Argument(metavar="FILE", help="Chrome Recorder JSON, or Playwright codegen Python.")
    ],
    id_: Annotated[str | None, typer.Option("--id", help="The journey's id; the file's name by default.")] = None,
    title: Annotated[str | None, typer.Option("--title", help="Its name for people.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write here instead of printing.", metavar="FILE")] = None,
    check: Annotated[bool, typer.Option("--check", help="Print a check to paste as well.")] = False,
) -> None:
    """Turn a recording into a journey; what could not be translated is told on standard error. Exit 2: no recording."""
    from agent.authoring import import_file

    raise typer.Exit(import_file(recording, id_, title, out, with_check=check))


@app.command()
def schema(
    run: Annotated[bool, typer.Option("--run", help="Print the schema of a Run instead.")] = False,
) -> None:
    """Print the JSON Schema of checks.yaml, for editors."""
    print(
        json.dumps(
            Run.model_json_schema(mode="serialization") if run else checks_schema(), ensure_ascii=False, indent=2
        )
    )


@app.command()
def once(
    check_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[CHECK_ID]...", help="All enabled ones if none is named.")
    ] = None,
    checks: Checks = DEFAULT_CHECKS,
    as_json: AsJson = False,
    headed: Annotated[bool, typer.Option("--headed", help="Show the browser (needs a full Chromium).")] = False,
    slow: Annotated[
        bool, typer.Option("--slow", help="Pause before each act, to follow it; times mean nothing.")
    ] = False,
    evidence: Annotated[
        Path | None, typer.Option("--evidence", help="Keep proof of failures here.", metavar="DIR")
    ] = None,
    trace: Annotated[
        bool, typer.Option("--trace", help="Record every walk into --evidence; its times count for nothing.")
    ] = False,
    audit: Annotated[
        bool, typer.Option("--audit", help="Look at the accessibility of every screen instead; nothing is timed.")
    ] = False,
    no_browser_sandbox: NoSandbox = False,
) -> None:
    """Walk now, once each, as the agent would. Exit 0 good, 1 failed or blocked, 2 configuration, 3 our own fault.

    With --audit: 0 nothing serious, 1 something serious or critical, 3 not everything could be looked at.
    """
    from agent.once import Wish, exit_code, walk_once
    from agent.unhurried import PACE_S

    config = _load(checks)
    if trace and (evidence is None or audit):
        _stop("--trace needs --evidence DIR, and does not go with --audit", BAD_CONFIGURATION)
    pace_s = PACE_S if slow else 0.0
    wish = Wish(
        tuple(check_ids or ()), as_json, headed, evidence, sandbox=not no_browser_sandbox, pace_s=pace_s, trace=trace
    )
    unknown = [name for name in wish.check_ids if name not in config.targets]
    if unknown:
        _stop(f"{checks}: there is no check {', '.join(unknown)}", BAD_CONFIGURATION)
    if audit:
        from agent.audit_once import audit_once

        raise typer.Exit(_run(audit_once(config, wish, console)))
    runs = _run(walk_once(config, wish, console))
    raise typer.Exit(exit_code(runs))


@app.command()
def run(
    checks: Checks = DEFAULT_CHECKS,
    data: Data = DEFAULT_DATA,
    listen: Annotated[
        str, typer.Option("--listen", metavar="HOST:PORT", help="Where board and metrics are.")
    ] = "127.0.0.1:9464",
    store: StoreUrl = None,
    with_sandbox: Annotated[
        bool, typer.Option("--with-sandbox", help="Start the practice province beside it.")
    ] = False,
    open_board: Annotated[bool, typer.Option("--open", help="Open the board in a browser.")] = False,
    allow_overload: Annotated[
        bool, typer.Option("--allow-overload", help="Run a schedule that this machine cannot carry; slots are lost.")
    ] = False,
    no_browser_sandbox: NoSandbox = False,
) -> None:
    """Run the agent until Ctrl+C or SIGTERM. Exit 2 if the schedule asks for more walks than this machine carries."""
    from agent.serve import Served, serve

    config = _load(checks)
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004  # the last port there is
        _stop(f"--listen must be HOST:PORT such as 127.0.0.1:9464, not {listen}", BAD_CONFIGURATION)
    served = Served(
        data=data,
        host=host.strip("[]"),
        port=int(port),
        store=_store_url(store, data),
        browser_sandbox=not no_browser_sandbox,
        with_sandbox=with_sandbox,
        open_board=open_board,
        allow_overload=allow_overload,
    )
    _run(serve(config, served))


@app.command()
def show(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Id of a run, or of a check: its newest run.")],
    checks: Checks = DEFAULT_CHECKS,
    data: Data = DEFAULT_DATA,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Print one run: what happened, whose fault it was, how each attempt went, and what was kept of it."""
    from agent.show import show_run

    config = _load(checks)
    _run(show_run(config, _store_url(store, data), data / "evidence", run, as_json=as_json))


@app.command()
def rank(
    period: PeriodName,
    by: Annotated[str | None, typer.Option("--by", help="system, service or agency.")] = None,
    checks: Checks = DEFAULT_CHECKS,
    data: Data = DEFAULT_DATA,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Print a month's ranking."""
    from agent.papers import print_ranking

    config = _load(checks)
    _run(print_ranking(config, _store_url(store, data), period, by, console, as_json=as_json))


@app.command()
def report(
    period: PeriodName,
    out: Annotated[Path, typer.Option("--out", help="Where the files go.", metavar="DIR")],
    formats: Annotated[list[str] | None, typer.Option("--format", help="html, json; all when not given.")] = None,
    checks: Checks = DEFAULT_CHECKS,
    data: Data = DEFAULT_DATA,
    store: StoreUrl = None,
) -> None:
    """Write a month's report."""
    from agent.papers import FORMATS, write_papers

    config = _load(checks)
    papers = write_papers(config, _store_url(store, data), period, out, formats or FORMATS, console=console)
    for path in _run(papers):
        print(path)


@app.command()
def sandbox(
    data: Data = DEFAULT_DATA,
    port_base: Annotated[int, typer.Option(help="First of ten ports.", min=0, max=65525)] = 9470,
    seed: Annotated[int, typer.Option(help="Decides delays and flaky failures.")] = 67,
) -> None:
    """Run the practice province until Ctrl+C or SIGTERM."""
    from sandbox.province import Settings, serve

    settings = Settings(data=data, base_port=port_base, seed=seed)
    _run(serve(settings, lambda province: console.print(f"practice province: {province.control_url}")))


@app.command()
def doctor(
    checks: Checks = DEFAULT_CHECKS,
    data: Data = DEFAULT_DATA,
    store: StoreUrl = None,
    no_browser_sandbox: NoSandbox = False,
) -> None:
    """Look at everything the agent needs; exit 1 if something is broken."""
    from agent import logs
    from agent.doctor import Patient, report_on

    config = _load(checks)
    logs.configure(level=logging.ERROR)  # the diagnoses say the rest
    patient = Patient(config, data, _store_url(store, data), browser_sandbox=not no_browser_sandbox)
    raise typer.Exit(1 if _run(report_on(patient, Console())) else 0)


@app.command()
def capacity(
    checks: Annotated[
        Path | None, typer.Option("--checks", help="A schedule to hold against it.", metavar="FILE")
    ] = None,
    data: Data = DEFAULT_DATA,
    store: StoreUrl = None,
    as_json: AsJson = False,
    no_browser_sandbox: NoSandbox = False,
) -> None:
    """Measure for a minute how many checks this machine carries. Exit 1 if FILE (or ./checks.yaml) needs more walks."""
    from agent.capacity import measure_capacity

    path = checks if checks is not None or not DEFAULT_CHECKS.exists() else DEFAULT_CHECKS
    config = _load(path) if path is not None else None
    known = store is not None or (data / "dvcwatch.db").exists()
    url = _store_url(store, data) if known else None
    fits = _run(measure_capacity(config, url, sandbox=not no_browser_sandbox, as_json=as_json))
    raise typer.Exit(0 if fits else 1)


@app.command()
def prune(checks: Checks = DEFAULT_CHECKS, data: Data = DEFAULT_DATA, store: StoreUrl = None) -> None:
    """Delete results and evidence older than settings.retention allows."""
    from agent.clock import SystemClock
    from agent.retention import prune_once

    limits = _load(checks).settings.retention
    runs, folders = _run(prune_once(_store_url(store, data), data / "evidence", limits, SystemClock()))
    print(f"deleted {runs} runs and {folders} folders of evidence")


def _load(path: Path) -> Config:
    try:
        return load(path)
    except ConfigError as error:
        for problem in error.problems:
            print(problem)
        raise typer.Exit(BAD_CONFIGURATION) from None


def _store_url(given: str | None, data: Path) -> str:
    return given if given is not None else f"sqlite:///{data / 'dvcwatch.db'}"


def _run(job: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine; what the user can mend becomes one line."""
    try:
        return asyncio.run(job)
    except (AgentError, StoreError, PortTakenError) as error:
        _stop(str(error), 1)
    except OptionError as error:
        _stop(str(error), BAD_CONFIGURATION)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _stop(message: str, code: int) -> NoReturn:
    print(message, file=sys.stderr)
    raise typer.Exit(code)
