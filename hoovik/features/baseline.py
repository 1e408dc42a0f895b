"""What is only one person's in a voice, learned while they speak and taken away."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from hoovik.errors import BundleError
from hoovik.layout import AUDIO_DIM


@dataclass(frozen=True, slots=True)
class Voices:
    """The voices of a corpus, from which a person's own baseline sets out.

    Attributes:
        mean: (1024,) float32, of the voice vectors of many people as they speak in meetings.
        weight: so many vectors of one person count as much as this mean.
        memory: so many vectors count alike; after that older ones fade exponentially.
    """

    mean: NDArray[np.float32]
    weight: float
    memory: float

    @classmethod
    def from_file(cls, path: Path) -> "Voices":
        """Load `baseline.safetensors`; raises BundleError for a mean of another width."""
        return cls.from_arrays(load_file(path))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.float32]]) -> "Voices":
        """What a weights file holds; raises BundleError."""
        mean = arrays["mean"]
        if mean.shape != (AUDIO_DIM,):
            raise BundleError(f"the baseline has a mean {mean.shape}, expected {(AUDIO_DIM,)}")
        return cls(mean, float(arrays["weight"]), float(arrays["memory"]))

    def to_arrays(self) -> dict[str, NDArray[np.float32]]:
        """What a weights file holds."""
        return {
            "mean": self.mean,
            "weight": np.array(self.weight, np.float32),
            "memory": np.array(self.memory, np.float32),
        }


class Baseline:
    """One person's running mean, shrunk towards that of everybody, tick by tick.

    After n vectors of mean m it takes n / (weight + n) * (m - mean of everybody) away: nothing of
    somebody who has said nothing yet, and in the end all that sets this voice apart at all times.
    The estimate of James and Stein (1961), with a weight chosen by what it is worth to unseen people.

    Args:
        voices: of everybody.
        heard: vectors that the person has been heard for.
        apart: (1024,) their mean less that of everybody; None: zero.
    """

    def __init__(
        self, voices: Voices, heard: float = 0.0, apart: NDArray[np.float32] | None = None
    ) -> None:
        self._voices = voices
        self._heard = min(heard, voices.memory)
        self._apart = np.zeros(AUDIO_DIM, np.float32) if apart is None else apart

    def clear(self) -> None:
        """Forget the person."""
        self._heard, self._apart = 0.0, np.zeros(AUDIO_DIM, np.float32)

    def remove(self, vector: NDArray[np.float32], *, learn: bool = True) -> NDArray[np.float32]:
        """A voice vector (1024,) float32 without what is only that person's.

        Args:
            vector: the newest.
            learn: whether it is one more of theirs to learn from.
        """
        if learn:
            self._heard = min(self._heard + 1, self._voices.memory)
            self._apart = self._apart + (vector - self._voices.mean - self._apart) / self._heard
        share = self._heard / (self._voices.weight + self._heard)
        return np.asarray(vector - share * self._apart, np.float32)
