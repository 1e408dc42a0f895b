"""Voices of a split: the embedding of every tick of a clip that holds speech."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.build.faces import FaceClip
from training.extraction.encoding import Extracted


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
