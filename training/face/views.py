"""Crops as the student will get them: around faces, beside them, and where no face is."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hoovik.face.crop import crop_matrix, track_of
from hoovik.face.encoder import FaceTrack
from hoovik.face.pose import turn_pose
from hoovik.face.student import VIEW
from hoovik.face.student_network import CROP_PX
from hoovik.layout import N_BLENDSHAPES, N_LANDMARKS, N_POSE
from training.face.backgrounds import Backgrounds, scrambled
from training.face.mirror import mirrored_blendshapes
from training.face.paste import paste
from training.face.pictures import FacePictures
from training.face.roughen import occlude, roughen

COARSE_SHARE = 0.25
"""Of the crops with a face: placed as roughly as a moving head or a first box would."""


@dataclass(frozen=True, slots=True)
class View:
    """One crop and what the student should say of it.

    Attributes:
        crop: (128, 128) uint8.
        points: (136, 2) fractions of the crop's side.
        known: (136,) 1 where a landmark is known, 0 elsewhere.
        blendshapes: (51,) in 0 to 1.
        pose: (3,) radians, of the crop.
        present: 1 with a face, 0 without; then nothing else counts.
    """

    crop: NDArray[np.uint8]
    points: NDArray[np.float32]
    known: NDArray[np.float32]
    blendshapes: NDArray[np.float32]
    pose: NDArray[np.float32]
    present: float


class Viewer:
    """Draws views of pictures.

    Args:
        pictures: with faces.
        backgrounds: without.
        pairs: (136,) counterparts in a mirror, as `mirrored_landmarks`.
        rng: draws.
    """

    def __init__(
        self,
        pictures: FacePictures,
        backgrounds: Backgrounds,
        pairs: NDArray[np.int64],
        rng: np.random.Generator,
    ) -> None:
        self._pictures = pictures
        self._backgrounds = backgrounds
        self._pairs = pairs
        self._blendshape_pairs = mirrored_blendshapes()
        self._rng = rng

    def face(self, index: int, *, plain: bool = False) -> View:
        """A view of a face; `plain` is for judging: no mirror and no rough handling."""
        rng, pictures = self._rng, self._pictures
        picture, points = pictures.images[index], pictures.points[index].astype(np.float64)
        blendshapes, pose = pictures.blendshapes[index], pictures.pose[index]
        known = np.ones(N_LANDMARKS, np.float32)
        if not plain and rng.random() < 0.5:
            picture = np.ascontiguousarray(picture[:, ::-1])
            points = points * [-1, 1] + [picture.shape[1] - 1, 0]
            # What has no counterpart stays where it is: part of the outline, but no target.
            known = (self._pairs >= 0).astype(np.float32)
            points = np.where(known[:, None] > 0, points[self._pairs], points)
            blendshapes = blendshapes[self._blendshape_pairs]
            pose = pose * [1, -1, -1]
        height, width = picture.shape
        track = self._shaken(track_of(points, width, height), coarse=COARSE_SHARE)
        crop, matrix = self._cut(picture, points, track)
        if not plain:
            if rng.random() < 0.08:
                crop = occlude(crop, self._backgrounds.draw(CROP_PX, CROP_PX, rng), rng)
            crop = roughen(crop, rng)
        placed = points @ matrix[:, :2].T + matrix[:, 2]
        return View(
            crop,
            (placed / CROP_PX).astype(np.float32),
            known,
            blendshapes,
            turn_pose(pose, -track.roll),
            1.0,
        )

    def no_face(self) -> View:
        """A view without a face, or of one that lies far off the crop."""
        rng, pictures = self._rng, self._pictures
        index = int(rng.integers(len(pictures)))
        picture, points = pictures.images[index], pictures.points[index].astype(np.float64)
        height, width = picture.shape
        track = track_of(points, width, height)
        chance = rng.random()
        if chance < 0.3:
            crop = self._backgrounds.draw(CROP_PX, CROP_PX, rng)
        elif chance < 0.85:
            crop, _ = self._cut(picture, points, self._lost(track))
        else:
            crop, _ = self._cut(
                scrambled(picture, rng)[:height, :width], points, self._shaken(track, coarse=0.5)
            )
        return View(
            roughen(crop, rng),
            np.zeros((N_LANDMARKS, 2), np.float32),
            np.zeros(N_LANDMARKS, np.float32),
            np.zeros(N_BLENDSHAPES, np.float32),
            np.zeros(N_POSE, np.float32),
            0.0,
        )

    def _cut(
        self, picture: NDArray[np.uint8], points: NDArray[np.floating], track: FaceTrack
    ) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
        height, width = picture.shape
        matrix = crop_matrix(replace(track, side=VIEW * track.side), width, height, CROP_PX)
        canvas = self._backgrounds.draw(CROP_PX, CROP_PX, self._rng)
        return paste(canvas, picture, points, matrix, self._rng), matrix

    def _shaken(self, track: FaceTrack, *, coarse: float) -> FaceTrack:
        rng = self._rng
        if rng.random() < coarse:
            shift = rng.uniform(-0.2, 0.2, 2)
            scale, turn = rng.uniform(np.log(0.55), np.log(1.6)), rng.uniform(-0.8, 0.8)
        else:
            shift = np.clip(rng.normal(0, 0.05, 2), -0.2, 0.2)
            scale, turn = np.clip(rng.normal(0, 0.1), -0.4, 0.4), rng.normal(0, 0.08)
        return self._moved(track, shift, float(scale), float(turn))

    def _lost(self, track: FaceTrack) -> FaceTrack:
        """A track that has left its face, or is far too large or too small for it."""
        rng = self._rng
        chance = rng.random()
        scale, reach = rng.normal(0, 0.3), rng.uniform(0.55, 1.2)
        if chance < 0.2:
            scale, reach = rng.uniform(np.log(2.8), np.log(6)), rng.uniform(0, 1.0)
        elif chance < 0.45:
            scale, reach = rng.uniform(np.log(0.12), np.log(0.36)), rng.uniform(0, 0.45)
        direction = rng.uniform(0, 2 * np.pi)
        shift = reach * np.array([np.cos(direction), np.sin(direction)])
        if chance > 0.45:  # the longer the crop's side, the further off the face must be
            shift = shift * max(1.0, float(np.exp(scale)))
        return self._moved(track, shift, float(scale), float(rng.normal(0, 0.4)))

    def _moved(
        self, track: FaceTrack, shift: NDArray[np.float64], scale: float, turn: float
    ) -> FaceTrack:
        """Shift in sides, scale as a logarithm, turn in radians."""
        return FaceTrack(
            cx=track.cx + float(shift[0]) * track.side,
            cy=track.cy + float(shift[1]) * track.side,
            side=track.side * float(np.exp(scale)),
            roll=track.roll + turn,
        )
