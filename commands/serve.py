import signal
import threading
from functools import partial
from typing import Annotated

import typer
from rich.console import Console

from actors.process import leave_out_pandas
from commands.profiles import EncoderProfile, settings_for
from commands.waiting import service_up


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    profile: Annotated[
        EncoderProfile | None, typer.Option(help="Encoders to run, in place of the environment's.")
    ] = None,
    untrained: Annotated[
        bool, typer.Option(help="Random weights; every result is marked untrained.")
    ] = False,
) -> None:
    """Run the service on this machine until Ctrl-C."""
    leave_out_pandas()  # Serve would import it where it is installed, which takes a second
    console = Console()
    chosen = partial(settings_for, profile, untrained=untrained, host=host, port=port)
    with service_up(console, chosen) as url:
        console.print(f"Hoovik answers at [bold]{url}[/bold]; Ctrl-C ends it.")
        wait_for_interrupt()
    console.print("Stopped.")


def wait_for_interrupt() -> None:
    """Return on Ctrl-C or SIGTERM."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    while not ended.wait(1.0):
        pass
