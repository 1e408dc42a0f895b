"""What was measured: the only service times that the simulation knows."""

import json
from pathlib import Path

import numpy as np
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from bench.capacity.inputs import Input, checked

MEASURED = Path(__file__).with_name("measured.json")
"""The file that ships; its provenance says on which machine and by which commands."""

ByBatch = dict[PositiveInt, PositiveFloat]
"""Milliseconds for each item of a batch, by the size of the batch."""


class Provenance(Input):
    """Where figures come from."""

    figures: tuple[str, ...] = Field(description="Fields of `Costs` that it speaks for.")
    machine: str
    command: str
    note: str = ""


class Shell(Input):
    """CPU milliseconds of everything but the models.

    A call costs at both of its ends, whatever it carries: a delivery and a batch of events at
    ingress and room, a call of a pool at the room and at the pool's replica.
    """

    message: NonNegativeFloat = Field(
        description="At the ingress, for each chunk, frame or result of a socket."
    )
    ingress_call: NonNegativeFloat = Field(description="At the ingress, for each call.")
    room_call: NonNegativeFloat = Field(description="At the room, for each call.")
    step: NonNegativeFloat = Field(
        description="At the room, for each participant and time step: voice activity, sequence."
    )
    pool_calls: dict[str, NonNegativeFloat] = Field(
        description="At a pool's replica, for each call: by pool."
    )
    node: NonNegativeFloat = Field(
        description="Ray's own processes and telemetry, each second on each node."
    )


class Costs(Input):
    """Service times of one pair of encoders."""

    audio_ms: dict[str, ByBatch] = Field(description="Encoding a window, by device: `cpu`, `T4`.")
    face_ms: ByBatch = Field(description="Decoding and encoding a frame.")
    features_ms: ByBatch = Field(description="Engineering the columns of a result.")
    ensemble_ms: ByBatch = Field(description="The models of a result.")
    shell_ms: Shell
    provenance: tuple[Provenance, ...]

    @model_validator(mode="after")
    def _every_figure_has_a_source(self) -> "Costs":
        named = {figure for source in self.provenance for figure in source.figures}
        missing = set(type(self).model_fields) - {"provenance"} - named
        if missing:
            raise ValueError(f"no provenance for {', '.join(sorted(missing))}")
        return self


class Measured(Input):
    """Service times by encoder profile, and the latency of the network."""

    profiles: dict[str, Costs]
    hop_ms: float = Field(ge=0, description="Travel between two processes of one node.")
    node_hop_ms: float = Field(ge=0, description="Travel between two nodes.")


def read_measured(path: Path = MEASURED) -> Measured:
    """The figures of a file; raises ConfigurationError."""
    return checked(Measured, json.loads(path.read_text()), path)


def batch_seconds(by_batch: ByBatch, size: float) -> float:
    """Seconds for a batch: linear between measured sizes, as the largest one for each item beyond.

    Below the smallest measured size, an item takes as long as one of that size.
    """
    sizes = sorted(by_batch)
    if size >= sizes[-1] or size <= sizes[0]:
        nearest = sizes[-1] if size >= sizes[-1] else sizes[0]
        return size * by_batch[nearest] / 1000
    totals_ms = [one * by_batch[one] for one in sizes]
    return float(np.interp(size, sizes, totals_ms)) / 1000
