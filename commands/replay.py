from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn

from commands.cluster import connect, core_unheard
from commands.comparison import compare_runs
from hoovik.settings import read_settings
from replay.cells import CHUNK_S

if TYPE_CHECKING:
    from replay.progress import Progress as Now

STOPPED = 130
"""Exit status after Ctrl-C, as of any command in a shell."""


def replay(
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="Media file, folder, meeting.yaml, glob or URL; several of them. With --compare "
            "the output folders of two runs.",
            metavar="INPUT...",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the outputs; a stopped run goes on there. Needed, except with --compare."
        ),
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="Replay nothing: set two runs side by side.")
    ] = False,
    report: Annotated[
        bool, typer.Option(help="Write report.html, some megabytes for each meeting.")
    ] = True,
    chunk_s: Annotated[
        float, typer.Option(min=1, help="Length of what is played at a time, in seconds.")
    ] = CHUNK_S,
) -> None:
    """Read the emotions of recorded meetings: timelines, captions and a report of each."""
    if compare:
        compare_runs(inputs, out)
        return
    if out is None:
        raise typer.BadParameter(
            "a folder is needed; only --compare goes without.", param_hint="--out"
        )
    # Decoders and models are not for every other command to wait for.
    from replay.execution import execute
    from replay.outputs import REPORT

    settings = read_settings()
    with core_unheard():
        console = Console(stderr=True)
        with _bar(console) as bar:
            task = bar.add_task("", total=None, said="starting")

            def watch(now: "Now") -> None:
                bar.update(
                    task,
                    completed=now.media_s,
                    total=now.media_s + now.media_left_s or None,
                    said=_said(now),
                )

            try:
                outcome = execute(
                    inputs,
                    out,
                    settings=settings,
                    chunk_s=chunk_s,
                    report=report,
                    watch=watch,
                    connect=connect,
                )
            except KeyboardInterrupt:
                bar.stop()
                console.print("Stopped. The same command goes on from here.")
                raise typer.Exit(STOPPED) from None
    for folder in outcome.folders:
        typer.echo(folder / REPORT if report else folder)
    for fault in outcome.faults:
        said = f"[red]{escape(fault.input)}[/red]: {escape(fault.reason)}"
        console.print(said, highlight=False, soft_wrap=True)  # a line each, for programs too
    if outcome.faults:
        raise typer.Exit(1)


def _bar(console: Console) -> Progress:
    return Progress(BarColumn(), TextColumn("{task.fields[said]}"), console=console)


def _said(now: "Now") -> str:
    files = f"{now.ended} of {now.recordings} recordings"
    if now.left_s is None:
        return files
    minutes, seconds = divmod(round(now.left_s), 60)
    return f"{files}, {now.speed:.1f} x real time, {minutes}:{seconds:02d} left"
