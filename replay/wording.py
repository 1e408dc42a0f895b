"""Words for people, where the schema has keys."""

from hoovik.schema.emotion import Profile

PROFILE_WORDS = {
    Profile.BOTH: "voice and face",
    Profile.AUDIO_ONLY: "voice alone",
    Profile.VIDEO_ONLY: "face alone",
}

EXPRESSED = "Expressed emotion as a model reads it from voice and face, not what somebody feels."
