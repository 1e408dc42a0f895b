"""Which of the ten steps of a sequence a session would have had."""

import numpy as np
from numpy.typing import NDArray

from hoovik.features.anomaly import MIN_VALID_STEPS
from hoovik.layout import SEQ_LEN
from training.build.voices import VoiceClip

FULL_SHARE = 0.65
"""Share of faces that have been in view for all ten steps."""

LOSSY_SHARE = 0.35
MOST_LOST = 0.5
LATE_JOIN_SHARE = 0.3
"""Share of voices that begin in the middle of their utterance, as after an unmute."""

Steps = list[NDArray[np.float32] | None]


def face_presence(rng: np.random.Generator, *, short: bool = False) -> NDArray[np.bool_]:
    """Steps (10,) in which a face is seen; at least one is.

    Args:
        rng: decides.
        short: whether the face has only just come into view.
    """
    if short:
        length = int(rng.integers(1, MIN_VALID_STEPS))
    elif rng.random() < FULL_SHARE:
        length = SEQ_LEN
    else:
        length = int(rng.integers(1, SEQ_LEN))
    present = np.arange(SEQ_LEN) >= SEQ_LEN - length
    if rng.random() < LOSSY_SHARE:
        present &= rng.random(SEQ_LEN) >= rng.uniform(0, MOST_LOST)
    present[-1] |= not present.any()
    return present


def voice_steps(clip: VoiceClip, tick: int, first: int = 0) -> Steps:
    """Ten steps up to a tick of a clip, None before `first` and where nothing is spoken."""
    return _right_aligned(list(clip.steps[first : tick + 1]))


def drawn_voice_steps(
    clip: VoiceClip,
    rng: np.random.Generator,
    *,
    before: VoiceClip | None = None,
    short: bool = False,
) -> tuple[Steps, int]:
    """Ten steps that end at a spoken tick, and that tick.

    Live asks about a voice only while it speaks.

    Args:
        clip: one utterance.
        rng: decides on the tick, and on where the voice sets in.
        before: an utterance that it follows; None: silence.
        short: whether the voice has only just set in.
    """
    spoken = clip.spoken
    if short:
        place = int(rng.integers(min(MIN_VALID_STEPS - 1, len(spoken))))
        return voice_steps(clip, int(spoken[place])), int(spoken[place])
    place = int(rng.integers(len(spoken)))
    tick = int(spoken[place])
    if before is not None:
        earlier = before.steps[: int(before.spoken[-1]) + 1]
        return _right_aligned([*earlier, *clip.steps[: tick + 1]]), tick
    late = rng.random() < LATE_JOIN_SHARE
    return voice_steps(clip, tick, int(spoken[rng.integers(place + 1)]) if late else 0), tick


def _right_aligned(steps: Steps) -> Steps:
    return [None] * (SEQ_LEN - len(steps)) + steps[-SEQ_LEN:]
