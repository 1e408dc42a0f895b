"""The models of a bundle, in the order in which they depend on one another."""

import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from hoovik.features.transform import FeatureTransform
from hoovik.models.bundle import (
    BASELINE,
    CALIBRATION,
    FORESTS,
    FUSION,
    LINEAR,
    PROJECTIONS,
    TRANSFORMER,
    TREES,
)
from hoovik.models.calibration import Calibrations, EnsembleCalibration
from hoovik.models.ensemble import load_transformer
from hoovik.models.fusion import MEMBERS
from hoovik.models.linear import LinearModel
from hoovik.models.trees import TreeModel
from hoovik.schema.emotion import Profile
from training.build.files import save_transformer
from training.build.forests import fit_forests
from training.build.linear import fit_linear
from training.build.material import Material
from training.build.metrics import Epoch, logits_of
from training.build.plan import Plan
from training.build.probabilities import Labels, Members, fit_calibration, fit_fusion
from training.build.projections import fit_tree_projections
from training.build.samples import SampleSet, draw_set
from training.build.transformer import fit_transformer
from training.build.trees import Labelled, fit_trees, tree_columns
from training.splits import Split


class Laps:
    """Says how long each part of a run took, and how long everything has."""

    def __init__(self) -> None:
        self._start_s = self._last_s = time.perf_counter()

    def lap(self, what: str) -> None:
        """Print what has just ended."""
        now_s = time.perf_counter()
        print(
            f"[{now_s - self._start_s:7.1f} s] {what} in {now_s - self._last_s:.1f} s", flush=True
        )
        self._last_s = now_s


SINGLE_SHARE = 0.5
"""Share of one modality among the samples of the trees, as in the transformer's last phases."""


def fit_models(
    material: Material, plan: Plan, out: Path, work: Path, laps: Laps, together: float = 1.0
) -> list[Epoch]:
    """Fit every model of a bundle and write its files; returns the transformer's curves.

    Args:
        material: of training, validation and calibration.
        plan: amounts.
        out: folder of the bundle.
        work: folder of the checkpoint from which a stopped run goes on.
        laps: says how long things take.
        together: see `fit_fusion`.
    """
    # One that an earlier build has left would be sealed with models that know none.
    (out / BASELINE).unlink(missing_ok=True)
    if material.voices is not None:
        save_file(material.voices.to_arrays(), out / BASELINE)
    fitted = fit_transformer(
        material.training,
        watched_of(material, plan),
        plan.curriculum,
        plan.seed,
        checkpoint=work / "transformer.checkpoint",
    )
    save_transformer(fitted.model, out / TRANSFORMER)
    laps.lap("transformer fitted")

    projections, forests = fit_forests(material.usual, material.held_out, plan)
    save_file(forests, out / FORESTS)
    laps.lap("forests grown")
    drawn = _drawn(material, plan)
    fit_linear(drawn, material.judged[Split.VALIDATION], out / LINEAR)
    laps.lap("linear model fitted")
    training, held_out = _tree_samples(drawn, material, projections, plan, out)
    fit_trees(training, held_out, plan, out / TREES)
    laps.lap("trees fitted")
    calibrate_and_fuse(material, out, together)
    laps.lap("calibrated and fused")
    return fitted.curves


def watched_of(material: Material, plan: Plan) -> dict[Profile, SampleSet]:
    """A few of the validation samples, the same in every epoch."""
    rng = np.random.default_rng([plan.seed, 3])
    return {
        profile: samples[rng.permutation(len(samples))[: plan.watched]]
        for profile, samples in material.judged[Split.VALIDATION].items()
    }


def calibrate_and_fuse(material: Material, out: Path, together: float = 1.0) -> None:
    """Fit calibration and fusion of the models in a folder, and write both there."""
    transform = FeatureTransform.from_file(out / PROJECTIONS)
    transformer = load_transformer(out / TRANSFORMER)
    trees = TreeModel.from_file(out / TREES)
    linear = LinearModel.from_file(out / LINEAR)

    def logits(judged: dict[Profile, SampleSet]) -> dict[Profile, NDArray[np.float32]]:
        return {
            profile: np.stack(
                [
                    logits_of(transformer, samples),
                    trees.logits(tree_columns(transform, samples)),
                    np.concatenate([linear.logits(chunk) for chunk in samples.chunks(512)]),
                ]
            )
            for profile, samples in judged.items()
        }

    held_out, validation = (
        material.judged[split] for split in (Split.CALIBRATION, Split.VALIDATION)
    )
    said = logits(held_out)
    calibration = EnsembleCalibration(
        **{
            member: Calibrations(
                profiles={
                    profile: fit_calibration(said[profile][place], samples.labels)
                    for profile, samples in held_out.items()
                }
            )
            for place, member in enumerate(MEMBERS)
        }
    )
    (out / CALIBRATION).write_text(calibration.model_dump_json(indent=2) + "\n", encoding="utf-8")

    def calibrated(
        judged: dict[Profile, SampleSet], said: dict[Profile, NDArray[np.float32]]
    ) -> dict[Profile, tuple[Members, Labels]]:
        return {
            profile: (calibration(said[profile], samples.sequences.profiles), samples.labels)
            for profile, samples in judged.items()
        }

    fusion = fit_fusion(
        calibrated(validation, logits(validation)), calibrated(held_out, said), together
    )
    (out / FUSION).write_text(fusion.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _drawn(material: Material, plan: Plan) -> SampleSet:
    """What trees and linear model learn from."""
    rng = np.random.default_rng([plan.seed, 2])
    return draw_set(material.training, plan.tree_samples, rng, single_share=SINGLE_SHARE)


def _tree_samples(
    training: SampleSet,
    material: Material,
    projections: dict[str, NDArray[Any]],
    plan: Plan,
    out: Path,
) -> tuple[Labelled, Labelled]:
    """Write all projections; returns columns and labels of training and validation."""
    projections |= fit_tree_projections(training, plan.projection_rows, plan.seed)
    save_file(projections, out / PROJECTIONS)
    transform = FeatureTransform.from_file(out / PROJECTIONS)
    held_out = list(material.judged[Split.VALIDATION].values())
    return (tree_columns(transform, training), training.labels), (
        np.concatenate([tree_columns(transform, samples) for samples in held_out]),
        np.concatenate([samples.labels for samples in held_out]),
    )
