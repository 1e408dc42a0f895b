import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hoovik.face.layout import LEFT_EYE_CORNER, RIGHT_EYE_CORNER, normalise_landmarks

MODES = 48


def whitening(points: NDArray[np.floating]) -> Tensor:
    """Principal modes (272, 48) of faces (N, 136, 2) in pixels, each over its own deviation.

    A blink moves few landmarks by a little, a turned head all of them by much. Seen through this,
    both count alike.
    """
    shapes = np.array([normalise_landmarks(one) for one in points]).reshape(len(points), -1, 2)
    shapes -= shapes.mean(axis=1, keepdims=True)
    flat = shapes.reshape(len(points), -1)
    centred = flat - flat.mean(axis=0)
    variance, modes = np.linalg.eigh(centred.T @ centred / len(centred))
    return torch.from_numpy((modes / np.sqrt(variance.clip(1e-12)))[:, ::-1][:, :MODES].copy())


def shape_error(answer: Tensor, points: Tensor, known: Tensor, modes: Tensor) -> Tensor:
    """Distance (N,) of landmarks (N, 136, 2) from the true ones in deviations of a mode.

    Args:
        answer: of the student.
        points: true.
        known: (N, 136) 1 or 0; what is unknown is taken to be right.
        modes: (272, k) as `whitening`.
    """
    eyes = points[:, LEFT_EYE_CORNER] - points[:, RIGHT_EYE_CORNER]
    distance = eyes.norm(dim=1).clamp_min(0.1)
    cosine, sine = (eyes / distance[:, None]).unbind(dim=1)
    level = torch.stack((cosine, -sine, sine, cosine), dim=1).view(-1, 2, 2)
    error = (answer - points) * known[..., None]
    error = (error - error.mean(dim=1, keepdim=True)) @ level / distance[:, None, None]
    deviations: Tensor = error.flatten(1) @ modes
    return deviations.abs().mean(dim=1)
