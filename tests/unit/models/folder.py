"""A complete bundle on disk, made of parts that were never trained."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import save_file as save_tensors

from hoovik.features.anomaly import FORESTS
from hoovik.features.projection import Projection
from hoovik.features.transform import FeatureTransform
from hoovik.models.bundle import (
    CALIBRATION,
    FUSION,
    LINEAR,
    MANIFEST,
    MODEL_FILES,
    PROJECTIONS,
    TRANSFORMER,
    TREES,
)
from hoovik.models.bundle import FORESTS as FORESTS_FILE
from hoovik.models.ensemble import Ensemble
from hoovik.models.manifest import BundleFile, Encoders, Layouts, Manifest
from hoovik.models.untrained import untrained_booster, untrained_transformer

SEED = 1
ROUNDS = 3


def listed(file: Path) -> dict[str, Any]:
    """What a manifest says of a file."""
    content = file.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def write_bundle(folder: Path, ensemble: Ensemble, transform: FeatureTransform) -> None:
    """A bundle of an untrained ensemble of `SEED` and `ROUNDS`."""
    save_tensors(dict(untrained_transformer(SEED).state_dict()), folder / TRANSFORMER)
    untrained_booster(SEED, ROUNDS).save_model(folder / TREES)
    save_arrays(ensemble.linear.to_arrays(), folder / LINEAR)
    save_arrays(_projections(transform), folder / PROJECTIONS)
    save_arrays(ensemble.gate.to_arrays(), folder / FORESTS_FILE)
    (folder / CALIBRATION).write_text(ensemble.calibration.model_dump_json())
    (folder / FUSION).write_text(ensemble.fusion.model_dump_json())
    manifest = Manifest(
        format=3,
        name="none",
        version="0.0.1",
        encoders=Encoders(audio="embedded", face="mediapipe"),
        layouts=Layouts(),
        files={name: BundleFile(**listed(folder / name)) for name in MODEL_FILES},
        data={},
        seeds={"all": 1},
        libraries={},
        metrics={},
    )
    (folder / MANIFEST).write_text(manifest.model_dump_json())


def change_manifest(folder: Path, change: dict[str, Any]) -> None:
    """Replace some of what a manifest says, one level deep."""
    said = json.loads((folder / MANIFEST).read_text())
    for key, value in change.items():
        known = said.get(key)
        said[key] = known | value if isinstance(known, dict) else value
    (folder / MANIFEST).write_text(json.dumps(said))


def _projections(transform: FeatureTransform) -> dict[str, np.ndarray]:
    named: dict[str, Projection] = {
        "tree_face": transform.tree_face,
        "tree_audio": transform.tree_audio,
    }
    for name, projection in zip(FORESTS, transform.forests, strict=True):
        named[f"forest_{name}"] = projection
    arrays: dict[str, np.ndarray] = {}
    for name, projection in named.items():
        arrays[f"{name}.mean"] = projection.mean
        arrays[f"{name}.scale"] = np.ones_like(projection.mean)
        arrays[f"{name}.components"] = np.ascontiguousarray(projection.weights.T)
    return arrays
