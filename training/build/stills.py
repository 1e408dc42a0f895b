"""Pictures to face vectors, and how far an encoder wavers on one and the same picture."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hoovik.face.encoder import FaceEncoder, FaceReading, FaceTrack
from hoovik.face.image import decode_image
from hoovik.layout import FACE_DIM
from hoovik.settings import FaceSettings
from training.build.cache import Arrays, cached
from training.build.leaks import check_disjoint
from training.build.pictures import Picture, find_pictures
from training.build.plan import Plan
from training.splits import Split

SIDE_PX = 128
WHOLE_PICTURE = FaceTrack(cx=0.5, cy=0.5, side=1.0, roll=0.0)
REPEATS = 4
"""Readings of such a picture, whose tracks differ a little, as they do from frame to frame."""

TRACK_SHIFT = 0.012
TRACK_SCALE = 0.02
REPEATED_PICTURES = 300
"""How many training pictures are read again and again, to see how far the encoder wavers."""


@dataclass(frozen=True, slots=True)
class Still:
    """One picture in which the encoder found a face; `vector` is (326,) float32."""

    corpus: str
    owner: str
    label: int | None
    split: Split
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stills:
    """All stills, and the standard deviation (326,) of an encoder's readings of one picture."""

    stills: list[Still]
    waver: NDArray[np.float32]
    faceless: int


def load_stills(data: Path, encoder: FaceEncoder, digest: str, plan: Plan) -> Stills:
    """Read every picture of fer2013/ and faces/.

    Args:
        data: folder of both.
        encoder: makes the vectors.
        digest: of the encoder's weights, for the cache.
        plan: how many pictures, and the seed.

    Raises:
        LeakError: a person, or a picture, in two splits.
    """
    pictures = _chosen(find_pictures(data), plan)
    check_disjoint(
        {split: [one.owner for one in pictures if one.split is split] for split in Split}
    )
    key = {
        "encoder": digest,
        "seed": plan.seed,
        "reading": [SIDE_PX, REPEATS, TRACK_SHIFT, TRACK_SCALE, REPEATED_PICTURES],
        "pictures": [one.digest for one in pictures],
    }
    arrays = cached("stills", key, lambda: _encode(pictures, encoder, plan.seed))
    stills = [
        Still(one.corpus, one.owner, one.label, one.split, vector)
        for one, vector in zip(pictures, arrays["vectors"], strict=True)
        if np.isfinite(vector[0])
    ]
    return Stills(stills, arrays["waver"], len(pictures) - len(stills))


def read(encoder: FaceEncoder, image: NDArray[np.uint8]) -> FaceReading | None:
    """Read a picture (H, W, 3) that shows one face, as the second frame of a video would be."""
    side = max(SIDE_PX, *image.shape[:2])
    enlarged = np.asarray(cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)
    first = encoder.encode(enlarged, WHOLE_PICTURE)
    return None if first is None else encoder.encode(enlarged, first.track)


def _chosen(pictures: list[Picture], plan: Plan) -> list[Picture]:
    counts: Counter[tuple[str, Split, int | None]] = Counter()
    chosen = []
    for one in pictures:
        group = (one.corpus, one.split, one.label)
        counts[group] += 1
        if plan.pictures_per_group is None or counts[group] <= plan.pictures_per_group:
            chosen.append(one)
    return chosen


def _encode(pictures: list[Picture], encoder: FaceEncoder, seed: int) -> Arrays:
    settings = FaceSettings()
    rng = np.random.default_rng(seed)
    vectors = np.full((len(pictures), FACE_DIM), np.nan, np.float32)
    training = [row for row, one in enumerate(pictures) if one.split is Split.TRAIN]
    repeated = set(rng.permutation(training)[:REPEATED_PICTURES].tolist())
    variances = []
    for row, picture in enumerate(pictures):
        image = decode_image(picture.jpeg, settings)
        reading = read(encoder, image)
        if reading is None:
            continue
        vectors[row] = reading.vector
        if row in repeated:
            again = np.array(list(_repeat(encoder, image, reading.track, rng)))
            if len(again) > 1:
                variances.append(again.var(axis=0, ddof=1))
    # A median, because a reading that lands on something else says nothing about the others.
    waver = np.sqrt(np.median(variances, axis=0)) if variances else np.zeros(FACE_DIM)
    return {"vectors": vectors, "waver": waver.astype(np.float32)}


def _repeat(
    encoder: FaceEncoder, image: NDArray[np.uint8], track: FaceTrack, rng: np.random.Generator
) -> Iterator[NDArray[np.float32]]:
    side = max(SIDE_PX, *image.shape[:2])
    enlarged = np.asarray(cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)
    for _ in range(REPEATS):
        shift_x, shift_y = rng.normal(0, TRACK_SHIFT, 2) * track.side
        moved = replace(
            track,
            cx=track.cx + shift_x,
            cy=track.cy + shift_y,
            side=track.side * float(np.exp(rng.normal(0, TRACK_SCALE))),
        )
        reading = encoder.encode(enlarged, moved)
        if reading is not None:
            yield reading.vector
