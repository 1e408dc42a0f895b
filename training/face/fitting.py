"""Fitting of the embedded face encoder: its detector, its student, and what both are worth."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ConfigDict

from hoovik.face.encoder import DETECTOR_FILE, STUDENT_FILE
from hoovik.face.network import DetectorNet
from hoovik.face.student_network import StudentNet
from hoovik.weights import load_weights, save_network
from training.corpora.clip import Clip
from training.face.backgrounds import HELD_OUT_PHOTOGRAPHS, PHOTOGRAPHS, Backgrounds
from training.face.descent import Descent
from training.face.evaluate import judge_detector, judge_student
from training.face.fit_detector import DETECTOR_DESCENT, fit_detector
from training.face.fit_student import STUDENT_DESCENT, draw_share, fit_student
from training.face.mirror import mirrored_landmarks
from training.face.pictures import FacePictures, read_pictures
from training.face.scenes import Scene, Stage
from training.face.teacher import taught
from training.face.views import View, Viewer
from training.splits import Split

HELD_OUT = (Split.VALIDATION, Split.TEST)

EMOTIONAL_SHARE = 0.35
"""Of the student's faces that are small emotional ones, which photographs hardly show."""


@dataclass(frozen=True, slots=True)
class FaceFit:
    """How much of everything.

    Attributes:
        detector_epochs, student_epochs: of training.
        batches: of an epoch; None: as the descents say.
        stock, held_out_stock: backgrounds in training, and for those who are judged.
        scenes, faceless: judged scenes of the detector, and judged views without a face.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    detector_epochs: int = DETECTOR_DESCENT.epochs
    student_epochs: int = STUDENT_DESCENT.epochs
    batches: int | None = None
    stock: int = 1_200
    held_out_stock: int = 300
    scenes: int = 600
    faceless: int = 600


def fit_face_encoder(
    photographs: Path,
    emotional: Sequence[Clip],
    task: Path | None,
    folder: Path,
    how: FaceFit,
    seed: int,
) -> dict[str, Any]:
    """Train both networks, write what is not there yet, and judge them on the test persons.

    Args:
        photographs: folder of photographed faces with what the teacher saw on them.
        emotional: small pictures of the training split, which the teacher labels here.
        task: the teacher's `.task` file; None: the emotional pictures are not used.
        folder: for the weights and checkpoints; weights that it holds are not fitted again.
        how: amounts.
        seed: of the weights and of everything drawn.

    Returns:
        Figures on the test persons, ready for JSON.
    """
    pictures = read_pictures(photographs)
    parts = {split: pictures.of(split) for split in (Split.TRAIN, *HELD_OUT)}
    for split, part in parts.items():
        print(f"{split}: {len(part)} pictures of {len(set(part.persons.tolist()))} persons")
    rng = np.random.default_rng(seed)
    ground = _Ground(
        parts,
        Backgrounds(PHOTOGRAPHS, parts[Split.TRAIN], how.stock, rng),
        {
            split: Backgrounds(HELD_OUT_PHOTOGRAPHS, parts[split], how.held_out_stock, rng)
            for split in HELD_OUT
        },
    )
    detector = _detector(ground, folder / DETECTOR_FILE, how, seed)
    student = _student(ground, emotional, task, folder / STUDENT_FILE, how, seed)
    return {**student, "detector": detector}


@dataclass(frozen=True, slots=True)
class _Ground:
    """Photographs by split, and what they are laid on: in training, and where they are judged."""

    parts: dict[Split, FacePictures]
    stock: Backgrounds
    held_out: dict[Split, Backgrounds]


def _detector(ground: _Ground, path: Path, how: FaceFit, seed: int) -> dict[str, Any]:
    """Fit the detector where its file is not there yet; returns what the file is worth."""
    scenes = {
        split: _scenes(ground.parts[split], behind, how)
        for split, behind in ground.held_out.items()
    }
    if not path.is_file():
        torch.manual_seed(seed)
        fitted = fit_detector(
            Stage(ground.parts[Split.TRAIN], ground.stock, np.random.default_rng([seed, 1])),
            scenes[Split.VALIDATION],
            _amounts(DETECTOR_DESCENT, how.detector_epochs, how.batches),
        )
        save_network(fitted, path)
    detector = DetectorNet()
    load_weights(detector, path, "face detector")
    return asdict(judge_detector(detector.eval(), scenes[Split.TEST]))


def _student(
    ground: _Ground,
    emotional: Sequence[Clip],
    task: Path | None,
    path: Path,
    how: FaceFit,
    seed: int,
) -> dict[str, Any]:
    """Fit the student where its file is not there yet; returns what the file is worth."""
    pairs = mirrored_landmarks(ground.parts[Split.TRAIN].points)
    views = {
        split: _views(ground.parts[split], behind, pairs, how)
        for split, behind in ground.held_out.items()
    }
    if not path.is_file():
        faces, share = _drawn_from(ground.parts[Split.TRAIN], emotional, task)
        torch.manual_seed(seed)
        fitted = fit_student(
            faces,
            share,
            ground.stock,
            pairs,
            views[Split.VALIDATION],
            _amounts(STUDENT_DESCENT, how.student_epochs, how.batches),
            seed,
            path.with_name("student.checkpoint"),
        )
        save_network(fitted, path)
    student = StudentNet()
    load_weights(student, path, "face encoder")
    score = judge_student(student.eval(), views[Split.TEST])
    print(f"student, test persons: {score}\n{score.details()}", flush=True)
    return score.figures()


def _drawn_from(
    photographs: FacePictures, emotional: Sequence[Clip], task: Path | None
) -> tuple[FacePictures, NDArray[np.float64]]:
    """Faces that the student learns from, and how often each of them is drawn."""
    if task is None or not emotional:
        return photographs, draw_share([(photographs, 1.0)])
    labelled = taught(emotional, task)
    print(f"{len(labelled)} emotional pictures with a face for the teacher", flush=True)
    return FacePictures.joined([photographs, labelled]), draw_share(
        [(photographs, 1 - EMOTIONAL_SHARE), (labelled, EMOTIONAL_SHARE)]
    )


def _amounts(descent: Descent, epochs: int, batches: int | None) -> Descent:
    return replace(descent, epochs=epochs, batches=batches or descent.batches)


def _scenes(pictures: FacePictures, behind: Backgrounds, how: FaceFit) -> list[Scene]:
    stage = Stage(pictures, behind, np.random.default_rng(0))
    return [stage.scene(stage.size(), index % 2) for index in range(how.scenes)]


def _views(
    pictures: FacePictures, behind: Backgrounds, pairs: NDArray[np.int64], how: FaceFit
) -> list[View]:
    viewer = Viewer(pictures, behind, pairs, np.random.default_rng(0))
    return [viewer.face(index, plain=True) for index in range(len(pictures))] + [
        viewer.no_face() for _ in range(how.faceless)
    ]
