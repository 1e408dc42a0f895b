"""Stills that several people were asked about, and crops of them as a face worker sees faces."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hoovik.face.encoder import FaceEncoder, FaceTrack
from hoovik.face.student import upright_view
from training.cache import cached, file_digest
from training.corpora.clip import Clip, CorpusError
from training.corpora.decoding import image
from training.extraction.seeing import held_up
from training.face.roughen import occlude, roughen

EQUALISED_SHARE = 0.2
OCCLUDED_SHARE = 0.25
"""Of the pictures that are learned from: with an equalised histogram; with something before the
face."""
SHIFT, SCALE, TURN = 0.05, 0.1, 0.1
"""Standard deviations of how far a track is off its face: in sides, as a logarithm, in radians."""
FURTHEST = 2.5
"""Standard deviations that a track is off at most: beyond that, a worker looks again."""


@dataclass(frozen=True, slots=True)
class Expressions:
    """Pictures of one face each, in which the face is found.

    Attributes:
        images: N pictures (H, W) uint8, grey.
        tracks: where the face is in each picture, held up.
        targets: (N, 6) float32, the votes for each of `EMOTIONS` as shares of those for any of
            them.
        labels: (N,) what most people saw, -1 where that is no one of `EMOTIONS`.
        owners: whom each picture shows.
        n_lost: pictures beside these in which no face is found.
    """

    images: list[NDArray[np.uint8]]
    tracks: list[FaceTrack]
    targets: NDArray[np.float32]
    labels: NDArray[np.int64]
    owners: tuple[str, ...]
    n_lost: int

    def __len__(self) -> int:
        return len(self.images)

    @classmethod
    def of(
        cls, clips: Sequence[Clip], encoder: FaceEncoder, weights: Sequence[Path]
    ) -> "Expressions":
        """The pictures of clips with votes, their faces found as a live session finds them.

        Args:
            clips: stills.
            encoder: finds the faces.
            weights: its files; where faces were found with others is not remembered.

        Raises:
            CorpusError: no face is found in any of them.
        """
        images = [
            np.asarray(cv2.cvtColor(image(one), cv2.COLOR_RGB2GRAY), np.uint8) for one in clips
        ]
        key = {
            "weights": [file_digest(path) for path in weights],
            "pictures": [one.digest() for one in clips],
        }
        places = cached("expressions", key, lambda: {"places": _places(images, encoder)})["places"]
        found = np.flatnonzero(np.isfinite(places[:, 0])).tolist()
        if not found:
            raise CorpusError(
                f"no face is found in any of {len(clips)} pictures with votes; at least one expected"
            )
        votes = np.array([clips[row].votes for row in found], np.float32).reshape(len(found), -1)
        labels = [clips[row].label for row in found]
        return cls(
            [images[row] for row in found],
            [FaceTrack(*places[row].tolist()) for row in found],
            np.asarray(votes / votes.sum(axis=1, keepdims=True), np.float32),
            np.array([-1 if label is None else label for label in labels], np.int64),
            tuple(clips[row].speaker for row in found),
            len(clips) - len(found),
        )


def _places(images: list[NDArray[np.uint8]], encoder: FaceEncoder) -> NDArray[np.float64]:
    """(N, 4) centre, side and roll of each face as a second frame would show it, or NaN."""
    places = np.full((len(images), 4), np.nan)
    for row, one in enumerate(images):
        shown = held_up(one)
        first = encoder.encode(shown.picture, shown.track)
        second = None if first is None else encoder.encode(shown.picture, first.track)
        if second is not None:
            at = second.track
            places[row] = at.cx, at.cy, at.side, at.roll
    return places


class ExpressionViewer:
    """Draws crops of pictures as a worker would see them.

    Args:
        pictures: to draw from.
        rng: draws.
    """

    def __init__(self, pictures: Expressions, rng: np.random.Generator) -> None:
        self._pictures = pictures
        self._rng = rng

    def crop(self, row: int) -> NDArray[np.uint8]:
        """(128, 128) of one picture, roughly handled."""
        rng, picture, track = self._rng, self._pictures.images[row], self._pictures.tracks[row]
        if rng.random() < EQUALISED_SHARE:
            picture = np.asarray(cv2.equalizeHist(picture), np.uint8)
        if rng.random() < 0.5:
            picture = np.ascontiguousarray(picture[:, ::-1])
            track = replace(track, cx=1 - track.cx, roll=-track.roll)
        view, _ = upright_view(held_up(picture).picture, self._shaken(track))
        if rng.random() < OCCLUDED_SHARE:
            view = occlude(view, np.full_like(view, rng.integers(256)), rng)
        return roughen(view, rng)

    def _shaken(self, track: FaceTrack) -> FaceTrack:
        shift_x, shift_y, scale, turn = self._rng.standard_normal(4).clip(-FURTHEST, FURTHEST)
        return FaceTrack(
            cx=track.cx + SHIFT * shift_x * track.side,
            cy=track.cy + SHIFT * shift_y * track.side,
            side=track.side * float(np.exp(SCALE * scale)),
            roll=track.roll + TURN * turn,
        )


def plain_crops(pictures: Expressions) -> NDArray[np.uint8]:
    """(N, 128, 128) crops of all pictures, as they are."""
    return np.stack(
        [
            upright_view(held_up(one).picture, track)[0]
            for one, track in zip(pictures.images, pictures.tracks, strict=True)
        ]
    )
