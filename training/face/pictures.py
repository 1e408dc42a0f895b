import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hoovik.face.layout import BLENDSHAPE_NAMES, LANDMARK_IDS, pose_angles
from training.corpora.packed import read_packed, unsqueezed
from training.splits import Split, face_split

TRAILING_NUMBER = re.compile(r"_\d+$")


@dataclass(frozen=True, slots=True)
class FacePictures:
    """Photographs of one face each, and what the teacher saw on their originals.

    Attributes:
        images: N pictures (h, w) uint8, grey, in the aspect ratio of the original.
        points: (N, 136, 2) float32 landmarks in pixels of these.
        blendshapes: (N, 51) float32 in 0 to 1.
        pose: (N, 3) float32 pitch, yaw, roll in radians.
        persons: (N,) names.
    """

    images: list[NDArray[np.uint8]]
    points: NDArray[np.float32]
    blendshapes: NDArray[np.float32]
    pose: NDArray[np.float32]
    persons: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.images)

    @classmethod
    def joined(cls, parts: "list[FacePictures]") -> "FacePictures":
        """Some sets as one, in their order."""
        return cls(
            [image for part in parts for image in part.images],
            *(
                np.concatenate([getattr(part, name) for part in parts])
                for name in ("points", "blendshapes", "pose", "persons")
            ),
        )

    def of(self, split: Split) -> "FacePictures":
        """The pictures of the persons of one split."""
        chosen = np.flatnonzero([face_split(person) is split for person in self.persons])
        return FacePictures(
            [self.images[index] for index in chosen],
            self.points[chosen],
            self.blendshapes[chosen],
            self.pose[chosen],
            self.persons[chosen],
        )


def read_pictures(folder: Path) -> FacePictures:
    """Read `images.jpgs` and `index.npz`; ValueError where these hold another layout."""
    encoded, index = read_packed(
        folder,
        ("name", "original_size", "landmarks_xy", "blendshapes", "transformation_matrix"),
        ("landmark_ids", "blendshape_names"),
    )
    names = tuple(index["blendshape_names"][1:])
    if tuple(index["landmark_ids"]) != LANDMARK_IDS or names != BLENDSHAPE_NAMES:
        raise ValueError(f"{folder} holds other landmarks or blendshapes than hoovik.face.layout")
    images = [
        unsqueezed(picture, size)
        for picture, size in zip(encoded, index["original_size"].tolist(), strict=True)
    ]
    sizes = np.array([image.shape[::-1] for image in images], np.float32)
    return FacePictures(
        images,
        index["landmarks_xy"].astype(np.float32) * sizes[:, None],
        index["blendshapes"][:, 1:].astype(np.float32),
        np.array([pose_angles(matrix) for matrix in index["transformation_matrix"]]),
        np.array([TRAILING_NUMBER.sub("", Path(name).stem) for name in index["name"]]),
    )
