"""One wav2vec2 embedding per clip of CREMA-D, as the sequences that the models are trained on."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hoovik.features.sequence import build_sequence
from hoovik.layout import AUDIO_DIM, FACE_DIM
from hoovik.schema.emotion import EMOTIONS, Profile
from training.build.samples import Sample, SampleSet
from training.corpora.labels import label_of
from training.corpora.splitting import SHARES
from training.splits import Split

CORPUS = "cremad"
_NAME = re.compile(r"(\d{4})_[A-Z]{3}_(ANG|DIS|FEA|HAP|NEU|SAD)_")


@dataclass(frozen=True, slots=True)
class Embeddings:
    """N clips: vectors (N, 1024) float32, labels (N,) into EMOTIONS, and who speaks (N,)."""

    vectors: NDArray[np.float32]
    labels: NDArray[np.int64]
    actors: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.labels)

    def of(self, actors: NDArray[np.str_]) -> "Embeddings":
        """The clips of some actors."""
        rows = np.isin(self.actors, actors)
        return Embeddings(self.vectors[rows], self.labels[rows], self.actors[rows])

    def sample(self, row: int) -> Sample:
        """One clip as a sequence whose last step is its embedding and the only valid one."""
        sequence = build_sequence(
            [0.0],
            [self.vectors[row]],
            [],
            np.empty((0, FACE_DIM), np.float32),
            Profile.AUDIO_ONLY,
        )
        return Sample(sequence, int(self.labels[row]), str(self.actors[row]), CORPUS)

    def samples(self) -> SampleSet:
        """All of them, in their order."""
        return SampleSet.of([self.sample(row) for row in range(len(self))])


def read_embeddings(path: Path) -> Embeddings:
    """The clips of CREMA-D in `clips.npz`; those of other corpora in it are left out.

    Args:
        path: of a file with `embedding` (N, 1024) and `name` (N,), such as
            1001_DFA_ANG_XX_voice_mp4_features.npy.

    Raises:
        ValueError: embeddings of another width, or not one clip of CREMA-D.
    """
    with np.load(path) as stored:
        vectors, names = stored["embedding"], stored["name"]
    if vectors.shape[1:] != (AUDIO_DIM,):
        raise ValueError(f"{path} holds embeddings of {vectors.shape}; (N, {AUDIO_DIM}) expected")
    matches = [_NAME.match(name) for name in names]
    rows = [row for row, match in enumerate(matches) if match]
    if not rows:
        raise ValueError(f"{path} names no clip of CREMA-D; 1001_DFA_ANG_XX and the like expected")
    return Embeddings(
        vectors[rows].astype(np.float32),
        np.array([label_of(match[2]) for match in matches if match], np.int64),
        np.array([match[1] for match in matches if match]),
    )


def split_actors(clips: Embeddings, seed: int) -> dict[Split, Embeddings]:
    """Clips by split, each actor in one of them; who is where is drawn anew for each seed."""
    drawn = np.random.default_rng(seed).permutation(np.unique(clips.actors))
    bounds = np.rint(np.cumsum(list(SHARES.values()))[:-1] * len(drawn)).astype(np.intp)
    parts = np.split(drawn, bounds)
    return {split: clips.of(actors) for split, actors in zip(SHARES, parts, strict=True)}


class EmbeddingSource:
    """Draws clips of each class equally often; see `training.build.samples.Source`."""

    profiles = (Profile.AUDIO_ONLY,)

    def __init__(self, clips: Embeddings) -> None:
        self._clips = clips
        self._rows = [np.flatnonzero(clips.labels == label) for label in range(len(EMOTIONS))]

    def draw(
        self,
        profile: Profile,
        rng: np.random.Generator,
        *,
        short: bool = False,  # noqa: ARG002 - of the protocol
    ) -> Sample:
        """A clip whose class is any of the six; there is no shorter one."""
        if profile not in self.profiles:
            raise ValueError(f"no {profile} in clips without faces; audio_only expected")
        rows = self._rows[int(rng.integers(len(EMOTIONS)))]
        return self._clips.sample(int(rng.choice(rows)))
