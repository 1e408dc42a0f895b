import typer

from commands.bench_calls import calls
from commands.bench_capacity import capacity
from commands.bench_compare import compare
from commands.bench_endurance import burst, soak
from commands.bench_live import live, rooms
from commands.bench_models import models
from commands.bench_replay import replay
from commands.bench_start import start

app = typer.Typer(no_args_is_help=True, help="Measure the service.")
for command in (live, rooms, compare, burst, soak, models, replay, start, calls, capacity):
    app.command()(command)


@app.callback()
def bench() -> None:
    """Measure the service."""
