"""Sequences of six classes that are easy to tell apart, without any corpus."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hoovik.features.sequence import build_sequence
from hoovik.layout import AUDIO_DIM, EXPRESSION_DIM, FACE_DIM, SEQ_LEN
from hoovik.schema.emotion import EMOTIONS, Profile
from training.build.samples import Sample


@dataclass(frozen=True)
class SyntheticSource:
    """Draws noise around one centre for each class and modality."""

    voices: NDArray[np.float32]
    faces: NDArray[np.float32]
    profiles: tuple[Profile, ...] = tuple(Profile)

    @classmethod
    def seeded(cls, seed: int, profiles: tuple[Profile, ...] = tuple(Profile)) -> "SyntheticSource":
        rng = np.random.default_rng(seed)
        return cls(
            0.5 * rng.standard_normal((6, AUDIO_DIM), np.float32),
            0.5 * rng.standard_normal((6, FACE_DIM), np.float32),
            profiles,
        )

    def draw(
        self,
        profile: Profile,
        rng: np.random.Generator,
        *,
        short: bool = False,
    ) -> Sample:
        label = int(rng.integers(len(EMOTIONS)))
        length = int(rng.integers(1, 3)) if short else int(rng.integers(3, SEQ_LEN + 1))
        times_s = 0.3 * np.arange(length)
        voices = self.voices[label] + rng.standard_normal((length, AUDIO_DIM), np.float32)
        faces = self.faces[label] + rng.standard_normal((length, FACE_DIM), np.float32)
        shown = rng.standard_normal((length, EXPRESSION_DIM), np.float32)
        shown[:, label] += 2
        sequence = build_sequence(times_s, list(voices), times_s, faces, profile, expressions=shown)
        return Sample(sequence, label, f"owner-{rng.integers(20)}", "synthetic")
