from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hoovik.face.crop import back_to_picture, crop, crop_matrix
from hoovik.face.encoder import FaceTrack
from hoovik.face.pose import turn_pose
from hoovik.face.student_network import CROP_PX, Answer

VIEW = 0.9
"""Side of the student's crop over the track's: what lies around the face tells little of it."""
LEAST_PRESENCE = 0.5
MOST_OVERSAMPLING = 8


Student = Callable[[Tensor], Answer]
"""A StudentNet, compiled or not."""


@dataclass(frozen=True, slots=True)
class Look:
    """A face as the student saw it.

    Attributes:
        points_px: (136, 2) float64 landmarks in pixels of the picture.
        blendshapes: (51,) float32 in 0 to 1.
        pose: (3,) float32 pitch, yaw, roll in radians, of the picture.
        view: (128, 128) uint8, the crop that it was seen in.
    """

    points_px: NDArray[np.float64]
    blendshapes: NDArray[np.float32]
    pose: NDArray[np.float32]
    view: NDArray[np.uint8]


def look(
    network: Student, places: Sequence[tuple[NDArray[np.uint8], FaceTrack]]
) -> list[Look | None]:
    """Read the crops around tracks in (H, W) uint8 pictures; None where one shows no face."""
    if not places:
        return []
    views, matrices = zip(*(upright_view(grey, track) for grey, track in places), strict=True)
    with torch.inference_mode():
        answer = Answer(*network(torch.from_numpy(np.stack(views).astype(np.float32))))
        presence = answer.presence.sigmoid().numpy()
        points = answer.points.numpy().astype(np.float64) * CROP_PX
        blendshapes, poses = answer.blendshapes.sigmoid().numpy(), answer.pose.numpy()
    return [
        Look(
            back_to_picture(points[row], matrices[row]),
            blendshapes[row],
            turn_pose(poses[row], track.roll),
            views[row],
        )
        if presence[row] >= LEAST_PRESENCE
        else None
        for row, (_, track) in enumerate(places)
    ]


def upright_view(
    grey: NDArray[np.uint8], track: FaceTrack
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The student's crop (128, 128) of a (H, W) picture, and the matrix (2, 3) that led to it.

    A large face is cut at a multiple of the crop's size and averaged down: taking single pixels
    out of it would leave steps where the student expects lines.
    """
    height, width = grey.shape
    framed = replace(track, side=VIEW * track.side)
    matrix = crop_matrix(framed, width, height, CROP_PX)
    times = int(np.clip(np.ceil(framed.side * width / CROP_PX - 0.5), 1, MOST_OVERSAMPLING))
    if times == 1:
        return crop(grey, matrix, CROP_PX), matrix
    fine = crop(grey, crop_matrix(framed, width, height, times * CROP_PX), times * CROP_PX)
    view = cv2.resize(fine, (CROP_PX, CROP_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(view, np.uint8), matrix
