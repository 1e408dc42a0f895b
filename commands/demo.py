import asyncio
import json
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.live import Live

from commands.address import ServiceError, is_up
from commands.cast import Cast, cast_of
from commands.demo_table import live_table, summary_table
from commands.serve import wait_for_interrupt
from commands.waiting import service_up
from deployments.ingress.port import url_of
from hoovik.settings import read_settings
from hoovik_client.client import Client
from hoovik_client.player import Player
from hoovik_client.tally import Tally

REFRESH_S = 0.25


def demo(
    inputs: Annotated[
        list[Path] | None,
        typer.Argument(help="A meeting's folder, or media files; default: the sample meeting."),
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="Play for so long, over and over.")] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the summary here.")
    ] = None,
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="Use a running service only.")
    ] = False,
    url: Annotated[str | None, typer.Option(help="Address of the service.")] = None,
    room: Annotated[str | None, typer.Option(help="Room to meet in; default: a new one.")] = None,
    stay: Annotated[
        bool, typer.Option("--stay", help="At a terminal, keep the service up until Ctrl-C.")
    ] = False,
) -> None:
    """Play a meeting through the real service in real time, and show what it says.

    Starts the service on this machine if none is up. Exit status 1 where a participant got no
    result, or an error.
    """
    console = Console()
    settings = read_settings()
    address = url or url_of(settings.serve)
    cast = cast_of(inputs or [])
    with ExitStack() as ending:
        starts = not is_up(address)
        if starts:
            if no_serve or url is not None:
                raise ServiceError(f"no service is ready at {address}")
            ending.enter_context(service_up(console, lambda: settings))
        summary = asyncio.run(_play(console, address, cast, seconds or cast.duration_s, room))
        console.print(summary_table(summary))
        if json_file is not None:
            json_file.write_text(json.dumps(summary, indent=2))
        if stay and starts and sys.stdin.isatty():
            console.print(f"The service stays up at [bold]{address}[/bold]; Ctrl-C ends it.")
            wait_for_interrupt()
    if not _went_well(summary):
        raise typer.Exit(1)


def _went_well(summary: dict[str, Any]) -> bool:
    silent = [name for name, counts in summary["participants"].items() if not counts["results"]]
    return not silent and not summary["errors"]


async def _play(
    console: Console, url: str, cast: Cast, seconds: float, room: str | None
) -> dict[str, Any]:
    tallies = {name: Tally() for name in cast.recordings}
    room_id = room or f"demo-{time.time_ns() // 1_000_000}"

    async def one(name: str) -> None:
        tally = tallies[name]
        player = Player(
            lambda: Client(url, name, room_id=room_id),
            cast.recordings[name],
            tally.take,
            tally.stop,
        )
        await player.play(seconds)

    playing = asyncio.gather(*(one(name) for name in tallies))
    if console.is_terminal:
        with Live(console=console, auto_refresh=False) as live:
            while not playing.done():
                live.update(live_table(tallies, time.monotonic()), refresh=True)
                await asyncio.sleep(REFRESH_S)
    await playing
    now_s = time.monotonic()
    return {
        "participants": {name: tally.summary(now_s) for name, tally in tallies.items()},
        "errors": [
            {"participant": name, **error}
            for name, tally in tallies.items()
            for error in tally.errors
        ],
    }
