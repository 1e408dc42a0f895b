"""Pictures as the detector will get them: faces of all sizes pasted onto other pictures."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hoovik.face.crop import MARGIN
from hoovik.face.layout import LANDMARK_IDS, eye_line
from training.face.backgrounds import Backgrounds, scrambled
from training.face.paste import paste
from training.face.pictures import FacePictures
from training.face.roughen import roughen

SIZES = ((192, 108), (192, 108), (192, 144), (192, 192), (144, 192))
"""Width and height in pixels of the pictures of a batch, drawn evenly."""
FOREHEAD, CHIN = LANDMARK_IDS.index(10), LANDMARK_IDS.index(152)
SMALLEST, LARGEST = 0.08, 0.95
"""Height of a face, forehead to chin, over that of the picture."""
PORTRAIT = (0.8, 1.1)
"""The same of pictures that were cut to the face."""
PORTRAIT_SHARE = 0.12


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture (H, W) uint8 and the faces in it: (n, 4) centre x, y, side in pixels, roll."""

    picture: NDArray[np.uint8]
    faces: NDArray[np.float64]


class Stage:
    """Makes scenes out of pictures with a face and backgrounds without."""

    def __init__(
        self, pictures: FacePictures, backgrounds: Backgrounds, rng: np.random.Generator
    ) -> None:
        self._pictures = pictures
        self._backgrounds = backgrounds
        self._rng = rng

    def size(self) -> tuple[int, int]:
        """Width and height for a batch of scenes."""
        return SIZES[self._rng.integers(len(SIZES))]

    def scene(self, size: tuple[int, int], n_faces: int | None = None) -> Scene:
        """A scene with a number of faces; None: none to three, mostly one."""
        rng = self._rng
        if n_faces is None:
            n_faces = int(rng.choice(4, p=[0.18, 0.62, 0.14, 0.06]))
        picture = self._backgrounds.draw(*size, rng)
        # A decoy is cut out like a face, so that the seam does not give the face away.
        for _ in range(int(rng.choice(3, p=[0.55, 0.3, 0.15]))):
            picture = self._with_decoy(picture)
        faces: list[tuple[float, float, float, float]] = []
        for _ in range(n_faces):
            picture = self._with_face(picture, faces)
        return Scene(
            roughen(picture, rng, coarsest=0.5), np.array(faces, np.float64).reshape(-1, 4)
        )

    def _with_face(
        self, picture: NDArray[np.uint8], faces: list[tuple[float, float, float, float]]
    ) -> NDArray[np.uint8]:
        rng = self._rng
        index = int(rng.integers(len(self._pictures)))
        image, points = self._pictures.images[index], self._pictures.points[index].astype(float)
        if rng.random() < 0.5:
            # Only outline, size and roll count here, so that left and right may stay swapped.
            image = np.ascontiguousarray(image[:, ::-1])
            points = points * [-1, 1] + [image.shape[1] - 1, 0]
            flip = -1.0
        else:
            flip = 1.0
        matrix = self._place(points, picture.shape)
        placed = points @ matrix[:, :2].T + matrix[:, 2]
        low, high = placed.min(axis=0), placed.max(axis=0)
        x, y = (low + high) / 2
        side = MARGIN * float((high - low).max())
        if any(np.hypot(x - a, y - b) < 0.45 * (side + other) for a, b, other, _ in faces):
            return picture
        roll = eye_line(placed * [flip, 1])[1] * flip
        faces.append((float(x), float(y), side, roll))
        return paste(picture, image, points, matrix, rng)

    def _with_decoy(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        rng = self._rng
        index = int(rng.integers(len(self._pictures)))
        image, points = self._pictures.images[index], self._pictures.points[index].astype(float)
        height, width = image.shape
        if rng.random() < 0.5:
            decoy = cv2.resize(scrambled(image, rng), (width, height))
        else:
            decoy = self._backgrounds.draw(width, height, rng)
        return paste(picture, np.asarray(decoy), points, self._place(points, picture.shape), rng)

    def _place(self, points: NDArray[np.floating], shape: tuple[int, ...]) -> NDArray[np.float64]:
        """Affine (2, 3) that gives a face a size and a place in a picture of a shape."""
        rng = self._rng
        share = np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST)))
        if rng.random() < PORTRAIT_SHARE:
            share = rng.uniform(*PORTRAIT)
        scale = share * shape[0] / float(np.linalg.norm(points[CHIN] - points[FOREHEAD]))
        turn = rng.normal(0, 0.2) if rng.random() < 0.85 else rng.uniform(-0.9, 0.9)
        cosine, sine = scale * np.cos(turn), scale * np.sin(turn)
        linear = np.array([[cosine, -sine], [sine, cosine]])
        inset = min(0.3 * share * shape[0], shape[1] / 2 - 1, shape[0] / 2 - 1)
        centre = rng.uniform(inset, shape[1] - inset), rng.uniform(inset, shape[0] - inset)
        middle = (points.min(axis=0) + points.max(axis=0)) / 2
        return np.column_stack([linear, centre - linear @ middle])
