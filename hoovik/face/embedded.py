import warnings
from pathlib import Path
from typing import Self

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from hoovik.face.crop import track_of
from hoovik.face.detector import find_faces
from hoovik.face.encoder import FaceReading, FaceTrack
from hoovik.face.layout import layout_vector
from hoovik.face.network import DetectorNet
from hoovik.face.student import Look, look
from hoovik.face.student_network import CROP_PX, StudentNet
from hoovik.weights import load_weights

FAR_SHIFT = 0.12
"""Of the track's side: a face further from the crop's centre is looked at again."""
FAR_SCALE = 1.25
FAR_ROLL = 0.2

WARM_UP = 3
"""Calls that a compiled network takes to settle."""

SURE = 20.0
"""A logit that nothing outweighs."""


class EmbeddedFaceEncoder:
    """Two small networks whose weights ship with the project: one finds a face, one reads it.

    The second learned from MediaPipe FaceLandmarker. Weights are stored as float16 and computed
    with as float32.
    """

    name = "embedded"

    def __init__(self, detector: DetectorNet, student: StudentNet) -> None:
        self._detector = detector.eval()
        self._student = compiled_student(student)

    @classmethod
    def from_files(cls, detector: Path, student: Path) -> Self:
        """Load the weights of both networks from safetensors files.

        Raises:
            BundleError: no such file, no safetensors, or tensors of another network.
        """
        networks = DetectorNet(), StudentNet()
        load_weights(networks[0], detector, "face detector")
        load_weights(networks[1], student, "face encoder")
        return cls(*networks)

    @classmethod
    def untrained(cls, seed: int) -> Self:
        """Random weights of the shipped shapes, which see a face wherever they look.

        A benchmark would otherwise search every picture anew and never hand a face on.
        """
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            detector, student = DetectorNet(), StudentNet()
        nn.init.constant_(student.presence.bias, SURE)
        return cls(detector, student)

    def encode(self, image: NDArray[np.uint8], track: FaceTrack | None) -> FaceReading | None:
        """Read the face in a (H, W, 3) uint8 RGB image; None where there is none."""
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
        height, width = grey.shape
        if track is not None:
            seen = look(self._student, grey, track)
            if seen is not None:
                at = track_of(seen.points_px, width, height)
                if _is_far(at, track, height / width):
                    seen = look(self._student, grey, at)
                if seen is not None:
                    return _reading(seen, width, height)
        for found in find_faces(self._detector, grey):
            seen = look(self._student, grey, found)
            if seen is not None:
                # A found face is placed roughly; what counts is what its own crop shows.
                seen = look(self._student, grey, track_of(seen.points_px, width, height))
            if seen is not None:
                return _reading(seen, width, height)
        return None


def compiled_student(student: StudentNet) -> torch.jit.ScriptModule:
    """The student for one crop at a time, its normalisation folded into its convolutions.

    Left to itself, torch sends convolutions of so little to its slowest code.
    """
    crop = torch.zeros(1, CROP_PX, CROP_PX)
    with torch.inference_mode(), warnings.catch_warnings():
        # Their successor wants a C++ compiler on every machine that serves; and the sizes that
        # tracing takes for constants are constant.
        warnings.simplefilter("ignore")
        traced = torch.jit.freeze(torch.jit.trace(student.eval(), crop))
        compiled: torch.jit.ScriptModule = torch.jit.optimize_for_inference(traced)
        for _ in range(WARM_UP):
            compiled(crop)
    return compiled


def _reading(seen: Look, width: int, height: int) -> FaceReading:
    return FaceReading(
        layout_vector(seen.points_px, seen.blendshapes, seen.pose),
        track_of(seen.points_px, width, height),
    )


def _is_far(at: FaceTrack, track: FaceTrack, aspect: float) -> bool:
    """Whether a face lies so far from where it was looked for that a second look pays."""
    shift = np.hypot(at.cx - track.cx, (at.cy - track.cy) * aspect) / max(track.side, 1e-9)
    scale = abs(np.log(max(at.side, 1e-9) / max(track.side, 1e-9)))
    turn = abs(np.sin((at.roll - track.roll) / 2)) * 2
    return bool(shift > FAR_SHIFT or scale > np.log(FAR_SCALE) or turn > FAR_ROLL)
