"""Extracted clips that no encoder has seen, for tests of what comes after."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from hoovik.layout import AUDIO_DIM, EXPRESSION_DIM, FACE_DIM
from training.corpora.clip import Clip, Modality
from training.extraction.encoding import Extracted, tick_centres_s


def extract_of(
    modality: Modality,
    *,
    label: int | None = 0,
    spoken: ArrayLike = (),
    face_s: ArrayLike = (),
    n_ticks: int = 10,
    name: str = "clip",
    corpus: str = "made",
    speaker: str = "made-01",
    sex: str | None = None,
    seed: int = 0,
) -> Extracted:
    """Random vectors at the given ticks and times; a face's first value is its time, as its expression's are."""
    rng = np.random.default_rng(seed)
    ticks, times_s = np.array(spoken, np.int64), np.array(face_s, np.float64)
    face = rng.standard_normal((len(times_s), FACE_DIM), np.float32)
    face[:, 0] = times_s
    expression = np.repeat(times_s[:, None], EXPRESSION_DIM, axis=1).astype(np.float32)
    return Extracted(
        Clip(corpus, name, speaker, sex, label, modality, name.encode()),
        n_ticks,
        rng.standard_normal((len(ticks), AUDIO_DIM), np.float32),
        ticks,
        face,
        expression,
        times_s,
        len(times_s),
    )


def still(**fields: Any) -> Extracted:
    """A still that was read ten times."""
    return extract_of(Modality.STILL, face_s=tick_centres_s(10), **fields)
