"""Writing of a bundle's files, and of the manifest that says what each must be."""

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from hoovik.errors import BundleError
from hoovik.models.bundle import BASELINE, ENCODER_FILES, MANIFEST, MODEL_FILES
from hoovik.models.manifest import BundleFile, Encoders, Layouts, Manifest
from hoovik.models.transformer import EmotionTransformer
from training.cache import file_digest
from training.splits import SPLITS_FILE

CARD = "MODEL_CARD.md"
PICTURES = "card"
"""Folder of the card's pictures."""

RELEASE = "1.0.0"
LIBRARIES = ("torch", "xgboost", "scikit-learn", "scipy", "safetensors", "numpy")


def save_transformer(model: EmotionTransformer, path: Path) -> None:
    """Write weights as float16; the standardisation stays float32, for its smallest scales."""
    save_file(
        {
            name: (
                tensor if name.endswith(("projection.mean", "projection.scale")) else tensor.half()
            )
            .detach()
            .contiguous()
            for name, tensor in model.state_dict().items()
        },
        path,
    )


def encoder_digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each encoder file that a bundle's folder holds."""
    return {name: file_digest(folder / name) for name in ENCODER_FILES if (folder / name).is_file()}


def check_encoders_unchanged(folder: Path, before: dict[str, str]) -> None:
    """Refuse to seal models together with encoders whose features they have never seen.

    Raises:
        BundleError: naming an encoder file that is not what it was when the build began.
    """
    now = encoder_digests(folder)
    for name in sorted(before.keys() | now.keys()):
        if before.get(name) != now.get(name):
            raise BundleError(
                f"{folder / name} changed while the models were fitted: SHA-256 "
                f"{before.get(name, 'none')} before, {now.get(name, 'none')} now; build again"
            )


def write_manifest(
    folder: Path,
    encoders: Encoders,
    data: dict[str, Any],
    seeds: dict[str, int],
    metrics: dict[str, Any],
) -> Manifest:
    """Write `manifest.json` for all files of a bundle that are in the folder.

    The version ends with a digest over the models, so that it changes with every weight.

    Args:
        folder: of the bundle; holds all model files already.
        encoders: that made the features.
        data: corpora, splits and counts.
        seeds: of everything random.
        metrics: figures; empty until the bundle has been judged.
    """
    models = [*MODEL_FILES, *([BASELINE] if (folder / BASELINE).is_file() else [])]
    for name in models:
        # safetensors writes for its owner alone; services run as somebody else.
        (folder / name).chmod(0o644)
    pictures = sorted(
        file.relative_to(folder).as_posix() for file in folder.glob(f"{PICTURES}/*.svg")
    )
    names = (*models, *ENCODER_FILES, CARD, SPLITS_FILE, *pictures)
    files = {
        name: BundleFile(sha256=file_digest(folder / name), bytes=(folder / name).stat().st_size)
        for name in names
        if (folder / name).is_file()
    }
    weights = [files[name].sha256 for name in (*models, *ENCODER_FILES) if name in files]
    manifest = Manifest(
        name=f"hoovik-{encoders.audio}-{encoders.face}",
        version=f"{RELEASE}+{hashlib.sha256(''.join(weights).encode()).hexdigest()[:8]}",
        encoders=encoders,
        layouts=Layouts(),
        files=files,
        data=data,
        seeds=seeds,
        libraries={name: version(name) for name in LIBRARIES},
        metrics=metrics,
    )
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return manifest
