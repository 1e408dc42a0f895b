from enum import StrEnum

EMOTIONS = ("angry", "fearful", "disgust", "happy", "sad", "neutral/calm")
"""The six classes, in the order of every probability vector."""

NEUTRAL = "neutral/calm"


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
