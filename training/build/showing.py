"""What a live session would have of a clip: steps of a voice, and a face that moves and is missed."""

import numpy as np
from numpy.typing import NDArray

from hoovik.features.anomaly import MIN_VALID_STEPS
from hoovik.layout import SEQ_LEN, TICK_S
from training.build.clips import FaceClip, VoiceClip
from training.build.motion import Motion

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


STEP_TIMES_S = TICK_S * np.arange(SEQ_LEN)

FRAME_JITTER_S = 0.09
"""A frame lies this far from the centre of its step at most; any further and a lost step would take
its neighbour's frame."""

MOVING_SHARE = 0.8
"""Of stills that move; the others are seen by a shaking camera alone, as somebody who sits still."""

EDGE_S = 0.15
"""Before the first step and after the last: half a tick."""

Seen = tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.float32]]
"""Times (k,) in seconds, ascending, vectors (k, 326) and expressions (k, 6) of a face."""


def shown(
    face: FaceClip,
    motion: Motion,
    rng: np.random.Generator,
    *,
    short: bool = False,
    end_s: float | None = None,
) -> Seen:
    """Frames of a face over the ten steps of a sequence.

    Args:
        face: a still or a video.
        motion: how stills move.
        rng: decides on the part, the motion and what is lost.
        short: whether it has only just come into view.
        end_s: time in the video at which the last step is centred; None: any.

    Returns:
        What is seen, the first step being 0 s and the last 2.7. At least one frame, but for a video
        that shows no face before `end_s`.
    """
    present = face_presence(rng, short=short)
    if face.still:
        rows = np.resize(rng.permutation(len(face.vectors)), SEQ_LEN)
        vectors, expressions = face.vectors[rows], face.expressions[rows]
        if rng.random() < MOVING_SHARE:
            vectors, expressions = motion.applied(vectors, expressions, rng)
        times_s = STEP_TIMES_S + rng.uniform(-FRAME_JITTER_S, FRAME_JITTER_S, SEQ_LEN)
        return times_s[present], vectors[present], expressions[present]
    last_s = float(rng.choice(face.times_s)) if end_s is None else end_s
    times_s = face.times_s - (last_s - STEP_TIMES_S[-1])
    seen = (times_s > STEP_TIMES_S[0] - EDGE_S) & (times_s < STEP_TIMES_S[-1] + EDGE_S)
    steps = np.rint(times_s.clip(0, STEP_TIMES_S[-1]) / TICK_S).astype(np.intp)
    kept = seen & present[steps]
    if not kept.any():
        kept = seen
    return times_s[kept], face.vectors[kept], face.expressions[kept]
