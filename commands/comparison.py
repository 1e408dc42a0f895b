from pathlib import Path

import typer
from rich.console import Console


def compare_runs(folders: list[str], out: Path | None) -> None:
    """Show how far two runs agree, and write it where a folder is given."""
    if len(folders) != 2:
        raise typer.BadParameter(
            f"--compare takes the output folders of two runs, A and B, not {len(folders)}.",
            param_hint="INPUT...",
        )
    # Plotly and scikit-learn are not for every other command to wait for.
    from commands.comparison_table import overall_lines, participant_table, stretch_table
    from replay.comparison import compare, read_run, write_comparison

    a, b = (read_run(Path(folder)) for folder in folders)
    comparison = compare(a, b)
    console = Console()
    for line in overall_lines(comparison):
        console.print(line)
    console.print(participant_table(comparison))
    if comparison.stretches:
        console.print(stretch_table(comparison.stretches))
    if out is not None:
        typer.echo(write_comparison(comparison, out))
