from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, Subset

from hoovik.face.layout import LANDMARK_IDS, LEFT_EYE_CORNER, RIGHT_EYE_CORNER
from hoovik.face.student_network import StudentNet
from training.face.backgrounds import Backgrounds
from training.face.descent import Descent, descend
from training.face.evaluate import judge_student
from training.face.pictures import FacePictures
from training.face.shape import shape_error, whitening
from training.face.views import View, Viewer

STUDENT_DESCENT = Descent(
    epochs=100,
    batches=130,
    batch=64,
    learning_rate=2e-3,
    slow=("coarse", "mending", "pose"),
    slow_factor=0.3,
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
    share: NDArray[np.float64],
    backgrounds: Backgrounds,
    pairs: NDArray[np.int64],
    validation: list[View],
    how: Descent,
    seed: int,
    checkpoint: Path | None = None,
) -> StudentNet:
    """Train a student from random weights of torch's generator.

    Args:
        pictures: with faces.
        share: (N,) how often each of them is drawn, as `draw_share`.
        backgrounds: without faces.
        pairs: (136,) counterparts in a mirror, as `mirrored_landmarks`.
        validation: views of other persons, for the reports.
        how: the schedule.
        seed: of the views.
        checkpoint: see `descend`.
    """
    weights = torch.from_numpy(_blendshape_weights(pictures.blendshapes))
    modes = whitening(pictures.points)
    views = _ViewBatches(pictures, share, backgrounds, pairs, how, seed)

    def epoch(number: int) -> Iterator[ViewBatch]:
        first = (number - 1) * how.batches
        # The views of the next batches are drawn in another process while this one learns.
        loader = DataLoader(
            Subset(views, range(first, first + how.batches)), None, num_workers=1, prefetch_factor=4
        )
        yield from loader

    return descend(
        _from_mean(views),
        epoch,
        lambda student, batch: _loss(student, batch, weights, modes),
        how,
        lambda student: str(judge_student(student, validation)),
        checkpoint,
    )


class _ViewBatches(Dataset[ViewBatch]):
    """Batches of views, each made from its own number alone, in whatever process."""

    def __init__(
        self,
        pictures: FacePictures,
        share: NDArray[np.float64],
        backgrounds: Backgrounds,
        pairs: NDArray[np.int64],
        how: Descent,
        seed: int,
    ) -> None:
        self.pictures = pictures
        self._share = share
        self._backgrounds = backgrounds
        self._pairs = pairs
        self._how = how
        self._seed = seed

    def __len__(self) -> int:
        return self._how.epochs * self._how.batches

    def __getitem__(self, number: int) -> ViewBatch:
        cv2.setNumThreads(1)
        rng = np.random.default_rng([self._seed, number])
        viewer = self.viewer(rng)
        faces = rng.choice(len(self.pictures), self._how.batch, p=self._share)
        faceless = rng.random(self._how.batch) < FACELESS_SHARE
        return to_tensors(
            [
                viewer.no_face() if none else viewer.face(int(index))
                for index, none in zip(faces, faceless, strict=True)
            ]
        )

    def viewer(self, rng: np.random.Generator) -> Viewer:
        """Draws views of the pictures."""
        return Viewer(self.pictures, self._backgrounds, self._pairs, rng)


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
    coarse = (answer.coarse.float() - batch.points).abs().sum(dim=2) / scale * batch.known
    blendshapes = functional.binary_cross_entropy_with_logits(
        answer.blendshapes.float(), batch.blendshapes, reduction="none"
    )
    pose = functional.smooth_l1_loss(
        answer.pose.float(), batch.pose, reduction="none", beta=0.05
    ).mean(dim=1)
    presence = functional.binary_cross_entropy_with_logits(answer.presence.float(), present)
    face: Tensor = 5 * points + 3 * coarse.mean(dim=1) + shape + 4 * pose
    face = face + 6 * (blendshapes * weights).mean(dim=1)
    return (face * present).sum() / n_faces + 0.7 * presence


def _from_mean(views: _ViewBatches) -> StudentNet:
    """Student that begins at the mean face, so that it learns what differs from it."""
    network, pictures = StudentNet(), views.pictures
    viewer = views.viewer(np.random.default_rng(0))
    indices = np.linspace(0, len(pictures) - 1, 200).astype(int)
    points = np.mean([viewer.face(int(index), plain=True).points for index in indices], axis=0)
    mean = pictures.blendshapes.mean(axis=0).clip(1e-4, 1 - 1e-4)
    with torch.no_grad():
        network.coarse.weight *= 0.3
        network.mending.weight *= 0.3
        network.mending.bias.zero_()
        network.coarse.bias.copy_(torch.from_numpy(points.ravel()))
        network.blendshapes.bias.copy_(torch.from_numpy(np.log(mean / (1 - mean))))
    return network


def _blendshape_weights(blendshapes: NDArray[np.float32]) -> NDArray[np.float32]:
    """(51,) so that what a blendshape's own changes can cost is alike for all of them."""
    mean = blendshapes.mean(axis=0)
    variance = blendshapes.var(axis=0) + DEVIATION_FLOOR**2
    return np.asarray(np.clip(mean * (1 - mean) / variance, 1.0, 10.0), np.float32)


def draw_share(parts: list[tuple[FacePictures, float]]) -> NDArray[np.float64]:
    """(N,) how often each picture of some parts is drawn, each part with a share of its own."""
    return np.concatenate([share * _share(pictures) for pictures, share in parts])


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
    return np.asarray(capped / capped.sum(), np.float64)
