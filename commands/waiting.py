import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from hoovik.settings import Settings

Tell = Callable[[str], None]
"""Takes what is waited for, in words."""


def in_silence(_words: str) -> None:
    """Tell nobody."""


@contextmanager
def waiting(console: Console) -> Iterator[Tell]:
    """Show what is waited for: in one line with a clock at a terminal, else in lines with seconds."""
    if console.is_terminal:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("")
            yield lambda words: bar.update(task, description=words)
        return
    began_s = time.monotonic()
    last = ""

    def tell(words: str) -> None:
        nonlocal last
        if words != last:
            seconds = time.monotonic() - began_s
            console.print(f"{seconds:4.0f} s  {words}", highlight=False, soft_wrap=True)
        last = words

    yield tell


@contextmanager
def service_up(console: Console, settings: Callable[[], Settings]) -> Iterator[str]:
    """A service for the length of a block, its address; shows what it waits for until it is ready."""
    with ExitStack() as ending:
        with waiting(console) as tell:
            tell("loading Ray and Serve")
            from commands.service import running

            url = ending.enter_context(running(settings(), tell))
        yield url
