"""Three seconds of a face: of a video as it is, of a still shaken, and moved most of the time."""

import numpy as np
from numpy.typing import NDArray

from hoovik.layout import SEQ_LEN, TICK_S
from training.build.coverage import face_presence
from training.build.faces import FaceClip
from training.build.motion import Motion

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
