"""Renews the file of measured figures from reports of the other measurements.

``python -m bench.capacity.derive encoders.json models.json live.json...`` takes what ``hoovik bench
encoders``, ``hoovik bench models`` and ``hoovik bench live`` wrote with ``--json``. What a process
took in `live` beyond its model's own time is its shell. Two runs of `live` with different numbers
of participants (2 and 12, say) tell what a call costs from what its content does; with one run, both
are taken to cost the same. Measure on a machine at rest, with no more participants than it follows.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import nnls

from bench.capacity.measured import MEASURED, Costs, Measured, read_measured
from bench.capacity.processes import AUDIO, ENSEMBLE, FACE, FEATURES, POOLS
from bench.capacity.runs import INGRESS, ROOM, Run, agreement

AUDIO_ENCODERS = {"embedded": "embedded_audio_", "reference": "wav2vec2_audio_"}
DECODING = "decode 640x360"
ONE_RUN = "Of one run: a call is taken to cost what its content costs."

TIE = 1e-6
"""So little weighs the wish that two costs be alike: it decides where the figures do not."""


def derive(
    encoders: dict[str, Any], models: dict[str, Any], lives: Sequence[dict[str, Any]]
) -> dict[str, Costs]:
    """Costs by encoder profile: `embedded`, and `reference` where its encoders were timed.

    Args:
        encoders: report of `hoovik bench encoders`.
        models: report of `hoovik bench models`.
        lives: reports of `hoovik bench live`, with the embedded encoders, on the same machine.
    """
    parts = {
        part: {int(batch): ms for batch, ms in by_batch.items()}
        for part, by_batch in models["parts"].items()
    }
    features = parts["features"]
    common = {
        "features_ms": features,
        "ensemble_ms": {
            batch: round(ms - features[batch], 3) for batch, ms in parts["whole"].items()
        },
    }
    decoding_ms = parts[DECODING][1]
    profiles = {
        "embedded": {FACE: {n: round(decoding_ms + ms, 3) for n, ms in parts["face"].items()}}
    }
    timed = encoders["encoders"]
    if "mediapipe_face_tracked" in timed:
        frame_ms = timed["mediapipe_face_tracked"]["median_ms"]
        profiles["reference"] = {FACE: {1: round(decoding_ms + frame_ms, 3)}}
    for name, by_pool in profiles.items():
        by_pool[AUDIO] = {
            figure["batch"]: figure["median_ms"]
            for encoder, figure in timed.items()
            if encoder.startswith(AUDIO_ENCODERS[name])
        }
    runs = [Run.of(live) for live in lives]
    shell = _shell(
        runs,
        {
            **profiles["embedded"],
            FEATURES: common["features_ms"],
            ENSEMBLE: common["ensemble_ms"],
        },
    )
    sources = _sources(encoders, lives)
    return {
        name: Costs.model_validate(
            {
                "audio_ms": {"cpu": by_pool[AUDIO]},
                "face_ms": by_pool[FACE],
                **common,
                "shell_ms": shell,
                "provenance": sources,
            }
        )
        for name, by_pool in profiles.items()
        if by_pool[AUDIO]
    }


def _shell(runs: Sequence[Run], models_ms: dict[str, dict[int, float]]) -> dict[str, Any]:
    """Least squares, none of them below 0."""
    room = [
        (run.seconds * run.rates.steps, run.seconds * run.rates.room_calls, run.cpu_ms[ROOM])
        for run in runs
    ]
    ingress = [
        (
            run.seconds * run.rates.messages,
            run.seconds * (run.rates.deliveries + run.rates.events),
            run.cpu_ms[INGRESS],
        )
        for run in runs
    ]
    pools = {
        pool: [
            (
                run.seconds * run.rates.calls[pool],
                run.cpu_ms[pool] - run.computing_ms(pool, by_batch),
            )
            for run in runs
        ]
        for pool, by_batch in models_ms.items()
    }
    step, room_call = _fit(room)
    message, ingress_call = _fit(ingress)
    return {
        "message": message,
        "ingress_call": ingress_call,
        "room_call": room_call,
        "step": step,
        "pool_calls": {pool: _fit(pools[pool])[0] for pool in POOLS},
        "node": _fit([(run.seconds, run.ray_ms) for run in runs])[0],
    }


def _fit(rows: Sequence[tuple[float, ...]]) -> list[float]:
    """Costs of one or two kinds of work: rows hold the pieces of each, and what they took."""
    *work, took = np.array(rows, np.float64).T
    pieces = np.column_stack(work)
    if len(work) == 2:
        alike = TIE * np.linalg.norm(pieces) * np.array([[1.0, -1.0]])
        pieces, took = np.vstack([pieces, alike]), np.append(took, 0.0)
    return [round(float(cost), 4) for cost in nnls(pieces, took)[0]]


def _sources(encoders: dict[str, Any], lives: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    machine = encoders["machine"]
    on = f"{machine['cores']} cores of {machine['processor']}, torch {machine['torch']}"
    runs = "; ".join(
        f"hoovik bench live --participants {live['participants']} --seconds {live['seconds']:g}"
        for live in lives
    )
    return [
        {"figures": ["audio_ms"], "machine": on, "command": "hoovik bench encoders"},
        {
            "figures": ["face_ms", "features_ms", "ensemble_ms"],
            "machine": on,
            "command": "hoovik bench models",
        },
        {
            "figures": ["shell_ms"],
            "machine": f"{on}; the load generator on the same cores",
            "command": runs,
            "note": "" if len(lives) > 1 else ONE_RUN,
        },
    ]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("encoders", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("lives", type=Path, nargs="+")
    parser.add_argument("--measured", type=Path, default=MEASURED, help="The file to renew.")
    arguments = parser.parse_args()
    encoders, models, *lives = (
        json.loads(path.read_text())
        for path in (arguments.encoders, arguments.models, *arguments.lives)
    )
    before = read_measured(arguments.measured)
    profiles = {**before.profiles, **derive(encoders, models, lives)}
    after = Measured(profiles=profiles, hop_ms=before.hop_ms, node_hop_ms=before.node_hop_ms)
    arguments.measured.write_text(after.model_dump_json(indent=2, exclude_defaults=True) + "\n")
    print("\n".join(agreement(after, lives, encoders["machine"]["cores"])))


if __name__ == "__main__":
    main()
