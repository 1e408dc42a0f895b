"""Which speaker belongs to which split, for the whole project: never a clip, always a person.

Encoders and sequence models share these splits, so that no number is reported on a voice that
any part of a bundle was trained, stopped early, tuned or calibrated on.
"""

from enum import StrEnum


class Split(StrEnum):
    """What a speaker's clips are for."""

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


def ravdess_split(actor: int) -> Split:
    """Split of a RAVDESS actor; KeyError for one without a split."""
    return _SPLIT_OF_ACTOR[actor]


def emodb_split(speaker: int) -> Split:
    """Split of an EMO-DB speaker; KeyError for one without a split."""
    return _SPLIT_OF_SPEAKER[speaker]


_SPLIT_OF_ACTOR = {actor: split for split, actors in RAVDESS_ACTORS.items() for actor in actors}
_SPLIT_OF_SPEAKER = {
    speaker: split for split, speakers in EMODB_SPEAKERS.items() for speaker in speakers
}
