"""From corpora to a bundle, in the order in which its parts depend on one another."""

import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from hoovik.audio.encoder import AudioEncoder
from hoovik.face.encoder import FaceEncoder
from hoovik.features.transform import FeatureTransform
from hoovik.models.bundle import CALIBRATION, FORESTS, FUSION, PROJECTIONS, TRANSFORMER, TREES
from hoovik.models.calibration import EnsembleCalibration
from hoovik.models.ensemble import load_transformer, transformer_logits
from hoovik.models.manifest import Encoders
from hoovik.models.trees import TreeModel
from hoovik.schema.emotion import Profile
from training.build.calibration import fit_calibrations
from training.build.card import model_card
from training.build.draws import draw_set
from training.build.evaluation import evaluate
from training.build.files import (
    CARD,
    check_encoders_unchanged,
    encoder_digests,
    save_transformer,
    write_manifest,
)
from training.build.forests import fit_forests
from training.build.fusion import fit_fusion
from training.build.material import Material, gather
from training.build.plan import Plan
from training.build.projections import fit_tree_projections
from training.build.samples import SampleSet
from training.build.stills import load_stills
from training.build.transformer import fit_transformer
from training.build.trees import fit_trees, tree_columns
from training.build.voices import load_voices
from training.splits import Split

SINGLE_SHARE = 0.5
"""Share of one modality among the samples of the trees, as in the transformer's last phases."""


def build(
    data: Path,
    out: Path,
    plan: Plan,
    audio: tuple[AudioEncoder, str],
    face: tuple[FaceEncoder, str],
) -> dict[str, Any]:
    """Make every file of a bundle besides the encoders; returns the figures on the test split.

    Args:
        data: folder of the corpora.
        out: folder of the bundle, which may hold the encoders' files.
        plan: amounts and seed.
        audio: encoder of voices and the digest of its weights.
        face: encoder of faces and the digest of its weights.

    Raises:
        LeakError: a person, or a picture, in two splits.
        BundleError: an encoder file in `out` was exchanged meanwhile.
    """
    out.mkdir(parents=True, exist_ok=True)
    encoder_files = encoder_digests(out)
    clock = _Clock()
    voices = load_voices(data, *audio, plan)
    clock.lap(f"{len(voices)} takes of clips encoded")
    stills = load_stills(data, *face, plan)
    clock.lap(f"{len(stills.stills)} stills encoded, {stills.faceless} without a face")
    material = gather(voices, stills, plan)
    clock.lap("judged samples made")

    validation = _of(material, Split.VALIDATION)
    watched = _watched(validation, plan)
    model = fit_transformer(material.samplers[Split.TRAIN], watched, plan.curriculum, plan.seed)
    save_transformer(model, out / TRANSFORMER)
    clock.lap("transformer fitted")

    projections, forests = fit_forests(material.samplers[Split.TRAIN], validation.values(), plan)
    save_file(forests, out / FORESTS)
    clock.lap("forests grown")
    _fit_trees(material, projections, plan, out)
    clock.lap("trees fitted")
    _calibrate_and_fuse(material, plan, out)
    clock.lap("calibrated and fused")
    check_encoders_unchanged(out, encoder_files)
    return _judge_and_seal(material, plan, out, Encoders(audio=audio[0].name, face=face[0].name))


def _of(material: Material, split: Split) -> dict[Profile, SampleSet]:
    return {profile: material.judged[split, profile] for profile in Profile}


def _watched(validation: dict[Profile, SampleSet], plan: Plan) -> dict[Profile, SampleSet]:
    """A few of the validation samples, the same in every epoch."""
    rng = np.random.default_rng([plan.seed, 3])
    return {
        profile: samples[rng.permutation(len(samples))[: plan.curriculum.judged]]
        for profile, samples in validation.items()
    }


def _fit_trees(
    material: Material, projections: dict[str, NDArray[Any]], plan: Plan, out: Path
) -> None:
    rng = np.random.default_rng([plan.seed, 2])
    training = draw_set(
        material.samplers[Split.TRAIN],
        plan.tree_samples,
        rng,
        single_share=SINGLE_SHARE,
    )
    projections |= fit_tree_projections(training, plan.projection_rows, plan.seed)
    save_file(projections, out / PROJECTIONS)
    transform = FeatureTransform.from_file(out / PROJECTIONS)
    held_out = list(_of(material, Split.VALIDATION).values())
    fit_trees(
        (tree_columns(transform, training), training.labels),
        (
            np.concatenate([tree_columns(transform, samples) for samples in held_out]),
            np.concatenate([samples.labels for samples in held_out]),
        ),
        plan,
        out / TREES,
    )


def _calibrate_and_fuse(material: Material, plan: Plan, out: Path) -> None:
    transform = FeatureTransform.from_file(out / PROJECTIONS)
    model = load_transformer(out / TRANSFORMER)
    trees = TreeModel.from_file(out / TREES, threads=plan.threads)

    def by_transformer(samples: SampleSet) -> NDArray[np.float32]:
        return np.concatenate([transformer_logits(model, one) for one in samples.chunks(256)])

    def by_trees(samples: SampleSet) -> NDArray[np.float32]:
        return trees.logits(tree_columns(transform, samples))

    calibration_split = _of(material, Split.CALIBRATION)
    calibration = EnsembleCalibration(
        transformer=fit_calibrations(by_transformer, calibration_split),
        trees=fit_calibrations(by_trees, calibration_split),
    )
    (out / CALIBRATION).write_text(calibration.model_dump_json(indent=2) + "\n", encoding="utf-8")
    validation = _of(material, Split.VALIDATION)
    fusion = fit_fusion(
        {
            profile: (
                calibration.transformer(by_transformer(samples), samples.sequences.profiles),
                calibration.trees(by_trees(samples), samples.sequences.profiles),
            )
            for profile, samples in validation.items()
        },
        {profile: samples.labels for profile, samples in validation.items()},
        plan.fusion_trials,
        plan.seed,
    )
    (out / FUSION).write_text(fusion.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _judge_and_seal(
    material: Material, plan: Plan, out: Path, encoders: Encoders
) -> dict[str, Any]:
    """Judge the files as they ship, then write what they are into the card and the manifest."""
    seeds = {"build": plan.seed}
    # A card of an earlier build would be sealed with this one's weights.
    (out / CARD).unlink(missing_ok=True)
    unsealed = write_manifest(out, encoders, material.counts, seeds, {})
    figures = evaluate(out, _of(material, Split.TEST), plan.resamples, plan.seed)
    (out / CARD).write_text(
        model_card(unsealed.version, material.counts, figures), encoding="utf-8"
    )
    write_manifest(out, encoders, material.counts, seeds, figures)
    return figures


class _Clock:
    def __init__(self) -> None:
        self._start_s = self._last_s = time.perf_counter()

    def lap(self, what: str) -> None:
        """Print how long something took, and how long everything has."""
        now_s = time.perf_counter()
        print(
            f"[{now_s - self._start_s:6.1f} s] {what} in {now_s - self._last_s:.1f} s", flush=True
        )
        self._last_s = now_s
