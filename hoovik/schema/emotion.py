import math
from enum import StrEnum

EMOTIONS = ("angry", "fearful", "disgust", "happy", "sad", "neutral/calm")
"""The six classes, in the order of every probability vector."""

NEUTRAL = "neutral/calm"

MEETING_PRIOR = (0.07, 0.04, 0.04, 0.16, 0.09, 0.6)
"""How frequent the classes are taken to be in a meeting.

Between the acted dialogues of MELD (Poria et al. 2019), of whose utterances in one of the six 53 %
are neutral, 19 % happy, 13 % angry, 8 % sad and 3 % each of the others, and the everyday ones of
DailyDialog (Li et al. 2017), of which 85 % are neutral and 13 % happy.
"""


class Profile(StrEnum):
    """Which modalities a result rests on. Without any live modality there is no result."""

    BOTH = "both"
    AUDIO_ONLY = "audio_only"
    VIDEO_ONLY = "video_only"

    @property
    def has_audio(self) -> bool:
        """Whether the voice counts."""
        return self is not Profile.VIDEO_ONLY

    @property
    def has_face(self) -> bool:
        """Whether the face counts."""
        return self is not Profile.AUDIO_ONLY

    @classmethod
    def of(cls, *, audio: bool, face: bool) -> "Profile | None":
        """Profile of the live modalities; None without any."""
        if audio and face:
            return cls.BOTH
        if audio:
            return cls.AUDIO_ONLY
        return cls.VIDEO_ONLY if face else None


def frequencies(values: tuple[float, ...]) -> tuple[float, ...]:
    """The values, if they can be frequencies of the six classes; raises ValueError."""
    if len(values) != len(EMOTIONS):
        raise ValueError(f"{len(values)} frequencies for {len(EMOTIONS)} classes")
    # At zero a class could never be told, whatever is heard and seen.
    if min(values) <= 0 or not math.isclose(sum(values), 1, abs_tol=1e-6):
        raise ValueError(f"{values} are no frequencies; positive numbers that add up to 1 expected")
    return values
