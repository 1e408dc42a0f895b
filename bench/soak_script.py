import random
from dataclasses import replace

import numpy as np

from hoovik.schema.action import Action
from hoovik_client.recording import Recording

AWAY_S = 3.0
"""How long a microphone or a camera stays off, and somebody who has left stays away."""

PAIRS = (
    (Action.MUTE, Action.UNMUTE),
    (Action.CAMERA_OFF, Action.CAMERA_ON),
    (Action.LEAVE, Action.JOIN),
)


def restless(recording: Recording, seconds: float, every_s: float, seed: int) -> Recording:
    """The same over and over, by somebody who mutes, switches off or leaves now and then.

    Args:
        recording: as long as it is.
        seconds: length of the result.
        every_s: from one of these to the next, half of it to one and a half, at least twice
            `AWAY_S`; each lasts `AWAY_S`, and the last is over before the end.
        seed: of what and when.

    Raises:
        ValueError: so often that one would begin before the other is over.
    """
    if every_s < 2 * AWAY_S + 1:
        raise ValueError(f"at least {2 * AWAY_S + 1:g} s apart, got {every_s}")
    choice = random.Random(seed)
    script: list[tuple[float, Action]] = []
    at_s = choice.uniform(0.5, 1.5) * every_s
    while at_s + AWAY_S < seconds:
        begin, end = choice.choice(PAIRS)
        script += [(at_s, begin), (at_s + AWAY_S, end)]
        at_s += choice.uniform(0.5, 1.5) * every_s
    laps = int(np.ceil(seconds / recording.duration_s))
    return replace(
        recording,
        audio=np.tile(recording.audio, laps),
        frames=tuple(
            (lap * recording.duration_s + time_s, image)
            for lap in range(laps)
            for time_s, image in recording.frames
        ),
        duration_s=laps * recording.duration_s,
        script=tuple(script),
    )
