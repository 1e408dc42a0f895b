from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from commands.evaluate_table import corruption_table, left_out_lines, profile_table
from hoovik.errors import ConfigurationError
from hoovik.schema.emotion import Profile
from hoovik.settings import read_settings
from training.splits import SPLITS_FILE


def evaluate(
    corpus: Annotated[
        list[str],
        typer.Option(help="KIND:PATH, such as ravdess:/data/ravdess or manifest:mine.csv."),
    ],
    bundle: Annotated[
        Path | None, typer.Option(help="Bundle folder; default: the configured one.")
    ] = None,
    profile: Annotated[
        list[Profile] | None, typer.Option(help="Judge this profile; default: all three.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all figures to this file.")
    ] = None,
    split_file: Annotated[
        Path | None,
        typer.Option(help=f"Who the bundle has seen; default: {SPLITS_FILE} in its folder."),
    ] = None,
    corruptions: Annotated[
        bool, typer.Option(help="Judge how much of corrupted sound and pictures is noticed.")
    ] = False,
    corrupted_clips: Annotated[int, typer.Option(min=1, help="Clips of each corruption.")] = 30,
    workers: Annotated[
        int, typer.Option(min=0, help="Ray tasks that read the clips; 0: this process.")
    ] = 0,
    seed: Annotated[int, typer.Option(help="Of pairs, corruptions and intervals.")] = 0,
) -> None:
    """Judge a bundle on labelled clips of people whom it has not seen."""
    # Decoders and models are not for every other command to wait for.
    import json

    from hoovik.models.bundle import Bundle
    from training.corpora.record import read_splits
    from training.corpora.registry import open_corpora
    from training.evaluation.evaluate import Extent
    from training.evaluation.evaluate import evaluate as judge
    from training.extraction.encoders import EncoderSource
    from training.extraction.encoding import Reading

    if json_file is not None and not json_file.parent.is_dir():
        raise ConfigurationError(f"no folder {json_file.parent} for {json_file.name}")
    settings = read_settings()
    path = bundle or settings.bundle
    encoders = Bundle.open(path).manifest.encoders
    source = EncoderSource.named(path, encoders, settings)
    splits_path = split_file or path / SPLITS_FILE
    splits = read_splits(splits_path) if split_file or splits_path.is_file() else None
    if splits is None:
        Console(stderr=True).print(
            f"[yellow]{path} has no {SPLITS_FILE}: nobody is left out, and the figures may be on "
            "people whom the bundle has seen.[/yellow]",
            highlight=False,
        )
    figures = judge(
        path,
        open_corpora(corpus),
        source,
        splits=splits,
        how=Reading(seed=seed),
        extent=Extent(
            tuple(profile or Profile), corrupted_clips=corrupted_clips if corruptions else 0
        ),
        num_workers=workers,
    )
    if json_file is not None:
        json_file.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    console = Console()
    console.print(profile_table(figures))
    if figures["corruptions"]:
        console.print(corruption_table(figures))
    for line in left_out_lines(figures):
        console.print(line, highlight=False)
