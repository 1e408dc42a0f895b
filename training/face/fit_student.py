from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from hoovik.face.layout import LANDMARK_IDS, LEFT_EYE_CORNER, RIGHT_EYE_CORNER
from hoovik.face.network import StudentNet
from training.face.descent import Descent, descend
from training.face.evaluate import judge_student
from training.face.pictures import FacePictures
from training.face.shape import shape_error, whitening
from training.face.views import View, Viewer

STUDENT_DESCENT = Descent(
    epochs=60, batches=130, batch=64, learning_rate=2e-3, slow=("points", "pose"), slow_factor=0.3
)
FACELESS_SHARE = 0.2
DEVIATION_FLOOR = 0.01
"""Of a blendshape over the training pictures; some of MediaPipe's hardly ever move."""
FINE_POINTS = slice(LANDMARK_IDS.index(33), LANDMARK_IDS.index(70))
"""The eyelids: a blink is a matter of few pixels."""


@dataclass(frozen=True, slots=True)
class ViewBatch:
    """Views as tensors; see `View`."""

    crops: Tensor
    points: Tensor
    known: Tensor
    blendshapes: Tensor
    pose: Tensor
    present: Tensor


def fit_student(
    pictures: FacePictures,
    viewer: Viewer,
    validation: list[View],
    how: Descent,
    rng: np.random.Generator,
    start: StudentNet | None = None,
) -> StudentNet:
    """Train a student, from a start or from random weights of torch's generator."""
    network = start or _from_mean(pictures, viewer)
    share = _share(pictures)
    weights = torch.from_numpy(_blendshape_weights(pictures.blendshapes))
    modes = whitening(pictures.points)

    def epoch() -> Iterator[ViewBatch]:
        for _ in range(how.batches):
            yield to_tensors(
                [
                    viewer.no_face()
                    if rng.random() < FACELESS_SHARE
                    else viewer.face(int(rng.choice(len(pictures), p=share)))
                    for _ in range(how.batch)
                ]
            )

    return descend(
        network,
        epoch,
        lambda student, batch: _loss(student, batch, weights, modes),
        how,
        lambda student: str(judge_student(student, validation)),
    )


def to_tensors(views: list[View]) -> ViewBatch:
    """Stack views."""
    return ViewBatch(
        torch.from_numpy(np.stack([view.crop for view in views])).float(),
        *(
            torch.from_numpy(np.stack([getattr(view, name) for view in views]).astype(np.float32))
            for name in ("points", "known", "blendshapes", "pose", "present")
        ),
    )


def _loss(network: StudentNet, batch: ViewBatch, weights: Tensor, modes: Tensor) -> Tensor:
    answer = network(batch.crops)
    present = batch.present
    n_faces = present.sum().clamp_min(1)
    eyes = batch.points[:, LEFT_EYE_CORNER] - batch.points[:, RIGHT_EYE_CORNER]
    # A head in profile has its eyes close together, and should not count for more.
    scale = eyes.norm(dim=1).clamp_min(0.2)[:, None]
    distance = (answer.points.float() - batch.points).abs().sum(dim=2) / scale
    importance = torch.ones(distance.shape[1])
    importance[FINE_POINTS] = 2.0
    known = batch.known * importance
    points = (distance * known).sum(dim=1) / known.sum(dim=1).clamp_min(1)
    with torch.autocast("cpu", enabled=False):
        shape = shape_error(answer.points.float(), batch.points, batch.known, modes)
    blendshapes = functional.binary_cross_entropy_with_logits(
        answer.blendshapes.float(), batch.blendshapes, reduction="none"
    )
    pose = functional.smooth_l1_loss(
        answer.pose.float(), batch.pose, reduction="none", beta=0.05
    ).mean(dim=1)
    presence = functional.binary_cross_entropy_with_logits(answer.presence.float(), present)
    face = 5 * points + shape + 4 * (blendshapes * weights).mean(dim=1) + 4 * pose
    return (face * present).sum() / n_faces + 0.7 * presence


def _from_mean(pictures: FacePictures, viewer: Viewer) -> StudentNet:
    """Student that begins at the mean face, so that it learns what differs from it."""
    network = StudentNet()
    indices = np.linspace(0, len(pictures) - 1, 200).astype(int)
    points = np.mean([viewer.face(int(index), plain=True).points for index in indices], axis=0)
    mean = pictures.blendshapes.mean(axis=0).clip(1e-4, 1 - 1e-4)
    with torch.no_grad():
        network.points.weight *= 0.3
        network.points.bias.copy_(torch.from_numpy(points.ravel()))
        network.blendshapes.bias.copy_(torch.from_numpy(np.log(mean / (1 - mean))))
    return network


def _blendshape_weights(blendshapes: NDArray[np.float32]) -> NDArray[np.float32]:
    """(51,) so that what a blendshape's own changes can cost is alike for all of them."""
    mean = blendshapes.mean(axis=0)
    variance = blendshapes.var(axis=0) + DEVIATION_FLOOR**2
    return np.clip(mean * (1 - mean) / variance, 1.0, 10.0).astype(np.float32)


def _share(pictures: FacePictures) -> NDArray[np.float64]:
    """(N,) how often each picture is drawn: more where a face does something rare."""
    blendshapes = pictures.blendshapes
    deviation = blendshapes.std(axis=0) + DEVIATION_FLOOR
    unusual = np.clip((blendshapes - blendshapes.mean(axis=0)) / deviation, 0, 5)
    turned = np.abs(pictures.pose).max(axis=1) / np.abs(pictures.pose).max(axis=1).std()
    _, person, counts = np.unique(pictures.persons, return_inverse=True, return_counts=True)
    # Some persons have hundreds of pictures; their faces are not the world's.
    weight = (0.3 + np.square(unusual).mean(axis=1) + 0.3 * turned) / np.sqrt(counts[person])
    capped = np.minimum(weight, 6 * np.median(weight)).astype(np.float64)
    return capped / capped.sum()
