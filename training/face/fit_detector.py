from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from hoovik.face.network import STRIDE, DetectorNet
from training.face.descent import Descent, descend
from training.face.evaluate import judge_detector
from training.face.scenes import Scene, Stage

DETECTOR_DESCENT = Descent(epochs=16, batches=60, batch=32, learning_rate=3e-3)
FACE_PRIOR = 0.02
"""Share of cells with a face that the untrained detector expects, for focal loss to start calm."""


@dataclass(frozen=True, slots=True)
class SceneBatch:
    """Scenes as tensors.

    Attributes:
        pictures: (N, H, W) float32.
        heat: (N, h, w) 1 at a face's centre, falling off around it.
        place: (N, 5, h, w) shift x and y, logarithm of the side, cosine and sine of the roll.
    """

    pictures: Tensor
    heat: Tensor
    place: Tensor


def fit_detector(stage: Stage, validation: list[Scene], how: Descent) -> DetectorNet:
    """Train a detector; random weights come from torch's generator."""
    network = DetectorNet()
    with torch.no_grad():
        network.head[-1].get_parameter("bias").copy_(
            torch.tensor([np.log(FACE_PRIOR / (1 - FACE_PRIOR)), 0.0, 0.0, 1.5, 1.0, 0.0])
        )

    def epoch(_number: int) -> Iterator[SceneBatch]:
        for _ in range(how.batches):
            size = stage.size()
            yield to_tensors([stage.scene(size) for _ in range(how.batch)])

    return descend(
        network, epoch, _loss, how, lambda detector: str(judge_detector(detector, validation))
    )


def to_tensors(scenes: list[Scene]) -> SceneBatch:
    """Stack scenes of one size."""
    shape = scenes[0].picture.shape
    targets = [_targets(scene.faces, shape) for scene in scenes]
    return SceneBatch(
        torch.from_numpy(np.stack([scene.picture for scene in scenes])).float(),
        torch.from_numpy(np.stack([heat for heat, _ in targets])),
        torch.from_numpy(np.stack([place for _, place in targets])),
    )


def _targets(
    faces: NDArray[np.float64], shape: tuple[int, ...]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    rows, columns = -(-shape[0] // STRIDE), -(-shape[1] // STRIDE)
    heat = np.zeros((rows, columns), np.float32)
    place = np.zeros((5, rows, columns), np.float32)
    row, column = np.mgrid[:rows, :columns]
    for x, y, side, roll in faces:
        shift_x, shift_y = x / STRIDE - column, y / STRIDE - row
        width = max(0.7, 0.07 * side / STRIDE)
        here = np.exp(-(shift_x**2 + shift_y**2) / (2 * width**2))
        nearest = np.hypot(shift_x, shift_y).argmin()
        here.flat[nearest] = 1.0
        own = here > heat
        heat = np.where(own, here, heat).astype(np.float32)
        log_side = np.full_like(here, np.log(side / STRIDE))
        turned = np.cos(roll) * np.ones_like(here), np.sin(roll) * np.ones_like(here)
        place = np.where(own, [shift_x, shift_y, log_side, *turned], place).astype(np.float32)
    return heat, place


def _loss(network: DetectorNet, batch: SceneBatch) -> Tensor:
    """Penalty-reduced focal loss (Law & Deng 2018, "CornerNet") and L1 near the centres."""
    cells = network(batch.pictures)
    logit = cells.heat.float()
    score = logit.sigmoid()
    centre = (batch.heat == 1).float()
    found = centre * (1 - score).square() * functional.logsigmoid(logit)
    elsewhere = (1 - centre) * (1 - batch.heat) ** 4 * score.square()
    n_faces = centre.sum().clamp_min(1)
    heat: Tensor = -(found + elsewhere * functional.logsigmoid(-logit)).sum() / n_faces
    answer = torch.cat((cells.shift, cells.side[:, None], cells.roll), dim=1).float()
    near = torch.where(batch.heat > 0.3, batch.heat, 0.0)[:, None]
    # A shift counts relative to the face: a cell is much for a small one, nothing for a large one.
    scale = torch.ones_like(batch.place)
    scale[:, :2] = (3.0 / batch.place[:, 2:3].exp()).clamp(0.2, 1.5)
    place = ((answer - batch.place).abs() * scale * near).sum() / near.sum().clamp_min(1)
    return heat + place
