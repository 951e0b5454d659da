"""`python -m sandbox`: run the practice province in the foreground."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from sandbox.province import PortTakenError, Province, Settings, serve
from sandbox.settings import LISTENERS, TITLES


def say(province: Province) -> None:
    """Print where everything stands."""
    typer.echo("Tỉnh An Bình (mô phỏng) đang chạy. Dừng: Ctrl+C.")
    for name in LISTENERS:
        typer.echo(f"  {name:<16} {province.url(name):<28} {TITLES[name]}")
    typer.echo(f"  CA: {province.ca_file}")


def main(
    data: Annotated[Path, typer.Option(help="Directory for the certificate of the practice CA.")] = Path("data"),
    port_base: Annotated[int, typer.Option(help="First port; 0 picks free ones.", min=0, max=65525)] = 9470,
    seed: Annotated[int, typer.Option(help="Decides delays and flaky failures.")] = 67,
    host: Annotated[str, typer.Option(help="Loopback address.")] = "127.0.0.1",
) -> None:
    """Run the practice province until SIGTERM or Ctrl+C."""
    settings = Settings(data=data, host=host, base_port=port_base, seed=seed)
    try:
        asyncio.run(serve(settings, say))
    except PortTakenError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    typer.run(main)
