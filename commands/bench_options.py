"""What the benches' options have in common, and how their figures are told."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.systems import SERVICE_COMMAND, System
from commands.profiles import EncoderProfile, settings_for
from hoovik.settings import read_settings

JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the figures here.")]
Participants = Annotated[int, typer.Option(min=1, help="Who stream at the same time.")]
Rooms = Annotated[int, typer.Option(min=1, help="That they are dealt out to.")]
Encoders = Annotated[
    EncoderProfile,
    typer.Option(
        help="whisper: with random weights; reference: wav2vec2 with random weights, and MediaPipe."
    ),
]


def service_of(encoders: EncoderProfile, *, untrained: bool = False) -> System:
    """The service with these encoders, all of its replicas there from the start."""
    from deployments.options import (
        LEAST_REPLICAS,
    )  # seconds of imports, which help need not wait for

    environment = environment_of(encoders, untrained=untrained)
    # No spare replica is to start in the middle of a measurement.
    at_once = {name: {"num_replicas": least} for name, least in LEAST_REPLICAS.items()}
    chosen = {**at_once, **read_settings().serve.deployments}
    environment["HOOVIK_SERVE__DEPLOYMENTS"] = json.dumps(chosen)
    return System("service", SERVICE_COMMAND, environment)


def environment_of(encoders: EncoderProfile, *, untrained: bool = False) -> dict[str, str]:
    """Settings that both systems read, as variables of the environment.

    Encoders whose weights do not ship compute with random ones: their time is that of the real ones.
    """
    random = untrained or encoders is not EncoderProfile.EMBEDDED
    settings = settings_for(encoders, untrained=random)
    return {
        "HOOVIK_AUDIO__ENCODER": settings.audio.encoder,
        "HOOVIK_FACE__ENCODER": settings.face.encoder,
        "HOOVIK_BUNDLE": str(settings.bundle),
        "HOOVIK_UNTRAINED": str(settings.untrained).lower(),
    }


def number(value: float | None, digits: int) -> str:
    """A figure for people."""
    return "none" if value is None else f"{value:,.{digits}f}"


def write(json_file: Path | None, figures: Any) -> None:
    """Keep the figures, where a file was named."""
    if json_file is not None:
        json_file.write_text(json.dumps(figures, indent=2))
