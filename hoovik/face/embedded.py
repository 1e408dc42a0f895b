from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from hoovik.compiled import channels_last, compiled
from hoovik.face.crop import track_of
from hoovik.face.detector import find_faces
from hoovik.face.encoder import FaceReading, FaceTrack, Sight
from hoovik.face.expression import Expression, ExpressionNet, compiled_expression, expressions
from hoovik.face.layout import layout_vector
from hoovik.face.network import DetectorNet
from hoovik.face.quality import judged
from hoovik.face.student import Look, look
from hoovik.face.student_network import CROP_PX, StudentNet
from hoovik.weights import load_weights

FAR_SHIFT = 0.12
"""Of the track's side: a face further from the crop's centre is looked at again."""
FAR_SCALE = 1.25
FAR_ROLL = 0.2

GREY_DIMS = 2

Picture = NDArray[np.uint8]

SURE = 20.0
"""A logit that nothing outweighs."""


class EmbeddedFaceEncoder:
    """Small networks whose weights ship with the project: one finds a face, one reads it.

    The second learned from MediaPipe FaceLandmarker. A third, which a bundle may lack, tells the
    emotion that the face shows. Weights are stored as float16 and computed with as float32.
    """

    name = "embedded"
    colour = False

    def __init__(
        self, detector: DetectorNet, student: StudentNet, expression: ExpressionNet | None = None
    ) -> None:
        self._detector = channels_last(detector.eval())
        self._student = compiled_student(student)
        self._expression: Expression | None = expression and compiled_expression(expression)

    @classmethod
    def from_files(cls, detector: Path, student: Path, expression: Path | None = None) -> Self:
        """Load the weights of the networks from safetensors files.

        Args:
            detector: finds a face.
            student: reads it.
            expression: tells the emotion that it shows; None: readings have no expression.

        Raises:
            BundleError: no such file, no safetensors, or tensors of another network.
        """
        networks = DetectorNet(), StudentNet()
        load_weights(networks[0], detector, "face detector")
        load_weights(networks[1], student, "face encoder")
        if expression is None:
            return cls(*networks)
        third = ExpressionNet()
        load_weights(third, expression, "expression encoder")
        return cls(*networks, third)

    @classmethod
    def untrained(cls, seed: int) -> Self:
        """Random weights of the shipped shapes, which see a face wherever they look.

        A benchmark would otherwise search every picture anew and never hand a face on.
        """
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            detector, student, expression = DetectorNet(), StudentNet(), ExpressionNet()
        nn.init.constant_(student.presence.bias, SURE)
        return cls(detector, student, expression)

    def encode(self, image: Picture, track: FaceTrack | None) -> FaceReading | None:
        """Read the face in a (H, W, 3) RGB or (H, W) grey uint8 image; None where there is none."""
        (reading,) = self.encode_all([(image, track)])
        return reading

    def encode_all(self, sights: Sequence[Sight]) -> list[FaceReading | None]:
        """The same of several images, whose tracks are followed in one batch."""
        greys = [_grey(image) for image, _ in sights]
        tracks = {row: track for row, (_, track) in enumerate(sights) if track is not None}
        seen = self._look(greys, tracks)
        places = {row: _track(one, greys[row]) for row, one in seen.items()}
        far = {
            row: place
            for row, place in places.items()
            if _is_far(place, tracks[row], _aspect(greys[row]))
        }
        seen = {row: one for row, one in seen.items() if row not in far} | self._look(greys, far)
        found = [seen[row] if row in seen else self._search(grey) for row, grey in enumerate(greys)]
        shown = iter(self._expressions([one.view for one in found if one is not None]))
        return [
            None if one is None else judged(_reading(one, grey, next(shown)), grey, track)
            for one, grey, (_, track) in zip(found, greys, sights, strict=True)
        ]

    def _look(self, greys: Sequence[Picture], tracks: Mapping[int, FaceTrack]) -> dict[int, Look]:
        """The faces around tracks, by the rows of their pictures; without those that are gone."""
        looks = look(self._student, [(greys[row], track) for row, track in tracks.items()])
        return {row: one for row, one in zip(tracks, looks, strict=True) if one is not None}

    def _expressions(self, views: Sequence[Picture]) -> list[NDArray[np.float32] | None]:
        if self._expression is None:
            return [None] * len(views)
        return [*expressions(self._expression, views)]

    def _search(self, grey: Picture) -> Look | None:
        for found in find_faces(self._detector, grey):
            (seen,) = look(self._student, [(grey, found)])
            if seen is not None:
                # A found face is placed roughly; what counts is what its own crop shows.
                (seen,) = look(self._student, [(grey, _track(seen, grey))])
            if seen is not None:
                return seen
        return None


def compiled_student(student: StudentNet) -> torch.jit.ScriptModule:
    """The student for inference, its normalisation folded into its convolutions.

    With the channels last: so few pixels go to torch's plainest code, which is faster that way, and
    faster than what it has for many.
    """
    crop = torch.zeros(1, CROP_PX, CROP_PX)
    return compiled(channels_last(student), crop, rearrange=False)


def _grey(image: Picture) -> Picture:
    return image if image.ndim == GREY_DIMS else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))


def _aspect(picture: Picture) -> float:
    return float(picture.shape[0] / picture.shape[1])


def _track(seen: Look, picture: Picture) -> FaceTrack:
    return track_of(seen.points_px, picture.shape[1], picture.shape[0])


def _reading(seen: Look, picture: Picture, expression: NDArray[np.float32] | None) -> FaceReading:
    return FaceReading(
        layout_vector(seen.points_px, seen.blendshapes, seen.pose),
        _track(seen, picture),
        expression,
    )


def _is_far(at: FaceTrack, track: FaceTrack, aspect: float) -> bool:
    """Whether a face lies so far from where it was looked for that a second look pays."""
    shift = np.hypot(at.cx - track.cx, (at.cy - track.cy) * aspect) / max(track.side, 1e-9)
    scale = abs(np.log(max(at.side, 1e-9) / max(track.side, 1e-9)))
    turn = abs(np.sin((at.roll - track.roll) / 2)) * 2
    return bool(shift > FAR_SHIFT or scale > np.log(FAR_SCALE) or turn > FAR_ROLL)
