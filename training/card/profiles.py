"""The profiles that an evaluation has figures of, and what the card calls them."""

from collections.abc import Mapping
from typing import Any

from hoovik.schema.emotion import Profile

Figures = Mapping[str, Any]
"""JSON, as `hoovik evaluate` writes it, or a part of it."""

HEADINGS = {
    Profile.BOTH: "voice and face",
    Profile.AUDIO_ONLY: "voice alone",
    Profile.VIDEO_ONLY: "face alone",
}


def judged(figures: Figures, *, having: str | None = None) -> dict[Profile, Figures]:
    """The figures of each profile that was judged, in the order of the profiles.

    Args:
        figures: of a whole evaluation.
        having: a key that a profile must have, and not empty.
    """
    profiles: Figures = figures.get("profiles", {})
    return {
        profile: profiles[profile.value]
        for profile in Profile
        if profile.value in profiles and (having is None or profiles[profile.value].get(having))
    }
