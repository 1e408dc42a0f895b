"""Faces of a split: stills that a shaking camera saw again and again, and videos."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoovik.schema.emotion import EMOTIONS
from training.corpora.clip import Modality
from training.extraction.encoding import Extracted


@dataclass(frozen=True, slots=True)
class FaceClip:
    """The face of one clip.

    Attributes:
        owner: whose face it is; the picture, where nobody is named.
        corpus: such as "ferplus".
        label: index into EMOTIONS; None for a class that is none of ours, or no one of them.
        vectors: (m, 326) float32, at least one.
        expressions: (m, 6) float32 logits of the same faces.
        times_s: (m,) float64, ascending.
        still: whether all of them show one picture.
        votes: shares (6,) of those who were asked for each class; None where nobody was.
    """

    owner: str
    corpus: str
    label: int | None
    vectors: NDArray[np.float32]
    expressions: NDArray[np.float32]
    times_s: NDArray[np.float64]
    still: bool
    votes: tuple[float, ...] | None = None

    @property
    def shares(self) -> NDArray[np.float64]:
        """What it shows (6,): its votes, else all for its label; zeros where there is neither."""
        if self.votes is not None:
            return np.array(self.votes, np.float64)
        shares = np.zeros(len(EMOTIONS))
        if self.label is not None:
            shares[self.label] = 1.0
        return shares

    @classmethod
    def of(cls, extracted: Extracted) -> "FaceClip | None":
        """The face that was seen in a clip; None where none was."""
        if not len(extracted.face):
            return None
        clip = extracted.clip
        return cls(
            clip.speaker,
            clip.corpus,
            clip.label,
            extracted.face,
            extracted.expression,
            extracted.face_s,
            clip.modality is Modality.STILL,
            clip.votes,
        )
