"""FER+ (Barsoum et al. 2016): FER2013's pictures as they were, with the votes of ten taggers."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hoovik.schema.emotion import EMOTIONS
from training.corpora.clip import Clip, CorpusError, Modality
from training.corpora.fer2013 import USAGES
from training.corpora.labels import label_of
from training.corpora.packed import INDEX, read_packed

ELSEWHERE = "map_to_in_hand_fer2013.npz"
"""Where it lies beside the index: which picture of FER2013 each one is."""

MAJORITY = 0.5
"""Least share of the taggers for what a picture is said to show."""

LONE = 1
"""Votes for a class that are taken for a slip."""


def read_ferplus(root: Path) -> list[Clip]:
    """Every picture that shows one of our classes to somebody, in the order of the index.

    A picture that FER2013 holds in another of its parts is left out.

    Args:
        root: a packed folder whose index has `votes` (n, v) and `vote_names` (v,) too.

    Raises:
        CorpusError: no such folder, or a vote or a part that is not known.
    """
    pictures, index = read_packed(root, ("name", "usage", "votes"), ("vote_names",))
    votes = index["votes"].astype(np.float64)
    try:
        counts = _by_class(votes, index["vote_names"].tolist())
    except (KeyError, IndexError, ValueError) as error:
        raise CorpusError(f"{root / INDEX}: votes do not fit vote_names: {error}") from error
    shares = np.where(counts > LONE, counts, 0) / votes.sum(axis=1, keepdims=True).clip(1)
    moved = _moved(root / ELSEWHERE)
    clips = []
    for picture, name, usage, share in zip(
        pictures, index["name"].tolist(), index["usage"].tolist(), shares, strict=True
    ):
        if usage not in USAGES:
            raise CorpusError(
                f"{root / INDEX}, picture {name}: usage {usage!r}; one of {', '.join(USAGES)} "
                "expected"
            )
        if share.any() and moved.get(name, usage) == usage:
            clips.append(_clip(name, usage, picture, share))
    return clips


def _by_class(votes: NDArray[np.float64], names: list[str]) -> NDArray[np.float64]:
    """Votes (n, 6) for each of our classes."""
    counts = np.zeros((len(votes), len(EMOTIONS)))
    for column, name in enumerate(names):
        label = None if name in {"unknown", "NF"} else label_of(name)
        if label is not None:
            counts[:, label] += votes[:, column]
    return counts


def _moved(path: Path) -> dict[str, str]:
    """The part of FER2013 that each picture is in, whose names begin with it."""
    if not path.is_file():
        return {}
    with np.load(path, allow_pickle=False) as stored:
        names, theirs = stored["ferplus_name"].tolist(), stored["name"].tolist()
    return {name: their.split("_")[0] for name, their in zip(names, theirs, strict=True)}


def _clip(name: str, usage: str, picture: bytes, share: NDArray[np.float64]) -> Clip:
    most = np.flatnonzero(share >= MAJORITY)
    return Clip(
        corpus="ferplus",
        name=name,
        speaker=f"ferplus-{hashlib.sha256(picture).hexdigest()[:16]}",
        sex=None,
        label=int(most[0]) if len(most) == 1 else None,
        modality=Modality.STILL,
        media=picture,
        usage=usage,
        votes=tuple(share.tolist()),
    )
