"""Costs from two reports, to be put into a file of measured figures.

``python -m bench.capacity.derive encoders.json live.json`` prints those of one profile, as JSON, from
what ``hoovik bench encoders --json`` and ``hoovik bench live --json`` wrote. Measure on a machine at
rest, with as many participants in `live` as its cores follow: the more, the less of what does not
depend on the load is counted in each result.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from bench.capacity.measured import Costs
from bench.capacity.processes import AUDIO, ENSEMBLE, FACE, FEATURES

ENCODERS = {
    "embedded": ("embedded_audio_", "embedded_face_tracked"),
    "reference": ("wav2vec2_audio_", "mediapipe_face_tracked"),
}
SHELL = {"room": "RoomSessionActor", "ingress": "Ingress", "proxy": "ProxyActor"}
MODELS = (AUDIO, FACE, FEATURES, ENSEMBLE)
FRAMES_PER_S = 5.0


def derive(encoders: dict[str, Any], live: dict[str, Any]) -> Costs:
    """Costs of the profile that `live` ran with.

    What a process took for each result, or the face pool for each frame, less its encoder's time by
    itself, is its shell. `FeatureEngineering` and `Ensemble` are taken whole, as if batches saved
    nothing. Everything that is neither pool, room, ingress nor proxy is Ray.
    """
    audio, face = ENCODERS[live["encoders"]]
    timed = encoders["encoders"]
    audio_ms = {
        figure["batch"]: figure["median_ms"]
        for name, figure in timed.items()
        if name.startswith(audio)
    }
    face_ms = timed[face]["median_ms"]
    results = live["results"]
    frames = FRAMES_PER_S * live["participants"] * live["seconds"]
    cpu_ms = {
        name: 1000 * seconds
        for name, seconds in live["cpu_seconds"].items()
        if name != "load generator"
    }
    named = {*SHELL.values(), *MODELS}
    machine = encoders["machine"]
    on = f"{machine['cores']} cores of {machine['processor']}, torch {machine['torch']}"
    return Costs.model_validate(
        {
            "audio_ms": {"cpu": audio_ms},
            "face_ms": face_ms,
            "features_ms": {1: cpu_ms[FEATURES] / results},
            "ensemble_ms": {1: cpu_ms[ENSEMBLE] / results},
            "shell_ms": {
                "frames_per_s": FRAMES_PER_S,
                "results_per_s": live["results_per_s"] / live["participants"],
                **{field: cpu_ms[name] / results for field, name in SHELL.items()},
                "ray": sum(ms for name, ms in cpu_ms.items() if name not in named) / results,
                "pools": {
                    AUDIO: max(0.0, cpu_ms[AUDIO] / results - audio_ms[1]),
                    FACE: max(0.0, cpu_ms[FACE] / frames - face_ms),
                    FEATURES: 0.0,
                    ENSEMBLE: 0.0,
                },
            },
            "provenance": [
                {
                    "figures": ["audio_ms", "face_ms"],
                    "machine": on,
                    "command": "hoovik bench encoders",
                },
                {
                    "figures": ["features_ms", "ensemble_ms", "shell_ms"],
                    "machine": f"{on}; the load generator on the same cores",
                    "command": f"hoovik bench live --participants {live['participants']} "
                    f"--seconds {live['seconds']:g} --encoders {live['encoders']}",
                },
            ],
        }
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("encoders", type=Path)
    parser.add_argument("live", type=Path)
    arguments = parser.parse_args()
    reports = (json.loads(path.read_text()) for path in (arguments.encoders, arguments.live))
    print(derive(*reports).model_dump_json(indent=2))


if __name__ == "__main__":
    main()
