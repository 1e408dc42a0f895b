"""Words for people, where the schema has keys."""

from collections.abc import Sequence

from hoovik.schema.emotion import EMOTIONS, Profile
from hoovik.schema.reason import Reason

PROFILE_WORDS = {
    Profile.BOTH: "voice and face",
    Profile.AUDIO_ONLY: "voice alone",
    Profile.VIDEO_ONLY: "face alone",
}

REASON_WORDS = {
    Reason.NO_FACE: "no face",
    Reason.SMALL: "small face",
    Reason.BLURRED: "blurred face",
    Reason.TURNED_AWAY: "face turned away",
    Reason.DARK: "dark face",
    Reason.FROZEN: "frozen picture",
    Reason.TOO_SHORT: "only just begun",
    Reason.CLIPPED: "over-driven sound",
    Reason.NOISY: "noise",
    Reason.MUSIC: "music",
    Reason.UNUSUAL_VOICE: "unusual voice",
    Reason.UNUSUAL_FACE: "unusual face",
    Reason.UNUSUAL_PAIR: "unusual voice and face",
}

EXPRESSED = "Expressed emotion as a model reads it from voice and face, not what somebody feels."


def prior_words(prior: Sequence[float]) -> str:
    """Class frequencies (6,), the most frequent first."""
    ordered = sorted(zip(prior, EMOTIONS, strict=True), reverse=True)
    return ", ".join(f"{emotion} {share:.3g}" for share, emotion in ordered)
