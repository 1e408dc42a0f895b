"""Voices and faces of a split, as the ticks of a live session would have them."""

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


@dataclass(frozen=True, slots=True)
class VoiceClip:
    """One take of one recording, as the ticks of a live session would see it.

    Attributes:
        speaker: corpus and number.
        corpus: such as "ravdess".
        label: index into EMOTIONS.
        steps: for each tick of the clip the embedding (1024,) float32, None where it has no speech.
        face: the speaker's own, where the recording shows it.
        name: of the recording in its corpus.
        take: as `Extracted` has it.
    """

    speaker: str
    corpus: str
    label: int
    steps: tuple[NDArray[np.float32] | None, ...]
    face: FaceClip | None = None
    name: str = ""
    take: int = 0

    @property
    def spoken(self) -> NDArray[np.intp]:
        """The ticks whose window holds speech, ascending."""
        return np.flatnonzero([step is not None for step in self.steps])

    @property
    def mean(self) -> NDArray[np.float32]:
        """Mean (1024,) of its embeddings."""
        spoken = [step for step in self.steps if step is not None]
        return np.asarray(np.mean(spoken, axis=0), np.float32)

    @classmethod
    def of(cls, extracted: Extracted) -> "VoiceClip | None":
        """The voice of a labelled clip; None where nothing was spoken."""
        clip = extracted.clip
        if clip.label is None or not len(extracted.audio):
            return None
        steps: list[NDArray[np.float32] | None] = [None] * extracted.n_ticks
        for tick, embedding in zip(extracted.audio_ticks, extracted.audio, strict=True):
            steps[tick] = embedding
        face = FaceClip.of(extracted)
        return cls(
            clip.speaker, clip.corpus, clip.label, tuple(steps), face, clip.name, extracted.take
        )
