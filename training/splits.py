"""Which person belongs to which split, for the whole project: never a clip or a picture.

Encoders and sequence models share these splits, so that no number is reported on a voice or a
face that any part of a bundle was trained, stopped early, tuned or calibrated on.
"""

import hashlib
from enum import StrEnum

SPLITS_FILE = "splits.json"
"""Of a bundle: who was used for what."""


class Split(StrEnum):
    """What a person's clips or pictures are for."""

    TRAIN = "train"
    VALIDATION = "validation"
    CALIBRATION = "calibration"
    TEST = "test"


RAVDESS_ACTORS: dict[Split, tuple[int, ...]] = {
    Split.TRAIN: (1, 2, 3, 6, 7, 8, 9, 10, 11, 13, 14, 15),
    Split.VALIDATION: (16, 17),
    Split.CALIBRATION: (18, 19),
    Split.TEST: (4, 20, 23, 24),
}
"""Odd actors are male. Actors 5, 12, 21 and 22 are not in the data."""

EMODB_SPEAKERS: dict[Split, tuple[int, ...]] = {
    Split.TRAIN: (3, 8, 9, 10, 11, 12),
    Split.VALIDATION: (13,),
    Split.CALIBRATION: (14,),
    Split.TEST: (15, 16),
}

TRAINING_ONLY = frozenset({"emovo", "nemo", "savee"})
"""Corpora whose speakers are all trained on: SAVEE's sentences give the emotion away, nEMO has no
disgust, EMOVO has too few speakers to be judged by."""

FACE_PERCENT: dict[Split, int] = {
    Split.TRAIN: 80,
    Split.VALIDATION: 4,
    Split.CALIBRATION: 4,
    Split.TEST: 12,
}
"""Of the persons in the photographs of faces; thousands of them, so that a hash may decide."""


def ravdess_split(actor: int) -> Split:
    """Split of a RAVDESS actor; KeyError for one without a split."""
    return _SPLIT_OF_ACTOR[actor]


def emodb_split(speaker: int) -> Split:
    """Split of an EMO-DB speaker; KeyError for one without a split."""
    return _SPLIT_OF_SPEAKER[speaker]


def face_split(person: str) -> Split:
    """Split of a person in the photographs of faces, by a hash of the name alone.

    Case, spaces and underscores are ignored: some persons are spelt in two ways.
    """
    letters = "".join(filter(str.isalpha, person)).lower()
    percentile = int.from_bytes(hashlib.sha256(letters.encode()).digest()[:8], "big") % 100
    for split, percent in FACE_PERCENT.items():
        if percentile < percent:
            return split
        percentile -= percent
    raise AssertionError("FACE_PERCENT does not add up to 100")


def fer2013_split(usage: str, digest: str) -> Split:
    """Split of a FER2013 picture, by its own content: the corpus names nobody.

    The corpus's own parts are kept apart. Of `Training`, a tenth is for validation; of
    `PublicTest`, half is for calibration and half for the test.

    Args:
        usage: "Training" or "PublicTest".
        digest: SHA-256 of the picture, in hex.
    """
    percentile = int(digest[:16], 16) % 100
    if usage == "Training":
        return Split.VALIDATION if percentile < 10 else Split.TRAIN
    if usage == "PublicTest":
        return Split.CALIBRATION if percentile < 50 else Split.TEST
    raise ValueError(f"FER2013 usage {usage!r}; Training or PublicTest expected")


def ferplus_split(usage: str, digest: str) -> Split:
    """Split of a FER+ picture, by its own content: the corpus names nobody.

    Of `Training`, 8 % are for validation and 8 % for calibration; all of `PublicTest` is the test.

    Args:
        usage: "Training" or "PublicTest".
        digest: SHA-256 of the picture, in hex.
    """
    percentile = int(digest[:16], 16) % 100
    if usage == "Training":
        if percentile < 8:
            return Split.VALIDATION
        return Split.CALIBRATION if percentile < 16 else Split.TRAIN
    if usage == "PublicTest":
        return Split.TEST
    raise ValueError(f"FER+ usage {usage!r}; Training or PublicTest expected")


_SPLIT_OF_ACTOR = {actor: split for split, actors in RAVDESS_ACTORS.items() for actor in actors}
_SPLIT_OF_SPEAKER = {
    speaker: split for split, speakers in EMODB_SPEAKERS.items() for speaker in speakers
}
