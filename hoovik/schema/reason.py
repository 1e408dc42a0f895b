from collections.abc import Iterable
from enum import StrEnum

from hoovik.schema.emotion import Profile


class Reason(StrEnum):
    """What is wrong with the input of a result: first what rules see, then what forests call unusual."""

    NO_FACE = "no_face"
    SMALL = "small"
    BLURRED = "blurred"
    TURNED_AWAY = "turned_away"
    DARK = "dark"
    FROZEN = "frozen"
    TOO_SHORT = "too_short"
    CLIPPED = "clipped"
    NOISY = "noisy"
    MUSIC = "music"
    UNUSUAL_VOICE = "unusual_voice"
    UNUSUAL_FACE = "unusual_face"
    UNUSUAL_PAIR = "unusual_pair"


VOICE_FAULTS = frozenset({Reason.CLIPPED, Reason.NOISY, Reason.MUSIC})
FACE_FAULTS = frozenset(
    {Reason.SMALL, Reason.BLURRED, Reason.TURNED_AWAY, Reason.DARK, Reason.FROZEN}
)
UNUSUAL = {
    Profile.AUDIO_ONLY: Reason.UNUSUAL_VOICE,
    Profile.VIDEO_ONLY: Reason.UNUSUAL_FACE,
    Profile.BOTH: Reason.UNUSUAL_PAIR,
}
"""What it is called when the forest of a profile flags a result."""


def reasons_of(seen: Iterable[Reason], profile: Profile, *, unusual: bool) -> tuple[Reason, ...]:
    """All reasons of one result, in the order of `Reason`.

    Args:
        seen: by rules.
        profile: what the result rests on.
        unusual: whether the forest says so.
    """
    found = {*seen, UNUSUAL[profile]} if unusual else {*seen}
    return tuple(reason for reason in Reason if reason in found)


def is_unfit(reasons: Iterable[Reason], profile: Profile) -> bool:
    """Whether a result with these reasons is flagged: for one that concerns what it rests on.

    Without a face a result rests on the voice alone, and one that rests on less than a second has a
    forest of its own: these two are only told.
    """
    against = {
        *UNUSUAL.values(),
        *(VOICE_FAULTS if profile.has_audio else ()),
        *(FACE_FAULTS if profile.has_face else ()),
    }
    return not against.isdisjoint(reasons)
