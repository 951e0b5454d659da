"""Runs every benchmark and prints one table: `python -m bench [NAME ...]`."""

import importlib
import logging
import os
import pkgutil
import platform
import sys
from importlib.metadata import version
from types import ModuleType

import psutil
from rich.console import Console
from rich.table import Table

import bench
from agent import logs
from bench.figure import Figure

PARTS = ("pydantic", "pyyaml", "aiohttp", "sqlalchemy", "playwright")


def benchmarks() -> dict[str, ModuleType]:
    """Return the modules that measure something, by name."""
    modules = {one.name: importlib.import_module(f"bench.{one.name}") for one in pkgutil.iter_modules(bench.__path__)
               if one.name != "__main__"}  # fmt: skip
    return {name: module for name, module in modules.items() if hasattr(module, "measure")}


def main(wanted: list[str]) -> int:
    """Measure what is wanted, or everything."""
    logs.configure(sys.stderr, level=logging.ERROR)
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(machine(), highlight=False)
    table = Table("what", "value", "compared with", "", "ratio", box=None)
    for name, module in benchmarks().items():
        if wanted and name not in wanted:
            continue
        with console.status(f"{name} …"):
            for figure in module.measure():
                table.add_row(*row(figure))
    console.print(table)
    return 0


def machine() -> str:
    """Describe the machine and the parts, without its name."""
    memory = psutil.virtual_memory().total / 1e9
    parts = ", ".join(f"{part} {version(part)}" for part in PARTS)
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GB memory, {platform.system()}, "
        f"load {load:.1f} at the start\nPython {platform.python_version()}, {parts}"
    )


def row(figure: Figure) -> tuple[str, ...]:
    """Return a figure's row of the table."""
    return (
        figure.what,
        f"{figure.value:.3g} {figure.unit}",
        figure.with_what,
        f"{figure.compared:.3g} {figure.unit}",
        f"{figure.ratio:.2f}",
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
